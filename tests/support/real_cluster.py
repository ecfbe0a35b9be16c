"""A cluster with one real node, and the release in it from images of this checkout.

Needs `kube-up` and its siblings `kube-node-up`, `cert-manager-up`, `kube-image` and `kube-down` (from the path, or named by
FIRSTFRAME_KUBE_UP), root, and the archives that `make images` writes into `build/images` (or FIRSTFRAME_IMAGES). Or a cluster
of your own with cert-manager and these images (`localhost/firstframe/…`), named by FIRSTFRAME_KUBECONFIG: it stays as it is but
for the namespace of the tests, which is made and removed.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from support.charts import NAMESPACE, RELEASE, ROOT, SERVICES, built
from support.tools import require_tool
from support.umbrella import Cluster, Object, hasten, is_ready, namespace, until

IMAGES = (*SERVICES, "cli", "models", "test-old-imagegen", "test-postgres", "test-s3", "test-triton")
VALUES = {
    "global.imageRegistry": "localhost/firstframe",
    "global.imagePullPolicy": "Never",
    "global.tls.duration": "1h",
    "global.tls.renewBefore": "59m30s",
    "postgres.image": "localhost/firstframe/test-postgres:0.1.0",
    "postgres.persistent": "false",
    "s3.image": "localhost/firstframe/test-s3:0.1.0",
    "s3.persistent": "false",
    "imagegen.resources.memory": "3Gi",
}
"""What differs from `values-local.yaml`: images of this machine, no volumes, certificates that are renewed every 30 s."""


def archives() -> list[Path]:
    """The images, as archives; without them the test is skipped."""
    folder = Path(os.environ.get("FIRSTFRAME_IMAGES") or ROOT / "build" / "images")
    missing = [name for name in IMAGES if not (folder / f"{name}.tar").is_file()]
    if missing:
        pytest.skip(f"{folder} lacks {', '.join(missing)}; `make images` writes them")
    return [folder / f"{name}.tar" for name in IMAGES]


@contextmanager
def real_cluster(folder: Path) -> Iterator[Cluster]:
    """Runs a cluster with one real node, cert-manager and the images, or uses the one that is named."""
    if named := os.environ.get("FIRSTFRAME_KUBECONFIG"):
        yield from _of_another(Cluster(Path(named), os.environ["PATH"]))
        return
    kube_up, images = require_tool("kube-up"), archives()
    require_tool("helm")
    beside = kube_up.resolve().parent
    try:
        told = _run([kube_up, folder], KUBE_NODES="none")
        settings = dict(re.findall(r"(KUBECONFIG|PATH)=([^;\s]+)", told))
        _run([beside / "kube-node-up", folder])
        _run([beside / "cert-manager-up", folder])
        hasten(folder)
        _favour_pods()
        _run([beside / "kube-image", folder, *images])
        cluster = Cluster(Path(settings["KUBECONFIG"].strip("'\"")), settings["PATH"].strip("'\"").partition(":")[0])
        cluster.kubectl("apply", "--server-side", "-f", str(beside / "crds"))
        cluster.apply(namespace())
        yield cluster
    finally:
        subprocess.run([beside / "kube-down", folder], check=False, timeout=300, capture_output=True)


def _favour_pods() -> None:
    """Gives the pods of a node on this machine more weight than other work has.

    By default all of them together have as much as one session of somebody else, and starve on a busy machine.
    """
    pods = Path("/sys/fs/cgroup/cpu/k8s.io")
    with suppress(OSError):
        pods.mkdir(exist_ok=True)
        (pods / "cpu.shares").write_text(str(64 * 1024))


def _of_another(cluster: Cluster) -> Iterator[Cluster]:
    # One of a run before may still be going.
    until(lambda: not _terminating(cluster), "the end of a namespace of before", 240)
    cluster.apply(namespace())
    try:
        yield cluster
    finally:
        # What belongs to no namespace goes with the release; and a namespace with pods in it waits for half of their grace.
        cluster.helm("uninstall", RELEASE, "--wait", check=False)
        cluster.kubectl("delete", "namespace", NAMESPACE, "--timeout=240s", check=False)


def _terminating(cluster: Cluster) -> bool:
    told = cluster.kubectl("get", "namespace", NAMESPACE, "-o", "jsonpath={.status.phase}", check=False)
    return told.strip() == "Terminating"


def install_local(cluster: Cluster, changes: Mapping[str, str] | None = None, *, verb: str = "install") -> None:
    """Installs or upgrades the release with local values and waits until every pod is ready."""
    values = VALUES | dict(changes or {})
    sets = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
    cluster.helm(verb, RELEASE, str(built()), "-f", str(built() / "values-local.yaml"), *sets)
    until(lambda: all_ready(cluster), "every pod's readiness", 300)


def tag_images(cluster: Cluster, tag: str) -> None:
    """Gives the services' images another tag as well, on the node."""
    for name in SERVICES:
        image = f"localhost/firstframe/{name}"
        _on_node(cluster, "images", "tag", "--force", f"{image}:0.1.0", f"{image}:{tag}")


def kill_container(cluster: Cluster, status: Object) -> None:
    """Kills a container's first process from outside: within its own namespace that process ignores SIGKILL."""
    _on_node(cluster, "tasks", "kill", "--signal", "SIGKILL", status["containerID"].removeprefix("containerd://"))


def _on_node(cluster: Cluster, *arguments: str) -> None:
    """Asks the node's containerd, where the node is this machine."""
    socket = cluster.kubeconfig.parent / "node" / "containerd.sock"
    if not socket.exists():
        pytest.skip(f"there is no {socket}: this cluster's node cannot be reached from here")
    _run(["ctr", "-a", socket, "-n", "k8s.io", *arguments])


def all_ready(cluster: Cluster) -> bool:
    """Whether every service, the servers of the release and the client have a ready pod."""
    names = (*SERVICES, "postgres", "s3", "client")
    return all((pods := cluster.pods(name)) and all(map(is_ready, pods)) for name in names)


def _run(command: list[object], **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stderr[-2000:]}"
    return done.stdout


__all__ = ["NAMESPACE", "Cluster", "all_ready", "install_local", "real_cluster", "tag_images"]
