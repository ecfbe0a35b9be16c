#!/bin/sh
export LD_LIBRARY_PATH=/opt/tritonserver/lib:/usr/lib/x86_64-linux-gnu
exec /opt/tritonserver/bin/tritonserver --backend-directory=/opt/tritonserver/backends "$@"
