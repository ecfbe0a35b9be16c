"""Alerts: each has a page, a test that fires and one that is silent, and uses metrics that somebody exports."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.metrics import exported
from support.tools import require_tool

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "helm" / "alerts" / "firstframe.yaml"
TESTS = Path(__file__).with_name("alerts.yaml")
PAGES = ROOT / "docs" / "runbooks"
METRIC = re.compile(r"\b(firstframe_[a-z0-9_]+|DCGM_[A-Z_]+|kube_[a-z_]+|nv_[a-z_]+)\b")
OTHERS = ("DCGM_", "kube_", "nv_")
"""Prefixes of metrics of other programs: NVIDIA's exporter, kube-state-metrics, Triton."""


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}


def test_prometheus_understands_the_rules() -> None:
    subprocess.run([require_tool("promtool"), "check", "rules", RULES], check=True, timeout=60, capture_output=True)


def test_alerts_fire_and_stay_silent_as_they_should(tmp_path: Path) -> None:
    bare = yaml.safe_load(RULES.read_text())
    for group in bare["groups"]:
        for rule in group["rules"]:
            # What is compared are labels; promtool would want every sentence word for word.
            rule.pop("annotations", None)
    (tmp_path / "firstframe.yaml").write_text(yaml.safe_dump(bare, sort_keys=False))
    shutil.copy(TESTS, tmp_path)

    done = subprocess.run(
        [require_tool("promtool"), "test", "rules", tmp_path / "alerts.yaml"],
        check=False,
        timeout=100,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def expectations() -> dict[str, set[bool]]:
    """Whether an alert is expected to fire, over all its tests."""
    found: dict[str, set[bool]] = {}
    for case in yaml.safe_load(TESTS.read_text())["tests"]:
        for one in case["alert_rule_test"]:
            found.setdefault(one["alertname"], set()).add(bool(one.get("exp_alerts")))
    return found


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_a_firing_and_a_silent_test(name: str) -> None:
    assert expectations().get(name) == {True, False}


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_a_page_that_says_what_to_do(name: str) -> None:
    url = ALERTS[name]["annotations"]["runbook_url"]
    text = (ROOT / url).read_text()

    for heading in ("## What it means", "## What to look at", "## What to do"):
        assert heading in text, url
    assert name.removesuffix("Fast").removesuffix("Slow") in text
    assert "```" in text


def test_every_page_has_an_alert() -> None:
    named = {Path(rule["annotations"]["runbook_url"]).name for rule in ALERTS.values()}
    assert {path.name for path in PAGES.glob("*.md")} - {"README.md"} == named


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_every_metric_is_one_that_somebody_exports(rule: dict[str, Any]) -> None:
    ours = {name for name in METRIC.findall(rule["expr"]) if not name.startswith(OTHERS)}
    assert ours <= exported()


@pytest.mark.parametrize("name", ALERTS)
def test_severities_are_a_page_or_a_ticket(name: str) -> None:
    assert ALERTS[name]["labels"]["severity"] in {"page", "ticket"}
