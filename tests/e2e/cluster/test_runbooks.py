"""Every command of every runbook, run against the release as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.charts import NAMESPACE, ROOT
from support.cluster_models import with_models
from support.real_cluster import Cluster, all_ready
from support.umbrella import until

PAGES = [*sorted((ROOT / "docs" / "runbooks").glob("Firstframe*.md")), ROOT / "docs" / "operations" / "troubleshoot.md"]
BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:kubectl|helm) [^`]+)`")
TROUBLE = re.compile(r"error:|Error from server|Error:|unknown (?:flag|command)|NotFound", re.IGNORECASE)

MONITORED = {
    "global.monitoring.enabled": "true",
    "animation.autoscaling.enabled": "true",
    "animation.autoscaling.minReplicas": "1",
}

pytestmark = pytest.mark.timeout(1200)


def commands(page: Path) -> list[str]:
    """What a page says to run: whole lines of its blocks, then commands within its sentences."""
    text = page.read_text()
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]
    return [*lines, *(found for found in INLINE.findall(BLOCK.sub("", text)) if " " in found)]


@pytest.fixture(scope="module")
def shell(cluster: Cluster) -> Iterator[dict[str, str]]:
    """The environment of somebody on call, whose context names the namespace; a release with all that pages speak of."""
    with_models(cluster, MONITORED)
    cluster.kubectl("label", "nodes", "--all", "nvidia.com/gpu.present=true", "--overwrite")
    before = cluster.kubectl("config", "view", "--minify", "-o", "jsonpath={..namespace}").strip()
    cluster.kubectl("config", "set-context", "--current", f"--namespace={NAMESPACE}")
    yield {**cluster.environment, "HELM_NAMESPACE": NAMESPACE}
    cluster.kubectl("config", "set-context", "--current", f"--namespace={before}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_do_what_they_say(cluster: Cluster, shell: dict[str, str], page: Path) -> None:
    found = commands(page)
    assert found

    for command in found:
        done = subprocess.run(
            ["bash", "-c", command],
            env={**os.environ, **shell},
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-500:]}\n{done.stderr[-500:]}"
        assert not TROUBLE.search(done.stderr), f"{command}\n{done.stderr[-500:]}"
    if any(command.startswith("helm") for command in found):
        with_models(cluster, MONITORED)
    until(lambda: all_ready(cluster), "the release as it was", 300)
