"""Dashboards are those of the generator, and ask for metrics that somebody exports."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.metrics import exported

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "helm" / "dashboards"
NAMES = ("cost", "orchestrator", "pools", "slo", "stage", "throughput", "triton")
METRIC = re.compile(r"\b(firstframe_[a-z0-9_]+|DCGM_[A-Z_]+|kube_[a-z_]+|nv_[a-z_]+)\b")
OTHERS = ("DCGM_", "kube_", "nv_")


def board(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def test_the_files_are_those_of_the_generator(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "gen_dashboards.py", tmp_path], check=True, timeout=60)

    assert {path.stem for path in FOLDER.glob("*.json")} == set(NAMES)
    for path in tmp_path.glob("*.json"):
        assert path.read_text() == (FOLDER / path.name).read_text(), "run scripts/gen_dashboards.py"


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_is_whole(name: str) -> None:
    found = board(name)
    panels = found["panels"]

    assert found["uid"] == f"firstframe-{name}"
    assert len({panel["id"] for panel in panels}) == len(panels)
    variables = {one["name"] for one in found["templating"]["list"]}
    assert {"datasource", "namespace"} <= variables
    for panel in panels:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["options"]["legend"]["showLegend"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        used = set(re.findall(r"\$(\w+)", json.dumps([one["expr"] for one in panel["targets"]])))
        assert used <= variables | {"__rate_interval"}, panel["title"]


@pytest.mark.parametrize("name", NAMES)
def test_panels_do_not_cover_each_other(name: str) -> None:
    cells: set[tuple[int, int]] = set()
    for panel in board(name)["panels"]:
        at = panel["gridPos"]
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & own, panel["title"]
        cells |= own


@pytest.mark.parametrize("name", NAMES)
def test_every_query_asks_for_metrics_that_somebody_exports(name: str) -> None:
    for panel in board(name)["panels"]:
        for target in panel["targets"]:
            ours = {metric for metric in METRIC.findall(target["expr"]) if not metric.startswith(OTHERS)}
            assert ours <= exported(), panel["title"]
