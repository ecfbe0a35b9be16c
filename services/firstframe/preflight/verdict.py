"""Verdicts: what a check found, how that is judged, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firstframe.core.media import Finding, Rgb8, Severity
from firstframe.core.verdict import GRAVITY, Judged, Limits, Verdict, worst

__all__ = ["GRAVITY", "Check", "Limits", "Verdict", "not_made", "worst"]


_SEVERITIES = {Verdict.FAIL: Severity.FAILURE, Verdict.WARN: Severity.WARNING, Verdict.NOT_MADE: Severity.INFO}


@dataclass(frozen=True, slots=True, eq=False)
class Check(Judged):
    """One check of one still."""

    overlay: Callable[[], Rgb8] | None = None
    """Draws the picture that shows it; None when there is nothing to show."""

    @property
    def shown(self) -> str:
        """The number with its unit; empty when there is none."""
        return "" if self.number is None or self.limits is None else self.limits.shown(self.number)

    @property
    def wanted(self) -> str:
        """What would pass; empty when nothing was measured."""
        return "" if self.limits is None else self.limits.wanted

    def finding(self) -> Finding | None:
        """For the hero's list of findings; None when the check passed."""
        if self.verdict not in _SEVERITIES:
            return None
        reason = f"PREFLIGHT_{self.name.upper().replace('-', '_')}"
        text = f"{self.says.rstrip('.')}; {self.advice}" if self.advice else self.says
        return Finding(_SEVERITIES[self.verdict], reason, text.rstrip("."))


def not_made(name: str, title: str, why: str, what_to_do: str) -> Check:
    """A check that could not be made; `why` says what was missing."""
    return Check(name, title, Verdict.NOT_MADE, why, what_to_do)
