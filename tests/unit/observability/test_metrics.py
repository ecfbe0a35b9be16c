"""The page of metrics says what the services register, and names follow the conventions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.metrics import Metric, registered

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "metrics.md"
UNITS = ("_seconds", "_bytes", "_items", "_ratio")


def test_the_page_and_the_services_agree(tmp_path: Path) -> None:
    before = PAGE.read_text()
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); import gen_metrics; print(gen_metrics.page(), end='')"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=100).stdout

    assert told == before, "run scripts/gen_metrics.py"
    assert set(re.findall(r"^\| `(\w+)`", before, re.MULTILINE)) == {one.name for one in registered()}


@pytest.mark.parametrize("metric", registered(), ids=lambda one: one.name)
def test_names_follow_the_conventions(metric: Metric) -> None:
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    if metric.kind == "histogram":
        assert metric.name.endswith(UNITS)
    assert metric.about.endswith(".")
    # Who asks for a time wants it in seconds.
    assert not metric.name.endswith(("_ms", "_milliseconds", "_minutes"))
