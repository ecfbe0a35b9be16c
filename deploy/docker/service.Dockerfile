# One image for each service: `podman build -f deploy/docker/service.Dockerfile --target imagegen -t imagegen .`
# docs/operations/images.md tells how, and what each holds.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv /opt/tools && /opt/tools/bin/pip install --quiet build==1.3.0 cyclonedx-bom==7.2.1
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV TORCH_INDEX=${TORCH_INDEX}
COPY deploy/docker/install.sh deploy/docker/finish.sh /usr/local/bin/

FROM builder AS wheel
WORKDIR /src
COPY pyproject.toml README.md ./
COPY services services
RUN /opt/tools/bin/python -m build --wheel --outdir /wheels . >/dev/null

# Libraries first: they stay as they are when only our code changes.
FROM builder AS build-imagegen
COPY deploy/docker/requirements/imagegen.txt /requirements/
RUN sh /usr/local/bin/install.sh imagegen
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-imagegen-diffusers
COPY deploy/docker/requirements/imagegen-diffusers.txt deploy/docker/requirements/torch.txt /requirements/
RUN sh /usr/local/bin/install.sh imagegen-diffusers
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-animation
COPY deploy/docker/requirements/animation.txt /requirements/
RUN sh /usr/local/bin/install.sh animation
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-animation-scene
COPY deploy/docker/requirements/animation-scene.txt /requirements/
RUN sh /usr/local/bin/install.sh animation-scene
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-animation-diffusers
COPY deploy/docker/requirements/animation-diffusers.txt deploy/docker/requirements/torch.txt /requirements/
RUN sh /usr/local/bin/install.sh animation-diffusers
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-upscaling
COPY deploy/docker/requirements/upscaling.txt /requirements/
RUN sh /usr/local/bin/install.sh upscaling
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-stitching
COPY deploy/docker/requirements/stitching.txt /requirements/
RUN sh /usr/local/bin/install.sh stitching
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-orchestrator
COPY deploy/docker/requirements/orchestrator.txt /requirements/
RUN sh /usr/local/bin/install.sh orchestrator
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-cli
COPY deploy/docker/requirements/cli.txt /requirements/
RUN sh /usr/local/bin/install.sh cli
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh
FROM builder AS build-models
COPY deploy/docker/requirements/models.txt deploy/docker/requirements/torch.txt /requirements/
RUN sh /usr/local/bin/install.sh models
COPY --from=wheel /wheels /wheels
RUN sh /usr/local/bin/finish.sh

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

# Films generated sets: with the renderer, on processors or, by FIRSTFRAME_ANIMATION_VARIANT=cuda_ad_rgb, on GPUs.
FROM renderer AS animation-scene
COPY --from=build-animation-scene /opt/firstframe /opt/firstframe
ENTRYPOINT ["python3", "-m", "firstframe.animation"]

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
