"""In CI a test that is skipped for want of a program is a test that failed."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns skips into failures where `CI` is set; `.ci/run` installs what the tests need."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where everything has to be there: {report.longrepr}"
    return report
