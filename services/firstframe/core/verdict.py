"""Verdicts: how a check of a still or a measure of a clip ended, and how a number is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a verdict
    WARN = "warn"
    FAIL = "fail"
    NOT_MADE = "not made"


GRAVITY = {Verdict.NOT_MADE: 0, Verdict.PASS: 1, Verdict.WARN: 2, Verdict.FAIL: 3}
"""Verdicts by how grave they are."""


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


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of one still or clip, and how it is judged."""

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
