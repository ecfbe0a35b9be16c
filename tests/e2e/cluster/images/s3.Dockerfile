# versitygw from the machine that builds it, for a machine without a registry.
FROM docker.io/library/python:3.11-slim-bookworm
COPY versitygw /usr/local/bin/versitygw
USER 10001:10001
ENTRYPOINT ["versitygw"]
