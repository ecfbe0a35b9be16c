#!/bin/sh
# install.sh SERVICE: the libraries of one service, locked and hashed, into /opt/firstframe.
set -eu
service=$1
python3 -m venv /opt/firstframe
/opt/firstframe/bin/pip install --quiet --require-hashes --no-deps --requirement "/requirements/$service.txt"
# PyPI's wheel of torch is for GPUs and brings gigabytes of them along; a processor's is in an index of its own.
if [ -f /requirements/torch.txt ]; then
    /opt/firstframe/bin/pip install --quiet --require-hashes --no-deps --index-url "$TORCH_INDEX" --requirement /requirements/torch.txt
fi
# Tests of libraries are dead weight; what is compiled now need not be compiled in a read-only root.
site=/opt/firstframe/lib/python3.11/site-packages
find "$site" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
/opt/firstframe/bin/python -m compileall -q "$site" >/dev/null 2>&1 || true
