{{/* Contradictions, refused with the reason and the value to change. */}}
{{- define "firstframe.checkGlobal" -}}
{{- $global := .Values.global -}}
{{- $chart := .Chart.Name -}}
{{- if and $global.store.endpoint (not $global.store.existingSecret) -}}
{{- fail (printf "%s: global.store.existingSecret is missing: an S3 server of your own (%s) needs a Secret with the keys access-key and secret-key" $chart $global.store.endpoint) -}}
{{- end -}}
{{- if and (not $global.tls.issuer.create) (not $global.tls.issuer.name) $global.tls.enabled -}}
{{- fail (printf "%s: global.tls.issuer.name is missing: name an Issuer of cert-manager, or set global.tls.issuer.create" $chart) -}}
{{- end -}}
{{- if eq $global.environment "production" -}}
{{- if not $global.tls.enabled -}}
{{- fail (printf "%s: global.tls.enabled is false in production: services would speak in the clear" $chart) -}}
{{- end -}}
{{- if $global.reflection -}}
{{- fail (printf "%s: global.reflection is true in production: servers would describe themselves to every caller" $chart) -}}
{{- end -}}
{{- if not $global.network.enabled -}}
{{- fail (printf "%s: global.network.enabled is false in production: every pod of the cluster could call the services" $chart) -}}
{{- end -}}
{{- if not $global.store.endpoint -}}
{{- fail (printf "%s: global.store.endpoint is empty in production: the release's own S3 server keeps one copy in one pod" $chart) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "firstframe.checkStage" -}}
{{- include "firstframe.checkGlobal" . -}}
{{- $chart := .Chart.Name -}}
{{- $scaling := .Values.autoscaling -}}
{{- if $scaling.enabled -}}
{{- if ge (int $scaling.coldStartSeconds) (int $scaling.targetWaitSeconds) -}}
{{- fail (printf "%s: autoscaling.targetWaitSeconds (%d) must be more than autoscaling.coldStartSeconds (%d): a pod that starts later than work may wait helps nobody" $chart (int $scaling.targetWaitSeconds) (int $scaling.coldStartSeconds)) -}}
{{- end -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail (printf "%s: autoscaling.minReplicas (%d) is above autoscaling.maxReplicas (%d)" $chart (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.spot.enabled (gt (int .Values.spot.minReplicas) (int .Values.spot.maxReplicas)) -}}
{{- fail (printf "%s: spot.minReplicas (%d) is above spot.maxReplicas (%d)" $chart (int .Values.spot.minReplicas) (int .Values.spot.maxReplicas)) -}}
{{- end -}}
{{- if and .Values.gpu.count (not .Values.pool.name) (eq .Values.global.environment "production") -}}
{{- fail (printf "%s: pool.name is empty but gpu.count is %d: in production every stage has GPU nodes of its own" $chart (int .Values.gpu.count)) -}}
{{- end -}}
{{- if and (hasSuffix ".shared" .Values.gpu.resource) (gt (int .Values.gpu.count) 1) -}}
{{- fail (printf "%s: gpu.count is %d of %s: a time-sliced GPU is lent once to a pod, more of it gives no more time; use 1" $chart (int .Values.gpu.count) .Values.gpu.resource) -}}
{{- end -}}
{{- with .Values.models -}}
{{- if and $.Values.triton.enabled (not .packs) -}}
{{- fail (printf "%s: triton.enabled is set but models.packs is empty: it would serve nothing" $chart) -}}
{{- end -}}
{{- if and $.Values.triton.enabled $.Values.triton.arch (not $.Values.gpu.count) -}}
{{- fail (printf "%s: triton.arch is %s but gpu.count is 0: TensorRT needs a GPU" $chart $.Values.triton.arch) -}}
{{- end -}}
{{- if $.Values.engines.enabled -}}
{{- if not $.Values.engines.image -}}
{{- fail (printf "%s: engines.image is missing: name an image with TensorRT and firstframe (deploy/docker/triton.Dockerfile)" $chart) -}}
{{- end -}}
{{- if not $.Values.engines.architectures -}}
{{- fail (printf "%s: engines.architectures is empty: name one, such as sm_90: {}" $chart) -}}
{{- end -}}
{{- if not .packs -}}
{{- fail (printf "%s: engines.enabled is set but models.packs is empty: there is nothing to build" $chart) -}}
{{- end -}}
{{- if and $.Values.triton.arch (not (hasKey $.Values.engines.architectures $.Values.triton.arch)) -}}
{{- fail (printf "%s: triton.arch %s is not among engines.architectures (%s): nobody would build its engines" $chart $.Values.triton.arch (keys $.Values.engines.architectures | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "firstframe.checkOrchestrator" -}}
{{- include "firstframe.checkGlobal" . -}}
{{- $database := .Values.database -}}
{{- if and (eq $database.kind "sqlite") (eq .Values.global.environment "production") -}}
{{- fail "orchestrator: database.kind is sqlite in production: campaigns would be on one node's disk; use postgres" -}}
{{- end -}}
{{- if and (eq $database.kind "sqlite") $database.existingSecret -}}
{{- fail (printf "orchestrator: database.existingSecret (%s) is not used with database.kind sqlite; drop one of them" $database.existingSecret) -}}
{{- end -}}
{{- if and (eq $database.kind "postgres") (not $database.existingSecret) (eq .Values.global.environment "production") -}}
{{- fail "orchestrator: database.existingSecret is missing: name a Secret with the key url" -}}
{{- end -}}
{{- if not .Values.stages -}}
{{- fail "orchestrator: stages is empty: without stages no campaign can run" -}}
{{- end -}}
{{- end -}}
