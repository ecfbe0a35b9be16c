{{/* Contradictions between parts of the release. */}}
{{- define "firstframe.checkRelease" -}}
{{- include "firstframe.checkGlobal" . -}}
{{- $production := eq .Values.global.environment "production" -}}
{{- if and .Values.s3.enabled .Values.global.store.endpoint -}}
{{- fail (printf "s3.enabled is set, and global.store.endpoint names another server (%s); drop one of them" .Values.global.store.endpoint) -}}
{{- end -}}
{{- if and (not .Values.s3.enabled) (not .Values.global.store.endpoint) -}}
{{- fail "global.store.endpoint is missing: name an S3 server, or set s3.enabled for a cluster of one" -}}
{{- end -}}
{{- $database := .Values.orchestrator.database -}}
{{- if eq $database.kind "postgres" -}}
{{- if and .Values.postgres.enabled $database.existingSecret -}}
{{- fail (printf "postgres.enabled is set, and orchestrator.database.existingSecret names another database (%s); drop one of them" $database.existingSecret) -}}
{{- end -}}
{{- if and (not .Values.postgres.enabled) (not $database.existingSecret) -}}
{{- fail "orchestrator.database.existingSecret is missing: name a Secret with the key url, or set postgres.enabled for a cluster of one" -}}
{{- end -}}
{{- end -}}
{{- if and $production (or .Values.postgres.enabled .Values.s3.enabled) -}}
{{- fail "postgres.enabled and s3.enabled are for a cluster of one: production needs servers that keep more than one copy" -}}
{{- end -}}
{{- end -}}
