{{/* Learned models: settings, the volume they are on, how they come there, and the server beside the stage. */}}
{{- define "firstframe.modelEnvironment" -}}
{{- $prefix := include "firstframe.prefix" . -}}
{{- $models := .Values.models -}}
- {name: {{ $prefix }}MODELS__PACKS, value: {{ $models.packs | toJson | quote }}}
- {name: {{ $prefix }}MODELS__HOME, value: /models/packs}
- {name: {{ $prefix }}MODELS__MEMORY_MB, value: {{ $models.memoryMB | quote }}}
- {name: {{ $prefix }}MODELS__STEP_TIMEOUT_S, value: {{ $models.stepTimeoutSeconds | quote }}}
- {name: {{ $prefix }}MODELS__CANARY_PERIOD_S, value: {{ $models.canaryPeriodSeconds | quote }}}
{{- if .Values.triton.enabled }}
- {name: {{ $prefix }}MODELS__TRITON, value: "127.0.0.1:8001"}
{{- end }}
{{- end -}}

{{- define "firstframe.modelVolumes" -}}
- name: models
  {{- if .Values.models.volume.existingClaim }}
  persistentVolumeClaim: {claimName: {{ .Values.models.volume.existingClaim }}, readOnly: true}
  {{- else }}
  emptyDir: {sizeLimit: {{ .Values.models.volume.size }}}
  {{- end }}
{{- if .Values.triton.enabled }}
- name: repository
  emptyDir: {sizeLimit: {{ .Values.models.volume.size }}}
- name: shared-memory
  emptyDir: {medium: Memory, sizeLimit: {{ .Values.triton.sharedMemory }}}
{{- end }}
{{- end -}}

{{/* Steps before the service starts: packs, where no claim has them; then what Triton reads. */}}
{{- define "firstframe.modelSteps" -}}
{{- $root := . -}}
{{- if not .Values.models.volume.existingClaim }}
- name: pull
  image: {{ include "firstframe.image" (dict "root" . "image" .Values.models.image) }}
  imagePullPolicy: {{ .Values.global.imagePullPolicy }}
  command: [firstframe, models, pull, --home, /models/packs]
  args: {{ .Values.models.packs | toJson }}
  env:
    - {name: HOME, value: /scratch}
  securityContext:
    {{- include "firstframe.containerSecurity" . | nindent 4 }}
  resources:
    {{- include "firstframe.resources" (dict "resources" .Values.resources) | nindent 4 }}
  volumeMounts:
    - {name: scratch, mountPath: /scratch}
    - {name: models, mountPath: /models/packs}
{{- end }}
{{- if .Values.triton.enabled }}
- name: repository
  image: {{ include "firstframe.image" (dict "root" . "image" .Values.models.image) }}
  imagePullPolicy: {{ .Values.global.imagePullPolicy }}
  command: [firstframe, serve, triton, --write-only, --home, /models/packs, --repository, /models/repository/served]
  args:
    {{- range .Values.models.packs }}
    - --model={{ . }}
    {{- end }}
    {{- with .Values.triton.arch }}
    - --arch={{ . }}
    {{- end }}
  env:
    - {name: HOME, value: /scratch}
    {{- include "firstframe.storeEnvironment" (dict "root" . "prefix" "FIRSTFRAME_MODELS_") | nindent 4 }}
  securityContext:
    {{- include "firstframe.containerSecurity" . | nindent 4 }}
  resources:
    {{- include "firstframe.resources" (dict "resources" .Values.resources) | nindent 4 }}
  volumeMounts:
    - {name: scratch, mountPath: /scratch}
    - {name: models, mountPath: /models/packs}
    - {name: repository, mountPath: /models/repository}
# A sidecar: it starts before the service and ends after it.
- name: triton
  image: {{ .Values.triton.image }}
  imagePullPolicy: {{ .Values.global.imagePullPolicy }}
  restartPolicy: Always
  command: [tritonserver]
  args:
    - --model-repository=/models/repository/served
    - --model-control-mode=explicit
    - --load-model=canary
    - --exit-on-error=false
    - --disable-auto-complete-config
    - --allow-http=false
    - --grpc-address=127.0.0.1
    - --grpc-port=8001
    - --metrics-address=0.0.0.0
    - --metrics-port=8002
    {{- if .Values.global.telemetry.httpEndpoint }}
    # It goes on in traces that are under way and begins none.
    - --trace-config=mode=opentelemetry
    - --trace-config=level=TIMESTAMPS
    - --trace-config=rate=0
    - --trace-config=opentelemetry,url={{ $root.Values.global.telemetry.httpEndpoint }}/v1/traces
    - --trace-config=opentelemetry,resource=service.name=triton
    {{- end }}
  ports:
    - {name: triton-metrics, containerPort: 8002}
  startupProbe:
    httpGet: {path: /metrics, port: triton-metrics}
    periodSeconds: 5
    timeoutSeconds: 3
    failureThreshold: {{ div (add .Values.startupSeconds 4) 5 }}
  env:
    - {name: HOME, value: /scratch}
    - {name: TMPDIR, value: /scratch}
  securityContext:
    {{- include "firstframe.containerSecurity" . | nindent 4 }}
  resources:
    {{- include "firstframe.resources" (dict "resources" .Values.triton.resources "gpu" .Values.gpu) | nindent 4 }}
  volumeMounts:
    - {name: scratch, mountPath: /scratch}
    # Its Python backend makes a folder in /tmp, whatever TMPDIR says.
    - {name: scratch, mountPath: /tmp}
    - {name: repository, mountPath: /models/repository, readOnly: true}
    - {name: shared-memory, mountPath: /dev/shm}
{{- end }}
{{- end -}}

{{/* One Job for each architecture; a hook, so that engines are there before the Deployment rolls. */}}
{{- define "firstframe.engineJobs" -}}
{{- $root := . -}}
{{- range $arch, $nodes := .Values.engines.architectures }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "firstframe.name" $root }}-engines-{{ $arch | replace "_" "-" }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "firstframe.labels" $root | nindent 4 }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "5"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 1
  activeDeadlineSeconds: {{ $root.Values.engines.deadlineSeconds }}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {{ $root.Chart.Name }}-engines
        app.kubernetes.io/instance: {{ $root.Release.Name }}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext:
        {{- include "firstframe.podSecurity" $root | nindent 8 }}
      {{- include "firstframe.poolPlacement" (dict "root" $root "nodeSelector" $nodes) | nindent 6 }}
      {{- with $root.Values.global.imagePullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      containers:
        - name: build
          image: {{ $root.Values.engines.image }}
          imagePullPolicy: {{ $root.Values.global.imagePullPolicy }}
          command: [/bin/sh, -ec]
          args:
            - |
              {{- range $root.Values.models.packs }}
              firstframe models pull --home /models/packs {{ . }}
              firstframe models export --home /models/packs {{ . }}
              firstframe models build --home /models/packs --target tensorrt --arch {{ $arch }} {{ . }}
              {{- end }}
          env:
            - {name: HOME, value: /scratch}
            - {name: TMPDIR, value: /scratch}
            {{- include "firstframe.storeEnvironment" (dict "root" $root "prefix" "FIRSTFRAME_MODELS_") | nindent 12 }}
          securityContext:
            {{- include "firstframe.containerSecurity" $root | nindent 12 }}
          resources:
            {{- $gpu := dict "resource" $root.Values.gpu.resource "count" 1 }}
            {{- include "firstframe.resources" (dict "resources" $root.Values.engines.resources "gpu" $gpu) | nindent 12 }}
          volumeMounts:
            - {name: scratch, mountPath: /scratch}
            - {name: models, mountPath: /models/packs}
      volumes:
        - name: scratch
          emptyDir: {sizeLimit: {{ $root.Values.scratchSize }}}
        - name: models
          {{- if $root.Values.models.volume.existingClaim }}
          persistentVolumeClaim: {claimName: {{ $root.Values.models.volume.existingClaim }}}
          {{- else }}
          emptyDir: {sizeLimit: {{ $root.Values.models.volume.size }}}
          {{- end }}
{{- end }}
{{- end -}}
