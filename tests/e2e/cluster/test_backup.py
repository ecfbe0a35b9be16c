"""docs/operations/backup.md, done: both servers are emptied, and campaigns and files are there again."""

from __future__ import annotations

import json

import pytest

from support.charts import NAMESPACE, RELEASE, ROOT
from support.cluster_run import Run, brief, in_client, videos
from support.real_cluster import Cluster, all_ready
from support.umbrella import until

MIRROR = (ROOT / "scripts" / "mirror_bucket.py").read_text()
POSTGRES = "PGPASSWORD=$POSTGRES_PASSWORD {program} -h 127.0.0.1 -U firstframe firstframe"
EMPTY = "DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS dbos CASCADE; CREATE SCHEMA public;"

pytestmark = pytest.mark.timeout(1200)


def in_postgres(cluster: Cluster, program: str, stdin: str = "") -> str:
    shell = ("sh", "-c", POSTGRES.format(program=program))
    return cluster.kubectl("exec", "-i", "-n", NAMESPACE, f"{RELEASE}-postgres-0", "--", *shell, stdin=stdin)


def mirror(cluster: Cluster, what: str) -> int:
    """Objects that were copied or removed."""
    return int(in_client(cluster, "python3", "-", what, "/scratch/bucket", stdin=MIRROR))


def scale(cluster: Cluster, replicas: int) -> None:
    cluster.kubectl("scale", "-n", NAMESPACE, f"statefulset/{RELEASE}-orchestrator", f"--replicas={replicas}")


def test_campaigns_and_artifacts_come_back_from_a_backup(cluster: Cluster) -> None:
    Run(cluster, "kept", brief("kept", 5)).finish()
    before = json.loads(in_client(cluster, "firstframe", "status", "kept", "--json"))
    files = videos(cluster, "kept")
    dump = in_postgres(cluster, "pg_dump --clean --if-exists")
    saved = mirror(cluster, "save")
    assert "CREATE TABLE" in dump
    assert saved > 4

    scale(cluster, 0)
    until(lambda: not cluster.pods("orchestrator"), "the orchestrator's end", 120)
    in_postgres(cluster, "psql -q", stdin=EMPTY)
    assert mirror(cluster, "wipe") == saved
    in_postgres(cluster, "psql -q", stdin=dump)
    assert mirror(cluster, "restore") == saved
    scale(cluster, 1)
    until(lambda: all_ready(cluster), "the orchestrator's return", 180)

    assert json.loads(in_client(cluster, "firstframe", "status", "kept", "--json")) == before
    # The files are asked for anew, into an empty folder: nothing is made again, and they are the same.
    in_client(cluster, "rm", "-r", "/scratch/kept")
    Run(cluster, "kept", brief("kept", 5)).finish()
    assert videos(cluster, "kept") == files
    assert json.loads(in_client(cluster, "firstframe", "status", "kept", "--json")) == before
