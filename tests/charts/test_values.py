"""Values that are wrong are refused, and told why."""

from __future__ import annotations

import subprocess
from typing import Any

import helm_python
import pytest

from support.charts import built, render
from support.tools import require_tool

TYPOS: list[tuple[dict[str, Any], str]] = [
    ({"imagegen.replica": 2}, "replica"),
    ({"imagegen.gpu.counts": 2}, "counts"),
    ({"animation.autoscaling.maxReplica": 2}, "maxReplica"),
    ({"orchestrator.database.secret": "x"}, "secret"),
    ({"global.store.buckets": "x"}, "buckets"),
    ({"global.enviroment": "local"}, "enviroment"),
    ({"stitchin.replicas": 1}, "stitchin"),
    ({"upscaling.models.packs": ["sdxl"]}, "models"),
    ({"imagegen.gpu.count": -1}, "count"),
    ({"imagegen.gpu.count": "one"}, "count"),
    ({"global.environment": "prod"}, "environment"),
    ({"imagegen.resources.memory": "4 GB"}, "memory"),
    ({"imagegen.triton.arch": "h100"}, "arch"),
]
CONTRADICTIONS: list[tuple[str, dict[str, Any], str]] = [
    (
        "staging",
        {"imagegen.autoscaling.targetWaitSeconds": 100, "imagegen.autoscaling.coldStartSeconds": 100},
        "imagegen: autoscaling.targetWaitSeconds (100) must be more than autoscaling.coldStartSeconds (100)",
    ),
    ("staging", {"imagegen.autoscaling.minReplicas": 9}, "autoscaling.minReplicas (9) is above"),
    ("staging", {"animation.spot": {"enabled": True, "minReplicas": 5}}, "spot.minReplicas (5) is above"),
    ("staging", {"global.store.existingSecret": ""}, "global.store.existingSecret is missing"),
    ("staging", {"global.store": {}}, "global.store.endpoint is missing"),
    ("staging", {"s3.enabled": True}, "s3.enabled is set, and global.store.endpoint names another"),
    ("staging", {"postgres.enabled": True}, "postgres.enabled is set, and orchestrator.database.existingSecret"),
    ("staging", {"orchestrator.database": {}}, "orchestrator.database.existingSecret is missing"),
    ("staging", {"orchestrator.stages": []}, "orchestrator: stages is empty"),
    (
        "staging",
        {"orchestrator.database": {"kind": "sqlite", "existingSecret": "x"}},
        "is not used with database.kind sqlite",
    ),
    ("staging", {"global.tls": {"issuer": {"create": False}}}, "global.tls.issuer.name is missing"),
    ("staging", {"imagegen.triton": {"enabled": True}}, "models.packs is empty: it would serve nothing"),
    (
        "staging",
        {"imagegen.models": {"packs": ["sdxl"]}, "imagegen.triton": {"enabled": True, "arch": "sm_90"},
         "imagegen.gpu": {"count": 0}},
        "TensorRT needs a GPU",
    ),
    (
        "staging",
        {"imagegen.gpu": {"count": 2, "resource": "nvidia.com/gpu.shared"}},
        "gpu.count is 2 of nvidia.com/gpu.shared: a time-sliced GPU is lent once to a pod",
    ),
    ("production", {"imagegen.engines.image": ""}, "engines.image is missing"),
    ("production", {"imagegen.engines.architectures": {}}, "engines.architectures is empty"),
    ("production", {"imagegen.triton.arch": "sm_80"}, "triton.arch sm_80 is not among engines.architectures (sm_89)"),
    ("production", {"global.tls.enabled": False}, "global.tls.enabled is false in production"),
    ("production", {"global.reflection": True}, "global.reflection is true in production"),
    ("production", {"global.network": {"enabled": False}}, "global.network.enabled is false in production"),
    ("production", {"global.store": {}, "s3.enabled": True}, "global.store.endpoint is empty in production"),
    ("production", {"orchestrator.database": {"kind": "sqlite"}}, "database.kind is sqlite in production"),
    (
        "production",
        {"orchestrator.database": {}, "postgres.enabled": True},
        "orchestrator: database.existingSecret is missing",
    ),
    ("production", {"stitching.pool": {"name": ""}}, "pool.name is empty but gpu.count is 1"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "name"), TYPOS)
def test_a_typo_fails_with_its_name(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(helm_python.HelmValuesError) as caught:
        render("local", changes)

    assert name in str(caught.value)


@pytest.mark.parametrize(("environment", "changes", "reason"), CONTRADICTIONS)
def test_a_contradiction_is_refused_with_the_reason(environment: str, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(helm_python.HelmError) as caught:
        render(environment, changes)

    assert reason in str(caught.value)


@pytest.mark.kube
def test_numbers_of_the_command_line_are_compared_with_those_of_files() -> None:
    """`helm --set` gives whole numbers another type than YAML does."""
    changes = ["animation.autoscaling.minReplicas=1", "imagegen.spot.enabled=true", "imagegen.spot.minReplicas=1"]
    sets = [part for one in changes for part in ("--set", one)]
    command = [require_tool("helm"), "template", "ff", built(), "--values", built() / "values-production.yaml", *sets]

    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
