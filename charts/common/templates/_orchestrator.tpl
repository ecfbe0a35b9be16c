{{/* Stages as the orchestrator follows them: `namespace/service:port` by stage. */}}
{{- define "firstframe.stageServices" -}}
{{- $services := dict -}}
{{- range .Values.stages -}}
{{- $_ := set $services . (printf "%s/%s:grpc" $.Release.Namespace (printf "%s-%s" $.Release.Name . | trunc 52 | trimSuffix "-")) -}}
{{- end -}}
{{- $services | toJson -}}
{{- end -}}
