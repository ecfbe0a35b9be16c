# Debian's Postgres behind the settings of the official image, for a machine without a registry.
FROM docker.io/library/python:3.11-slim-bookworm
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql postgresql-client && rm -rf /var/lib/apt/lists/*
COPY postgres.sh /usr/local/bin/start
RUN useradd --uid 10001 --no-create-home --home-dir /data postgres-user
USER 10001
ENTRYPOINT ["/bin/sh", "/usr/local/bin/start"]
