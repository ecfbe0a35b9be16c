"""In CI a test that is skipped for want of a program is a test that failed; long tests have targets of their own."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import structlog

LONG = {
    "e2e/cluster": "cluster",
    "integration/kubernetes": "kube",
    "integration/learned": "models",
    "integration/packs_build": "models",
    "integration/packs_importers": "models",
    "integration/postgres": "postgres",
}
"""Marker by folder; a target of the Makefile runs each."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns skips into failures where `CI` is set; `.ci/run` installs what the tests need."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where everything has to be there: {report.longrepr}"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what stands in the folders of long tests."""
    root = Path(__file__).parent
    for item in items:
        for folder, marker in LONG.items():
            if (root / folder) in item.path.parents:
                item.add_marker(marker)


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """What a command sets up in this process writes to its own captured stream, which is closed after the test."""
    yield
    structlog.reset_defaults()
