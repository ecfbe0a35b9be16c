#!/bin/sh
# Builds the images with podman (or docker: ENGINE=docker) and saves them to build/images/*.tar.
# BASE, BUILD_OPTIONS (`--network=host` by default), VERSION and TORCH_INDEX may be set. Names as arguments build these alone;
# without names those that film or run diffusers are left out, 1 GB each, which no test needs: animation-scene, imagegen-diffusers,
# animation-diffusers.
set -eu
cd "$(dirname "$0")/.."
engine=${ENGINE:-podman}
version=${VERSION:-0.1.0}
options=${BUILD_OPTIONS:---network=host}
revision=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
mkdir -p build/images

build() { # build NAME FILE CONTEXT OPTIONS…
    name=$1 file=$2 context=$3
    shift 3
    # shellcheck disable=SC2086  # options are words
    "$engine" build $options --file "$file" --tag "localhost/firstframe/$name:$version" "$@" "$context"
    rm -f "build/images/$name.tar"
    "$engine" save --output "build/images/$name.tar" "localhost/firstframe/$name:$version"
}

for name in ${*:-imagegen animation upscaling stitching orchestrator cli models}; do
    build "$name" deploy/docker/service.Dockerfile . --target "$name" \
        --build-arg "VERSION=$version" --build-arg "REVISION=$revision" ${BASE:+--build-arg "BASE=$BASE"} ${TORCH_INDEX:+--build-arg "TORCH_INDEX=$TORCH_INDEX"}
done

# For tests alone: servers as images, where no registry can be reached.
if [ $# -eq 0 ] && command -v versitygw >/dev/null; then
    cp "$(command -v versitygw)" tests/e2e/cluster/images/versitygw
    build test-s3 tests/e2e/cluster/images/s3.Dockerfile tests/e2e/cluster/images
    build test-postgres tests/e2e/cluster/images/postgres.Dockerfile tests/e2e/cluster/images
    rm tests/e2e/cluster/images/versitygw
    build test-old-imagegen tests/e2e/cluster/images/old-imagegen.Dockerfile tests/e2e/cluster/images \
        --build-arg "CURRENT=localhost/firstframe/imagegen:$version"
    build test-triton-base tests/e2e/cluster/images/triton-base.Dockerfile tests/e2e/cluster/images
    build test-triton deploy/docker/triton.Dockerfile . --target serve \
        --build-arg "TRITON=localhost/firstframe/test-triton-base:$version"
fi
