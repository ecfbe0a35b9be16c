"""A whole cluster with simulated nodes, and the release in it, by the real `helm` and `kubectl`.

`kube-up DIR` (from the path, or named by FIRSTFRAME_KUBE_UP) starts a control plane whose nodes are simulated, prints
what a shell has to set, and has `kube-down` and a folder `crds` beside it. Pods are admitted, scheduled, evicted and
preempted for real;
nothing runs in them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from support.charts import NAMESPACE, RELEASE, built
from support.tools import require_tool

WAIT_S = 90
COMMAND_S = 300
"""What one command may take; `helm rollback` and `kubectl exec` wait for others."""
SECRETS = {"firstframe-s3": ("access-key", "secret-key"), "firstframe-postgres": ("url",)}
"""KEDA looks into every secret that a pod names, and scales nothing where one is missing."""
Object = dict[str, Any]


class Cluster:
    """A cluster, asked through its command lines.

    Args:
        kubeconfig: Of an administrator.
        path: Folders of programs.
    """

    def __init__(self, kubeconfig: Path, path: str) -> None:
        self.kubeconfig = kubeconfig
        self.environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "PATH": f"{path}:{os.environ['PATH']}"}
        self._helm = require_tool("helm")

    def kubectl(self, *arguments: str, stdin: str = "", check: bool = True) -> str:
        """Runs `kubectl`; gives what it printed, its complaints included where it may fail."""
        return self._run("kubectl", arguments, stdin, check)

    def helm(self, *arguments: str, check: bool = True) -> str:
        """Runs `helm` in the release's namespace."""
        return self._run(str(self._helm), (*arguments, "--namespace", NAMESPACE), "", check)

    def get(self, kind: str, selector: str = "", namespace: str = NAMESPACE) -> list[Object]:
        """Objects of a kind."""
        chosen = ["-l", selector] if selector else []
        found: list[Object] = json.loads(self.kubectl("get", kind, "-n", namespace, "-o", "json", *chosen))["items"]
        return found

    def apply(self, *objects: Object) -> None:
        """Creates or changes objects."""
        self.kubectl(
            "apply",
            "--server-side",
            "-f",
            "-",
            stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}),
        )

    def pods(self, service: str = "") -> list[Object]:
        """Pods of the release that are not about to go, of one service where it is named."""
        selector = f"app.kubernetes.io/instance={RELEASE}" + (f",app.kubernetes.io/name={service}" if service else "")
        return [one for one in self.get("pods", selector) if "deletionTimestamp" not in one["metadata"]]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts `kubectl` and leaves it running; its standard output is to be read."""
        return subprocess.Popen(
            ["kubectl", *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def _run(self, program: str, arguments: tuple[str, ...], stdin: str, check: bool) -> str:
        command = [program, *arguments]
        done = subprocess.run(
            command, env=self.environment, input=stdin, check=False, capture_output=True, text=True, timeout=COMMAND_S
        )
        if check and done.returncode:
            raise AssertionError(f"{program} {' '.join(arguments)}: {done.stderr}")
        return done.stdout + ("" if check else done.stderr)


@contextmanager
def simulated_cluster(folder: Path) -> Iterator[Cluster]:
    """Runs a cluster with simulated nodes, and the definitions that the charts use."""
    kube_up = require_tool("kube-up")
    require_tool("helm")
    try:
        told = subprocess.run([kube_up, folder], check=True, capture_output=True, text=True, timeout=240).stdout
        hasten(folder)
        settings = dict(re.findall(r"(KUBECONFIG|PATH)=([^;\s]+)", told))
        cluster = Cluster(Path(settings["KUBECONFIG"].strip("'\"")), settings["PATH"].strip("'\"").partition(":")[0])
        cluster.kubectl("apply", "--server-side", "-f", str(kube_up.resolve().parent / "crds"))
        cluster.apply(namespace(), *(secret(name, keys) for name, keys in SECRETS.items()))
        yield cluster
    finally:
        subprocess.run([kube_up.with_name("kube-down"), folder], check=False, timeout=60, capture_output=True)


def hasten(folder: Path) -> None:
    """Lets a cluster's programs go first where that may be: a simulated node that is late on a busy machine counts as dead,
    and no kubelet is there that would call its pods ready again.

    Linux keeps a priority for each thread, and weighs sessions before threads (`sched_autogroup_enabled`): each program has a
    session of its own.
    """
    pids = [line.split()[0] for line in (folder / "pids").read_text().splitlines()]
    for thread in (thread for pid in pids for thread in Path("/proc", pid, "task").glob("*")):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, int(thread.name), -10)
    for file in [Path("/proc", pid, "autogroup") for pid in pids]:
        with suppress(OSError):
            file.write_text("-10")


def namespace() -> Object:
    """The release's namespace, which admits restricted pods alone."""
    enforced = {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": enforced}}


def secret(name: str, keys: Sequence[str]) -> Object:
    """A secret that staging's values name."""
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict.fromkeys(keys, "x")}


def install(cluster: Cluster, *values: str, verb: str = "install") -> None:
    """Installs or upgrades the release with staging's values, without KEDA, and waits for its pods."""
    fixed = [f"{stage}.autoscaling.enabled=false" for stage in ("imagegen", "animation", "upscaling", "stitching")]
    sets = [part for value in (*fixed, *values) for part in ("--set", value)]
    cluster.helm(verb, RELEASE, str(built()), "-f", str(built() / "values-staging.yaml"), *sets)


def until(
    holds: Callable[[], bool], what: str, seconds: float = WAIT_S, said: Callable[[], object] = lambda: ""
) -> None:
    """Waits for something to become true; `said` tells what was there instead."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what} did not come about within {seconds} s: {said()}"
        time.sleep(0.5)


def call_ready_again(cluster: Cluster) -> None:
    """Does what a kubelet does and simulated nodes do not: a node that counted as dead for a moment leaves its pods unready,
    and nobody else looks at their containers again."""
    ready = {one["metadata"]["name"] for one in cluster.get("nodes", namespace="default") if is_ready(one)}
    change = json.dumps({"status": {"conditions": [{"type": "Ready", "status": "True"}]}})
    for pod in cluster.pods():
        if pod["spec"].get("nodeName") in ready and not is_ready(pod) and _containers_are_ready(pod):
            name = pod["metadata"]["name"]
            cluster.kubectl("patch", "pod", name, "-n", NAMESPACE, "--subresource=status", "-p", change, check=False)


def _containers_are_ready(pod: Object) -> bool:
    containers = pod["status"].get("containerStatuses", [])
    return bool(containers) and all(one["ready"] for one in containers)


def is_ready(pod: Object) -> bool:
    """Whether a pod says that it is ready."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
