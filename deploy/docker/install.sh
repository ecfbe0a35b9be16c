#!/bin/sh
# install.sh SERVICE: what one service needs, locked and hashed, into /opt/firstframe; its bill of materials beside it.
set -eu
service=$1
python3 -m venv /opt/firstframe
/opt/firstframe/bin/pip install --quiet --require-hashes --no-deps --requirement "/requirements/$service.txt"
case $service in
*-diffusers | models)
    # PyPI's wheel of torch is for GPUs and brings gigabytes of them along; a processor's is in an index of its own.
    /opt/firstframe/bin/pip install --quiet --require-hashes --no-deps --index-url "$TORCH_INDEX" --requirement /requirements/torch.txt
    ;;
esac
/opt/firstframe/bin/pip install --quiet --no-deps --no-index /wheels/*.whl
/opt/firstframe/bin/pip check
/opt/firstframe/bin/pip uninstall --quiet --yes pip setuptools 2>/dev/null
mkdir -p /opt/firstframe/share
/opt/tools/bin/cyclonedx-py environment --output-reproducible --output-format JSON \
    --output-file /opt/firstframe/share/sbom.json /opt/firstframe/bin/python
# Tests and headers of libraries are dead weight; what is compiled now need not be compiled in a read-only root.
site=/opt/firstframe/lib/python3.11/site-packages
find "$site" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
/opt/firstframe/bin/python -m compileall -q "$site" || true
