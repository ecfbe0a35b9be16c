{{/* What every container may do: nothing but its work. */}}
{{- define "firstframe.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "firstframe.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Resources of one container: (dict "resources" .Values.resources "gpu" .Values.gpu); without gpu no GPUs. */}}
{{- define "firstframe.resources" -}}
requests:
  cpu: {{ .resources.cpu | quote }}
  memory: {{ .resources.memory }}
limits:
  memory: {{ .resources.memory }}
  {{- with .resources.cpuLimit }}
  cpu: {{ . | quote }}
  {{- end }}
  {{- with .gpu }}
  {{- if .count }}
  {{ .resource }}: {{ .count }}
  {{- end }}
  {{- end }}
{{- end -}}

{{/* Settings that every service gets. */}}
{{- define "firstframe.environment" -}}
{{- $prefix := include "firstframe.prefix" . -}}
{{- $global := .Values.global -}}
- {name: {{ $prefix }}LISTEN, value: "0.0.0.0:50051"}
- {name: {{ $prefix }}METRICS_LISTEN, value: "0.0.0.0:9090"}
- {name: {{ $prefix }}DRAIN_GRACE_S, value: {{ .Values.drainGraceSeconds | quote }}}
- {name: {{ $prefix }}LOG_LEVEL, value: {{ $global.logLevel }}}
- {name: {{ $prefix }}REFLECTION, value: {{ $global.reflection | quote }}}
{{ include "firstframe.storeEnvironment" (dict "root" . "prefix" $prefix) }}
{{- if $global.tls.enabled }}
- {name: {{ $prefix }}TLS__CERTIFICATE, value: /tls/tls.crt}
- {name: {{ $prefix }}TLS__KEY, value: /tls/tls.key}
- {name: {{ $prefix }}TLS__CA, value: /tls/ca.crt}
- {name: {{ $prefix }}TLS__DOMAIN, value: {{ $global.tls.domain | quote }}}
{{- end }}
{{- with $global.telemetry.endpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
- {name: OTEL_TRACES_SAMPLER, value: parentbased_traceidratio}
- {name: OTEL_TRACES_SAMPLER_ARG, value: {{ $global.telemetry.ratio | quote }}}
{{- end }}
- {name: HOME, value: /scratch}
- {name: TMPDIR, value: /scratch}
{{- end -}}

{{/* The artifact store: (dict "root" $ "prefix" "FIRSTFRAME_…_"). */}}
{{- define "firstframe.storeEnvironment" -}}
{{- $prefix := .prefix -}}
{{- $store := .root.Values.global.store -}}
{{- $secret := $store.existingSecret | default (printf "%s-s3" .root.Release.Name) -}}
- {name: {{ $prefix }}STORE__KIND, value: s3}
- {name: {{ $prefix }}STORE__S3_ENDPOINT, value: {{ $store.endpoint | default (printf "%s-s3:7070" .root.Release.Name) | quote }}}
- {name: {{ $prefix }}STORE__S3_BUCKET, value: {{ $store.bucket | quote }}}
- {name: {{ $prefix }}STORE__S3_REGION, value: {{ $store.region | quote }}}
- {name: {{ $prefix }}STORE__S3_SECURE, value: {{ $store.secure | quote }}}
- name: {{ $prefix }}STORE__S3_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: access-key}}
- name: {{ $prefix }}STORE__S3_SECRET_KEY
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: secret-key}}
{{- end -}}

{{/* Ports and probes of every service. */}}
{{- define "firstframe.portsAndProbes" -}}
ports:
  - {name: grpc, containerPort: 50051}
  - {name: metrics, containerPort: 9090}
startupProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: {{ div (add .Values.startupSeconds 4) 5 }}
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{- define "firstframe.mounts" -}}
- {name: scratch, mountPath: /scratch}
{{- if .Values.global.tls.enabled }}
- {name: tls, mountPath: /tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "firstframe.volumes" -}}
- name: scratch
  emptyDir: {sizeLimit: {{ .Values.scratchSize }}}
{{- if .Values.global.tls.enabled }}
- name: tls
  secret: {secretName: {{ include "firstframe.name" . }}-tls, defaultMode: 0440}
{{- end }}
{{- end -}}

{{/* What a pod has besides its containers. The grace is longer than the drain, so that the drain ends by itself. */}}
{{- define "firstframe.podCommon" -}}
serviceAccountName: {{ include "firstframe.name" . }}
securityContext:
  {{- include "firstframe.podSecurity" . | nindent 2 }}
priorityClassName: {{ include "firstframe.priorityClass" . }}
terminationGracePeriodSeconds: {{ add .Values.drainGraceSeconds 30 }}
enableServiceLinks: false
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}
