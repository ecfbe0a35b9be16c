# One image for each service: `podman build -f deploy/docker/service.Dockerfile --target imagegen -t imagegen .`
# docs/operations/images.md tells how, and what each holds.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv /opt/tools && /opt/tools/bin/pip install --quiet build==1.3.0 cyclonedx-bom==7.2.1
WORKDIR /src
COPY pyproject.toml README.md ./
COPY services services
RUN /opt/tools/bin/python -m build --wheel --outdir /wheels . >/dev/null
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV TORCH_INDEX=${TORCH_INDEX}
COPY deploy/docker/install.sh /usr/local/bin/install-service
COPY deploy/docker/requirements /requirements

FROM builder AS build-imagegen
RUN sh /usr/local/bin/install-service imagegen
FROM builder AS build-imagegen-diffusers
RUN sh /usr/local/bin/install-service imagegen-diffusers
FROM builder AS build-animation
RUN sh /usr/local/bin/install-service animation
FROM builder AS build-animation-diffusers
RUN sh /usr/local/bin/install-service animation-diffusers
FROM builder AS build-upscaling
RUN sh /usr/local/bin/install-service upscaling
FROM builder AS build-stitching
RUN sh /usr/local/bin/install-service stitching
FROM builder AS build-orchestrator
RUN sh /usr/local/bin/install-service orchestrator
FROM builder AS build-cli
RUN sh /usr/local/bin/install-service cli
FROM builder AS build-models
RUN sh /usr/local/bin/install-service models

FROM ${BASE} AS runtime
# Nobody installs anything here any more; the base's own pip would only be something to find fault with.
RUN rm -rf /usr/local/lib/python3.11/site-packages/pip* /usr/local/lib/python3.11/ensurepip /usr/local/bin/pip* \
    && groupadd --gid 10001 firstframe \
    && useradd --uid 10001 --gid 10001 --home-dir /scratch --no-create-home --shell /usr/sbin/nologin firstframe \
    && install -d -o 10001 -g 10001 /scratch
ENV PATH=/opt/firstframe/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/scratch NUMBA_CACHE_DIR=/scratch/numba
WORKDIR /scratch
USER 10001:10001
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="firstframe" \
      org.opencontainers.image.description="Lock the still, then move it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
EXPOSE 50051 9090

FROM runtime AS renderer
USER root
# What the renderer compiles its kernels with, and a library that it is linked to.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libllvm19 libatomic1 && rm -rf /var/lib/apt/lists/*
USER 10001:10001
ENTRYPOINT ["python3", "-m", "firstframe.imagegen"]
COPY models/packs /usr/local/share/firstframe/packs
ENV PACKS_DIR=/usr/local/share/firstframe/packs

FROM renderer AS imagegen
COPY --from=build-imagegen /opt/firstframe /opt/firstframe

# With `diffusers` the light parts of pipelines run here, on the processor; the heavy modules are Triton's.
FROM renderer AS imagegen-diffusers
COPY --from=build-imagegen-diffusers /opt/firstframe /opt/firstframe

FROM runtime AS animation-diffusers
COPY models/packs /usr/local/share/firstframe/packs
ENV PACKS_DIR=/usr/local/share/firstframe/packs
COPY --from=build-animation-diffusers /opt/firstframe /opt/firstframe
ENTRYPOINT ["python3", "-m", "firstframe.animation"]

FROM runtime AS animation
COPY --from=build-animation /opt/firstframe /opt/firstframe
ENTRYPOINT ["python3", "-m", "firstframe.animation"]

FROM runtime AS upscaling
COPY --from=build-upscaling /opt/firstframe /opt/firstframe
ENTRYPOINT ["python3", "-m", "firstframe.upscaling"]

FROM runtime AS stitching
COPY --from=build-stitching /opt/firstframe /opt/firstframe
ENTRYPOINT ["python3", "-m", "firstframe.stitching"]

FROM runtime AS orchestrator
COPY --from=build-orchestrator /opt/firstframe /opt/firstframe
ENTRYPOINT ["python3", "-m", "firstframe.orchestrator"]

FROM runtime AS cli
COPY --from=build-cli /opt/firstframe /opt/firstframe
ENTRYPOINT ["firstframe"]

# What fetches packs and writes Triton's repository, in the steps before a stage starts.
FROM runtime AS models
COPY models/packs /usr/local/share/firstframe/packs
COPY models/triton /usr/local/share/firstframe/triton
ENV PACKS_DIR=/usr/local/share/firstframe/packs
COPY --from=build-models /opt/firstframe /opt/firstframe
ENTRYPOINT ["firstframe", "models"]
