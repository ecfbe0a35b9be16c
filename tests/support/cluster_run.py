"""Campaigns in a cluster, run from the client's pod and followed from here."""

from __future__ import annotations

import json
import subprocess
import threading
from typing import Any

from support.charts import NAMESPACE, RELEASE, SERVICES
from support.umbrella import Cluster

RUN_S = 900
CLIENT = f"deployment/{RELEASE}-client"
_BRIEF = """
campaign: {name}
seed: {seed}
heroes:
{heroes}
formats: ["9:16"]
motion: {{recipe: slow-push, seconds: 3, fps: 24}}
deliver: [tiktok]
approval: auto
quality: draft
"""
_HERO = '  - {{name: bottle-{number}, set: {{scene: studio, palette: sage-noon, copy: "First Light {number}"}}}}'
_METRICS = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:9090/metrics').read().decode())"
_LOOK = """
import av, json, pathlib, sys
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.mp4")):
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        found[path.name] = [stream.width, stream.height, sum(1 for _ in video.decode(stream))]
print(json.dumps(found))
"""


def brief(name: str, seed: int, heroes: int = 1) -> str:
    """A campaign of one clip and one file for each hero."""
    listed = "\n".join(_HERO.format(number=number) for number in range(1, heroes + 1))
    return _BRIEF.format(name=name, seed=seed, heroes=listed)


class Run:
    """`firstframe run` in the client's pod.

    Args:
        cluster: Where it runs.
        name: Name of the campaign.
        text: The brief.
    """

    def __init__(self, cluster: Cluster, name: str, text: str) -> None:
        self._cluster = cluster
        in_client(cluster, "python3", "-c", f"open('/scratch/{name}.yaml', 'w').write({text!r})")
        command = ["firstframe", "run", f"/scratch/{name}.yaml", "--out", f"/scratch/{name}", "--json"]
        self.process = cluster.start("exec", "-n", NAMESPACE, CLIENT, "--", *command)
        self.events: list[dict[str, Any]] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.startswith("{"):
                    self.events.append(json.loads(line))

    @property
    def going_on(self) -> bool:
        """Whether the command has not ended."""
        return self.process.poll() is None

    def seen(self, text: str) -> bool:
        """Whether an event said so."""
        assert self.process.poll() in (None, 0), self._said()
        return any(text in json.dumps(event) for event in self.events)

    def finish(self) -> dict[str, Any]:
        """Waits for its end, which has to be a good one; gives the last event."""
        try:
            code = self.process.wait(RUN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(self._said()) from None
        self._reading.join(30)
        assert code == 0, self._said()
        return self.events[-1]

    def _said(self) -> str:
        """The last events, and what the cluster says of itself."""
        events = "\n".join(json.dumps(event) for event in self.events[-3:])
        return f"{events}\n{about(self._cluster)}"


def about(cluster: Cluster) -> str:
    """Pods, events and the logs of what campaigns depend on."""
    told = cluster.kubectl("get", "pods,events", "-n", NAMESPACE, "--sort-by=.metadata.creationTimestamp", check=False)
    for name in ("orchestrator", "postgres"):
        told += cluster.kubectl("logs", "-n", NAMESPACE, f"{RELEASE}-{name}-0", "--tail=40", check=False)
    return told


def in_client(cluster: Cluster, *command: str, stdin: str = "", check: bool = True) -> str:
    """Runs a command in the client's pod."""
    return cluster.kubectl("exec", "-i", "-n", NAMESPACE, CLIENT, "--", *command, stdin=stdin, check=check)


def videos(cluster: Cluster, name: str) -> dict[str, list[int]]:
    """Width, height and decoded frames of each file of a campaign."""
    found: dict[str, list[int]] = json.loads(in_client(cluster, "python3", "-c", _LOOK, f"/scratch/{name}"))
    return found


def metric(cluster: Cluster, service: str, name: str) -> float:
    """Sum of a metric's samples over a service's pods; `name` may have labels."""
    total = 0.0
    for pod in cluster.pods(service):
        command = ("exec", "-n", NAMESPACE, pod["metadata"]["name"], "-c", service, "--", "python3", "-c", _METRICS)
        lines = cluster.kubectl(*command).splitlines()
        total += sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))
    return total


def log_of(cluster: Cluster, service: str) -> str:
    """What the pods of a service logged."""
    assert service in SERVICES
    return cluster.kubectl("logs", "-n", NAMESPACE, "-l", f"app.kubernetes.io/name={service}", "--tail=-1")
