{{/* Stages as the orchestrator follows them: `namespace/service:port` by stage. */}}
{{- define "firstframe.stageServices" -}}
{{- $services := dict -}}
{{- range .Values.stages -}}
{{- $_ := set $services . (printf "%s/%s:grpc" $.Release.Namespace (printf "%s-%s" $.Release.Name . | trunc 52 | trimSuffix "-")) -}}
{{- end -}}
{{- $services | toJson -}}
{{- end -}}

{{- define "firstframe.databaseUrl" -}}
- name: {{ include "firstframe.prefix" . }}DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.database.existingSecret | default (printf "%s-postgres" .Release.Name) }}, key: url}}
{{- end -}}

{{- define "firstframe.approvalKey" -}}
{{- with .Values.approvalKey.existingSecret }}
- name: {{ include "firstframe.prefix" $ }}APPROVAL_KEY
  valueFrom: {secretKeyRef: {name: {{ . }}, key: key}}
{{- end }}
{{- end -}}

{{/* The orchestrator seals grants of consent with it, and animation checks them. */}}
{{- define "firstframe.consentKey" -}}
{{- with .Values.global.consentKey.existingSecret }}
- name: {{ include "firstframe.prefix" $ }}CONSENT_KEY
  valueFrom: {secretKeyRef: {name: {{ . }}, key: key}}
{{- end }}
{{- end -}}

{{/* Where the orchestrator's database is, as an edge. */}}
{{- define "firstframe.egressPostgres" -}}
{{- if .Values.database.existingSecret }}
- ports:
    - {port: {{ .Values.database.port }}, protocol: TCP}
{{- else }}
- to:
    - podSelector: {matchLabels: {app.kubernetes.io/name: postgres, app.kubernetes.io/instance: {{ .Release.Name }}}}
  ports:
    - {port: 5432, protocol: TCP}
{{- end }}
{{- end -}}
