# NVIDIA's server with what graphs need that run on its processors, and, as `build`, with what makes engines.
# Packs are not in it: a step before the stage starts writes the model repository from the volume of packs and the store.
#   podman build -f deploy/docker/triton.Dockerfile --target serve -t firstframe/triton .
ARG TRITON=nvcr.io/nvidia/tritonserver:26.10-py3
FROM ${TRITON} AS serve
USER root
COPY deploy/docker/requirements/triton.txt /usr/local/share/firstframe/requirements/triton.txt
# Into the Python that the server's backend starts, whose own NumPy stays: its stub was built against that one.
RUN python3 -m pip install --quiet --no-cache-dir --break-system-packages --no-deps --require-hashes \
        --requirement /usr/local/share/firstframe/requirements/triton.txt \
    && python3 -c "import numpy, onnxruntime, ai_edge_litert.interpreter"
RUN groupadd --gid 10001 firstframe && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /scratch firstframe
USER 10001:10001
ENTRYPOINT ["tritonserver"]

# Jobs that build engines: firstframe, Model Optimizer and trtexec beside the same TensorRT that will run what they build.
FROM serve AS build
USER root
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /src
COPY pyproject.toml README.md ./
COPY services services
RUN python3 -m venv /opt/firstframe \
    && /opt/firstframe/bin/pip install --quiet --no-cache-dir --extra-index-url "$TORCH_INDEX" \
        ".[packs,triton,cli,export]" "nvidia-modelopt>=0.47,<1" "onnxruntime>=1.30,<2" \
        cppimport lief ml-dtypes onnx-graphsurgeon onnxconverter-common onnxslim polygraphy \
    && /opt/firstframe/bin/python -c "import firstframe.cli.main, modelopt.onnx.autocast"
COPY models/packs /usr/local/share/firstframe/packs
ENV PACKS_DIR=/usr/local/share/firstframe/packs PATH=/opt/firstframe/bin:/usr/src/tensorrt/bin:$PATH HOME=/scratch
WORKDIR /scratch
USER 10001:10001
ENTRYPOINT ["firstframe", "models"]
