"""An environment without settings of the machine's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import pytest


@pytest.fixture
def traced() -> Mapping[str, str]:
    """For processes whose spans are sent at once."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FIRSTFRAME_", "OTEL_"))}
    path = os.pathsep.join(folder for folder in sys.path if folder)
    return {**kept, "PYTHONPATH": path, "TERM": "dumb", "OTEL_BSP_SCHEDULE_DELAY": "50"}
