{{/* Name of a service's objects: `<release>-<chart>`. */}}
{{- define "firstframe.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels that a selector uses; they never change. */}}
{{- define "firstframe.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "firstframe.labels" -}}
{{ include "firstframe.selector" . }}
app.kubernetes.io/part-of: firstframe
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* Reference of an image: (dict "root" $ "image" .Values.image). */}}
{{- define "firstframe.image" -}}
{{- $global := .root.Values.global -}}
{{- $name := printf "%s/%s" $global.imageRegistry .image.name -}}
{{- if .image.digest -}}
{{ printf "%s@%s" $name .image.digest }}
{{- else -}}
{{ printf "%s:%s" $name (.image.tag | default $global.imageTag | default .root.Chart.AppVersion) }}
{{- end -}}
{{- end -}}

{{/* Prefix of a service's settings. */}}
{{- define "firstframe.prefix" -}}
FIRSTFRAME_{{ .Chart.Name | upper }}_
{{- end -}}

{{- define "firstframe.priorityClass" -}}
{{- .Values.priorityClass | default (printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-") -}}
{{- end -}}
