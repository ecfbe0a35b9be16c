"""A campaign inside a cluster: submitted from a pod, made by pods, delivered to an S3 server, over mutual TLS."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from support.charts import NAMESPACE, RELEASE
from support.real_cluster import Cluster, all_ready, install_local, real_cluster
from support.umbrella import until

RUN_S = 900
BRIEF = """
campaign: {name}
seed: {seed}
heroes:
  - name: bottle
    set: {{scene: studio, palette: sage-noon, copy: "First Light"}}
formats: ["9:16"]
motion: {{recipe: slow-push, seconds: 3, fps: 24}}
deliver: [tiktok]
approval: auto
quality: draft
"""

pytestmark = pytest.mark.timeout(2400)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with real_cluster(tmp_path_factory.mktemp("real") / "state") as found:
        install_local(found)
        yield found


class Run:
    """`firstframe run` in the client's pod, followed from here."""

    def __init__(self, cluster: Cluster, name: str, seed: int) -> None:
        brief = BRIEF.format(name=name, seed=seed)
        in_client(cluster, "python3", "-c", f"open('/scratch/{name}.yaml', 'w').write({brief!r})")
        command = ["firstframe", "run", f"/scratch/{name}.yaml", "--out", f"/scratch/{name}", "--json"]
        self.process = cluster.start("exec", "-n", NAMESPACE, f"deployment/{RELEASE}-client", "--", *command)
        self.events: list[dict[str, Any]] = []
        self.errors = ""
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.startswith("{"):
                    self.events.append(json.loads(line))

    def seen(self, text: str) -> bool:
        assert self.process.poll() in (None, 0), self.events[-3:]
        return any(text in json.dumps(event) for event in self.events)

    def finish(self) -> dict[str, Any]:
        try:
            code = self.process.wait(RUN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reading.join(30)
        assert code == 0, self.events[-3:]
        return self.events[-1]


def in_client(cluster: Cluster, *command: str) -> str:
    return cluster.kubectl("exec", "-n", NAMESPACE, f"deployment/{RELEASE}-client", "--", *command)


LOOK = """
import av, json, pathlib, sys
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.mp4")):
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        found[path.name] = [stream.width, stream.height, sum(1 for _ in video.decode(stream))]
print(json.dumps(found))
"""


def videos(cluster: Cluster, name: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = json.loads(in_client(cluster, "python3", "-c", LOOK, f"/scratch/{name}"))
    return found


def log_of(cluster: Cluster, service: str) -> str:
    return cluster.kubectl("logs", "-n", NAMESPACE, "-l", f"app.kubernetes.io/name={service}", "--tail=-1")


def test_every_service_is_reached_by_name(cluster: Cluster) -> None:
    told = cluster.helm("test", RELEASE, "--logs")

    assert "Phase:          Succeeded" in told or "Succeeded" in told


def test_a_campaign_runs_to_finished_videos(cluster: Cluster) -> None:
    Run(cluster, "first", 1).finish()

    found = videos(cluster, "first")
    assert list(found) == ["first_bottle_9x16_tiktok.mp4"]
    width, height, frames = found["first_bottle_9x16_tiktok.mp4"]
    assert (width, height) == (1080, 1920)
    assert frames >= 72
    # The stages spoke with the orchestrator over TLS: without a certificate nobody is listened to.
    assert "CALLER_NOT_ALLOWED" not in log_of(cluster, "imagegen")
    refused = cluster.kubectl(
        "exec", "-n", NAMESPACE, f"deployment/{RELEASE}-client", "--",
        "env", "-u", "FIRSTFRAME_CLI_TLS__CERTIFICATE", "-u", "FIRSTFRAME_CLI_TLS__KEY", "-u", "FIRSTFRAME_CLI_TLS__CA",
        "firstframe", "status", "first", check=False,
    )  # fmt: skip
    assert "TLS" in refused


def test_pods_that_die_delay_a_campaign_and_lose_nothing(cluster: Cluster) -> None:
    run = Run(cluster, "second", 2)
    until(lambda: run.seen("still") or run.seen("hero"), "the hero's making", 120)

    kill(cluster, "imagegen")
    time.sleep(5)
    kill(cluster, "orchestrator")
    until(lambda: all_ready(cluster), "the return of all pods", 300)
    cluster.kubectl("exec", "-n", NAMESPACE, f"{RELEASE}-postgres-0", "--", "sh", "-c", "kill -QUIT 1", check=False)
    run.finish()

    assert list(videos(cluster, "second")) == ["second_bottle_9x16_tiktok.mp4"]
    restarts = cluster.pods("postgres")[0]["status"]["containerStatuses"][0]["restartCount"]
    assert restarts >= 1


def kill(cluster: Cluster, service: str) -> None:
    """Takes a service's pod away without notice."""
    for pod in cluster.pods(service):
        cluster.kubectl("delete", "pod", pod["metadata"]["name"], "-n", NAMESPACE, "--grace-period=0", "--force")


def test_campaigns_and_artifacts_come_back_from_a_backup(cluster: Cluster) -> None:
    """docs/operations/backup.md: the database as SQL, the bucket as files; both restored into empty servers."""
    dump = cluster.kubectl(
        "exec", "-n", NAMESPACE, f"{RELEASE}-postgres-0", "--",
        "sh", "-c", 'PGPASSWORD=$POSTGRES_PASSWORD pg_dump --clean --if-exists -h 127.0.0.1 -U firstframe firstframe',
    )  # fmt: skip
    assert "CREATE TABLE" in dump
    before = in_client(cluster, "firstframe", "status", "first", "--json")
    drop = "PGPASSWORD=$POSTGRES_PASSWORD psql -q -h 127.0.0.1 -U firstframe firstframe"
    cluster.kubectl("scale", "-n", NAMESPACE, f"statefulset/{RELEASE}-orchestrator", "--replicas=0")
    until(lambda: not cluster.pods("orchestrator"), "the orchestrator's end", 120)
    postgres = ("exec", "-i", "-n", NAMESPACE, f"{RELEASE}-postgres-0", "--", "sh", "-c", drop)
    cluster.kubectl(
        *postgres, stdin="DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS dbos CASCADE; CREATE SCHEMA public;"
    )
    cluster.kubectl(*postgres, stdin=dump)
    cluster.kubectl("scale", "-n", NAMESPACE, f"statefulset/{RELEASE}-orchestrator", "--replicas=1")
    until(lambda: all_ready(cluster), "the orchestrator's return", 180)

    assert json.loads(in_client(cluster, "firstframe", "status", "first", "--json")) == json.loads(before)
