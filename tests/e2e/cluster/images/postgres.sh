#!/bin/sh
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA as the official image takes them.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" >/tmp/password
    "$bin/initdb" --pgdata "$PGDATA" --username "$POSTGRES_USER" --pwfile /tmp/password --auth scram-sha-256 >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    "$bin/pg_ctl" --pgdata "$PGDATA" --wait --options "-c listen_addresses= -c unix_socket_directories=/tmp" start >/dev/null
    PGPASSWORD=$POSTGRES_PASSWORD "$bin/createdb" --host /tmp --username "$POSTGRES_USER" "$POSTGRES_DB"
    "$bin/pg_ctl" --pgdata "$PGDATA" --wait stop >/dev/null
fi
exec "$bin/postgres" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp
