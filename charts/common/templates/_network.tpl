{{/* Edges of a service. What is not named is denied by the release's own policy for all its pods. */}}
{{- define "firstframe.egressCommon" -}}
- to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .Values.global.network.dnsNamespace }}}}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- if .Values.global.store.endpoint }}
- ports:
    - {port: {{ .Values.global.store.port }}, protocol: TCP}
{{- else }}
- to:
    - podSelector: {matchLabels: {app.kubernetes.io/name: s3, app.kubernetes.io/instance: {{ .Release.Name }}}}
  ports:
    - {port: 7070, protocol: TCP}
{{- end }}
{{- if .Values.global.telemetry.endpoint }}
- ports:
    - {port: {{ .Values.global.telemetry.port }}, protocol: TCP}
{{- end }}
{{- if and .Values.global.telemetry.httpEndpoint (.Values.triton | default dict).enabled }}
- ports:
    - {port: {{ .Values.global.telemetry.httpPort }}, protocol: TCP}
{{- end }}
{{- end -}}

{{- define "firstframe.ingressMetrics" -}}
- from:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .Values.global.monitoring.namespace }}}}
  ports:
    - {port: metrics, protocol: TCP}
    {{- if (.Values.triton | default dict).enabled }}
    - {port: triton-metrics, protocol: TCP}
    {{- end }}
{{- end -}}

{{- define "firstframe.stagePolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "firstframe.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "firstframe.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "firstframe.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app.kubernetes.io/name: orchestrator, app.kubernetes.io/instance: {{ .Release.Name }}}}
      ports:
        - {port: grpc, protocol: TCP}
    {{- include "firstframe.ingressMetrics" . | nindent 4 }}
  egress:
    {{- include "firstframe.egressCommon" . | nindent 4 }}
    {{- with .Values.models }}
    {{- if and .packs (not .volume.existingClaim) }}
    # Every pod fetches its packs from where they are published.
    - ports:
        - {port: 443, protocol: TCP}
    {{- end }}
    {{- end }}
{{- end -}}
