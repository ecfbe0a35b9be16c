"""Programs that tests need and a user may lack."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def require_tool(name: str) -> Path:
    """The program `name`, from `FIRSTFRAME_<NAME>` or the path; without it the test is skipped, in CI it fails."""
    variable = f"FIRSTFRAME_{name.upper().replace('-', '_')}"
    found = os.environ.get(variable) or shutil.which(name)
    if found:
        return Path(found)
    reason = f"{name} is neither on the path nor named by {variable}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI this is a failure")
    pytest.skip(reason)
