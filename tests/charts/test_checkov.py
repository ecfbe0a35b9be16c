"""checkov finds nothing in charts and Dockerfiles but what is left for a reason. It takes a while: `make test-kube`."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.charts import ENVIRONMENTS, ROOT, render
from support.tools import require_tool

LEFT = yaml.safe_load(Path(__file__).with_name("checkov.yaml").read_text())
Finding = tuple[str, str, str]
"""Check, resource, what it says."""

pytestmark = pytest.mark.kube


def run(*arguments: str | Path) -> list[Finding]:
    program = require_tool("checkov")
    command = [program, "--compact", "--quiet", "--skip-download", "--output", "json", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=110)
    told: Any = json.loads(done.stdout)
    (report,) = told if isinstance(told, list) else [told]
    assert report["summary"]["passed"] > 100, done.stderr[-2000:]
    assert report["summary"]["parsing_errors"] == 0
    failed = report["results"]["failed_checks"]
    return [(one["check_id"], one["resource"], one["check_name"]) for one in failed]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("checkov")
    found = run("--framework", "dockerfile", "--directory", ROOT / "deploy" / "docker")
    for environment in ENVIRONMENTS:
        path = folder / f"{environment}.yaml"
        path.write_text(yaml.safe_dump_all(render(environment)))
        found += run("--framework", "kubernetes", "--file", path)
    return found


def is_left(finding: Finding, entry: dict[str, str]) -> bool:
    return finding[0] == entry["check"] and re.fullmatch(entry["resources"], finding[1], re.DOTALL) is not None


def test_nothing_is_found_but_what_is_left_for_a_reason(findings: list[Finding]) -> None:
    assert [one for one in findings if not any(is_left(one, entry) for entry in LEFT)] == []


@pytest.mark.parametrize("entry", LEFT, ids=lambda entry: entry["check"])
def test_every_reason_is_still_needed(findings: list[Finding], entry: dict[str, str]) -> None:
    assert any(is_left(one, entry) for one in findings)
    assert len(entry["reason"]) > 20
