"""Time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall and steady time, so that tests can set both."""

    def now(self) -> datetime:
        """Time of day, UTC, with its zone."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
