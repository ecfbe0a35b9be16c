{{/* Nodes of a stage: (dict "root" $ "nodeSelector" …). GPU nodes are tainted as GPU operators taint them. */}}
{{- define "firstframe.poolPlacement" -}}
{{- $pool := .root.Values.pool -}}
{{- $selector := merge (dict) (.nodeSelector | default dict) $pool.nodeSelector -}}
{{- if $pool.name }}{{ $_ := set $selector $pool.label $pool.name }}{{ end -}}
{{- with $selector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or $pool.name $pool.tolerations .root.Values.gpu.count }}
tolerations:
  {{- if $pool.name }}
  - {key: {{ $pool.label }}, operator: Equal, value: {{ $pool.name }}, effect: NoSchedule}
  {{- end }}
  {{- if .root.Values.gpu.count }}
  - {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}
  {{- end }}
  {{- with .tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $pool.tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* (dict "root" $ "suffix" "" "capacity" "on-demand" "replicas" 1 "scaled" false "nodeSelector" (dict)) */}}
{{- define "firstframe.stageDeployment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $hasModels := gt (len ((($values.models | default dict).packs) | default list)) 0 -}}
{{- $hasTriton := and $hasModels $values.triton.enabled -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "firstframe.name" $root }}{{ .suffix }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "firstframe.labels" $root | nindent 4 }}
    firstframe.dev/capacity: {{ .capacity }}
spec:
  {{- if not .scaled }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    rollingUpdate: {maxSurge: 0, maxUnavailable: 1}
  selector:
    matchLabels:
      {{- include "firstframe.selector" $root | nindent 6 }}
      firstframe.dev/capacity: {{ .capacity }}
  template:
    metadata:
      labels:
        {{- include "firstframe.labels" $root | nindent 8 }}
        firstframe.dev/capacity: {{ .capacity }}
        firstframe.dev/stage: {{ $root.Chart.Name }}
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "firstframe.podCommon" $root | nindent 6 }}
      automountServiceAccountToken: false
      {{- include "firstframe.poolPlacement" (dict "root" $root "nodeSelector" .nodeSelector "tolerations" .tolerations) | nindent 6 }}
      topologySpreadConstraints:
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "firstframe.selector" $root | nindent 14 }}
        {{- end }}
      {{- if $hasModels }}
      initContainers:
        {{- include "firstframe.modelSteps" $root | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ $root.Chart.Name }}
          image: {{ include "firstframe.image" (dict "root" $root "image" $values.image) }}
          imagePullPolicy: {{ $values.global.imagePullPolicy }}
          {{- include "firstframe.portsAndProbes" $root | nindent 10 }}
          env:
            {{- include "firstframe.environment" $root | nindent 12 }}
            - {name: {{ include "firstframe.prefix" $root }}SLOTS, value: {{ $values.slots | quote }}}
            - {name: {{ include "firstframe.prefix" $root }}SCRATCH_DIR, value: /scratch}
            - {name: NUMBA_CACHE_DIR, value: /scratch/numba}
            {{- if $hasModels }}
            {{- include "firstframe.modelEnvironment" $root | nindent 12 }}
            {{- end }}
            {{- if eq $root.Chart.Name "animation" }}
            {{- include "firstframe.consentKey" $root | nindent 12 }}
            {{- end }}
            {{- range $name, $value := $values.settings }}
            - {name: {{ include "firstframe.prefix" $root }}{{ $name }}, value: {{ $value | quote }}}
            {{- end }}
          securityContext:
            {{- include "firstframe.containerSecurity" $root | nindent 12 }}
          resources:
            {{- $gpu := ternary dict $values.gpu $hasTriton }}
            {{- include "firstframe.resources" (dict "resources" $values.resources "gpu" $gpu) | nindent 12 }}
          volumeMounts:
            {{- include "firstframe.mounts" $root | nindent 12 }}
            {{- if $hasModels }}
            - {name: models, mountPath: /models/packs, readOnly: true}
            {{- end }}
      volumes:
        {{- include "firstframe.volumes" $root | nindent 8 }}
        {{- if $hasModels }}
        {{- include "firstframe.modelVolumes" $root | nindent 8 }}
        {{- end }}
{{- end -}}

{{/* (dict "root" $ "suffix" "" "query" "…" "min" 0 "max" 8). Average value: KEDA's HPA makes ceil(metric / threshold) pods of it. */}}
{{- define "firstframe.scaledObject" -}}
{{- $root := .root -}}
{{- $scaling := $root.Values.autoscaling -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ include "firstframe.name" $root }}{{ .suffix }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "firstframe.labels" $root | nindent 4 }}
spec:
  scaleTargetRef: {name: {{ include "firstframe.name" $root }}{{ .suffix }}}
  minReplicaCount: {{ .min }}
  maxReplicaCount: {{ .max }}
  pollingInterval: {{ $scaling.pollingSeconds }}
  cooldownPeriod: {{ $scaling.cooldownSeconds }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 0
          policies: [{type: Percent, value: 100, periodSeconds: 15}, {type: Pods, value: 4, periodSeconds: 15}]
        scaleDown:
          stabilizationWindowSeconds: {{ $scaling.stabilizationSeconds }}
          policies: [{type: Pods, value: {{ $scaling.scaleDownPods }}, periodSeconds: {{ $scaling.scaleDownPeriodSeconds }}}]
  triggers:
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ $scaling.prometheus | quote }}
        query: {{ .query | quote }}
        threshold: {{ sub $scaling.targetWaitSeconds $scaling.coldStartSeconds | quote }}
        activationThreshold: "0"
        ignoreNullValues: "false"
{{- end -}}

{{/* All objects of a stage. */}}
{{- define "firstframe.stage" -}}
{{- include "firstframe.checkStage" . -}}
{{- $scaling := .Values.autoscaling -}}
{{- $backlog := printf "sum(firstframe_dispatch_backlog_gpu_seconds{stage=\"%s\",namespace=\"%s\"})" .Chart.Name .Release.Namespace -}}
{{ include "firstframe.serviceAccount" . }}
---
{{ include "firstframe.service" . }}
---
{{ include "firstframe.disruptionBudget" . }}
---
{{ include "firstframe.stageDeployment" (dict "root" . "suffix" "" "capacity" "on-demand" "replicas" .Values.replicas "scaled" $scaling.enabled) }}
{{- if .Values.spot.enabled }}
---
{{ include "firstframe.stageDeployment" (dict "root" . "suffix" "-spot" "capacity" "spot" "replicas" .Values.spot.minReplicas "scaled" $scaling.enabled "nodeSelector" .Values.spot.nodeSelector "tolerations" (list (dict "key" "firstframe.dev/capacity" "operator" "Equal" "value" "spot" "effect" "NoSchedule"))) }}
{{- end }}
{{- if $scaling.enabled }}
---
{{ include "firstframe.scaledObject" (dict "root" . "suffix" "" "query" $backlog "min" $scaling.minReplicas "max" $scaling.maxReplicas) }}
{{- if .Values.spot.enabled }}
---
{{- $carried := mul $scaling.maxReplicas (sub $scaling.targetWaitSeconds $scaling.coldStartSeconds) }}
{{ include "firstframe.scaledObject" (dict "root" . "suffix" "-spot" "query" (printf "clamp_min(%s - %d, 0)" $backlog $carried) "min" .Values.spot.minReplicas "max" .Values.spot.maxReplicas) }}
{{- end }}
{{- end }}
{{- if .Values.global.network.enabled }}
---
{{ include "firstframe.stagePolicy" . }}
{{- end }}
{{- if .Values.global.tls.enabled }}
---
{{ include "firstframe.certificate" . }}
{{- end }}
{{- if .Values.global.monitoring.enabled }}
---
{{ include "firstframe.podMonitor" . }}
{{- end }}
{{- if (.Values.engines | default dict).enabled }}
{{ include "firstframe.engineJobs" . }}
{{- end }}
{{- end -}}
