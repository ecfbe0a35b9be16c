#!/bin/sh
# finish.sh: our own code into /opt/firstframe; its bill of materials beside it.
set -eu
/opt/firstframe/bin/pip install --quiet --no-deps --no-index /wheels/*.whl
/opt/firstframe/bin/pip check
/opt/firstframe/bin/pip uninstall --quiet --yes pip setuptools 2>/dev/null
mkdir -p /opt/firstframe/share
/opt/tools/bin/cyclonedx-py environment --output-reproducible --output-format JSON \
    --output-file /opt/firstframe/share/sbom.json /opt/firstframe/bin/python
/opt/firstframe/bin/python -m compileall -q /opt/firstframe/lib/python3.11/site-packages/firstframe
