"""Verdicts: what a check found, how that is judged, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from firstframe.core.media import Finding, Rgb8, Severity


class Verdict(Enum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a verdict
    WARN = "warn"
    FAIL = "fail"
    NOT_MADE = "not made"


GRAVITY = {Verdict.NOT_MADE: 0, Verdict.PASS: 1, Verdict.WARN: 2, Verdict.FAIL: 3}
"""Verdicts by how grave they are."""
_SEVERITIES = {Verdict.FAIL: Severity.FAILURE, Verdict.WARN: Severity.WARNING, Verdict.NOT_MADE: Severity.INFO}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of some verdicts; `PASS` when all are `NOT_MADE` or there are none."""
    return max(verdicts, key=GRAVITY.__getitem__, default=Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is judged how."""

    good: float
    """From here on (or up to here) it passes."""
    bad: float
    """Beyond this it fails; in between is a warning."""
    unit: str
    digits: int = 1
    higher_is_better: bool = True

    def judge(self, number: float) -> Verdict:
        """The verdict on a number."""
        sign = 1 if self.higher_is_better else -1
        if sign * number >= sign * self.good:
            return Verdict.PASS
        return Verdict.WARN if sign * number >= sign * self.bad else Verdict.FAIL

    @property
    def wanted(self) -> str:
        """What passes, in words."""
        return f"{'at least' if self.higher_is_better else 'at most'} {self.shown(self.good)}"

    def shown(self, number: float) -> str:
        """A number with its unit."""
        text = f"{number:.{self.digits}f}"
        return f"{text} {self.unit}" if self.unit else text


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One check of one still."""

    name: str
    """Stable, lower-case with hyphens."""
    title: str
    verdict: Verdict
    says: str
    """What was found, one sentence."""
    advice: str = ""
    """What to do about it; empty when nothing is to be done."""
    number: float | None = None
    limits: Limits | None = None
    details: dict[str, float | str] = field(default_factory=dict)
    """Further figures, for programs."""
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
