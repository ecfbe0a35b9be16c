"""Learned models in the cluster: packs of this machine on a volume, Triton beside the image stage."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.charts import NAMESPACE, ROOT
from support.real_cluster import Cluster, install_local
from support.umbrella import Object

PACKS = ("isnet-matting", "face-landmarks")
VALUES = {
    "imagegen.models.packs": "{" + ",".join(PACKS) + "}",
    "imagegen.models.volume.existingClaim": "packs",
    "imagegen.triton.enabled": "true",
    "imagegen.triton.image": "localhost/firstframe/test-triton:0.1.0",
    "imagegen.resources.cpu": "250m",
    "imagegen.triton.resources.cpu": "250m",
    "imagegen.triton.resources.memory": "3Gi",
}


def with_models(cluster: Cluster, changes: Mapping[str, str] | None = None) -> None:
    """Upgrades the release to one whose image stage has learned models; without installed packs the test is skipped."""
    home = Path(os.environ.get("FIRSTFRAME_MODELS") or ROOT / ".firstframe" / "models")
    missing = [name for name in PACKS if not (home / name).is_dir()]
    if missing:
        pytest.skip(
            f"{home} lacks {', '.join(missing)}; `firstframe models pull {' '.join(missing)}` installs them there"
        )
    _free(cluster)
    cluster.apply(*_volume(_copied(home, cluster.kubeconfig.parent / "packs")))
    install_local(cluster, VALUES | dict(changes or {}), verb="upgrade")


def _free(cluster: Cluster) -> None:
    """Lets a volume go that the claim of a namespace of before had."""
    for one in cluster.get("pv", namespace="default"):
        if one["metadata"]["name"] == "firstframe-packs" and one["status"]["phase"] == "Released":
            paths = ("/spec/claimRef/uid", "/spec/claimRef/resourceVersion")
            forget = json.dumps([{"op": "remove", "path": path} for path in paths])
            cluster.kubectl("patch", "pv", "firstframe-packs", "--type=json", "--patch", forget)


def _copied(home: Path, folder: Path) -> Path:
    """Readable by everybody: pods have a user of their own."""
    for name in PACKS:
        shutil.copytree(home / name, folder / name, dirs_exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _volume(folder: Path) -> tuple[Object, Object]:
    size, modes = {"storage": "1Gi"}, ["ReadOnlyMany"]
    claim: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "packs", "namespace": NAMESPACE},
        "spec": {
            "accessModes": modes,
            "storageClassName": "",
            "volumeName": "firstframe-packs",
            "resources": {"requests": size},
        },
    }
    volume: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "firstframe-packs"},
        "spec": {
            "accessModes": modes,
            "capacity": size,
            "hostPath": {"path": str(folder)},
            "claimRef": {"namespace": NAMESPACE, "name": "packs"},
        },
    }
    return volume, claim
