#!/bin/sh
# Fetches what each chart depends on, from this checkout: afterwards `helm install ff deploy/helm -f deploy/helm/values-local.yaml`.
set -eu
cd "$(dirname "$0")/.."
for chart in charts/imagegen charts/animation charts/upscaling charts/stitching charts/orchestrator deploy/helm; do
    helm dependency update "$chart" >/dev/null
    echo "$chart"
done
