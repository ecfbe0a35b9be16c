{{/* Objects that every service has. */}}
{{- define "firstframe.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "firstframe.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "firstframe.labels" . | nindent 4 }}
automountServiceAccountToken: false
{{- end -}}

{{- define "firstframe.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "firstframe.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "firstframe.labels" . | nindent 4 }}
spec:
  {{- /* Clients spread their calls over pods themselves: a virtual IP would pin a connection to one. */}}
  clusterIP: None
  selector:
    {{- include "firstframe.selector" . | nindent 4 }}
  ports:
    - {name: grpc, port: 50051, targetPort: grpc, appProtocol: grpc}
{{- end -}}

{{- define "firstframe.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "firstframe.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "firstframe.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .Values.disruption.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "firstframe.selector" . | nindent 6 }}
{{- end -}}

{{- define "firstframe.certificate" -}}
{{- $tls := .Values.global.tls -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {{ include "firstframe.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "firstframe.labels" . | nindent 4 }}
spec:
  secretName: {{ include "firstframe.name" . }}-tls
  duration: {{ $tls.duration }}
  renewBefore: {{ $tls.renewBefore }}
  dnsNames:
    - {{ .Chart.Name }}.{{ $tls.domain }}
  usages: [server auth, client auth]
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
  issuerRef:
    name: {{ $tls.issuer.name | default (printf "%s-ca" .Release.Name) }}
    kind: {{ $tls.issuer.kind }}
    group: cert-manager.io
{{- end -}}

{{- define "firstframe.podMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ include "firstframe.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "firstframe.labels" . | nindent 4 }}
    {{- with .Values.global.monitoring.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "firstframe.selector" . | nindent 6 }}
  podTargetLabels: [app.kubernetes.io/name, app.kubernetes.io/instance, firstframe.dev/capacity]
  podMetricsEndpoints:
    - {port: metrics, path: /metrics, interval: 15s}
    {{- if (.Values.triton | default dict).enabled }}
    - {port: triton-metrics, path: /metrics, interval: 15s}
    {{- end }}
{{- end -}}
