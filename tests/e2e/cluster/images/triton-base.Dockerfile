# A stand-in for NVIDIA's image, where it cannot be pulled: the tritonserver of a PyPI package, at NVIDIA's places.
FROM docker.io/library/python:3.11-slim-bookworm
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libpython3.11 && rm -rf /var/lib/apt/lists/*
RUN python3 -m pip install --quiet --no-cache-dir --break-system-packages nvidia-pytriton==0.7.0 numpy==1.26.4
COPY triton.sh /usr/local/bin/tritonserver
RUN chmod 755 /usr/local/bin/tritonserver && site=$(python3 -c "import pytriton, os; print(os.path.dirname(pytriton.__file__))") \
    && mkdir -p /opt/tritonserver && ln -s "$site/tritonserver/bin" /opt/tritonserver/bin \
    && cp -r "$site/tritonserver/backends" /opt/tritonserver/backends \
    && cp "$site/tritonserver/python_backend_stubs/3.11/triton_python_backend_stub" /opt/tritonserver/backends/python/ \
    && chmod 755 /opt/tritonserver/backends/python/triton_python_backend_stub /opt/tritonserver/bin/tritonserver \
    && ln -s "$(dirname "$site")/nvidia_pytriton.libs" /opt/tritonserver/lib
