"""The checks of a lane's still, as the commands and the library tell them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2
from firstframe.cli.problems import counted

WORDS = {
    check_pb2.VERDICT_FAIL: "fail",
    check_pb2.VERDICT_WARN: "warn",
    check_pb2.VERDICT_PASS: "pass",
    check_pb2.VERDICT_SKIPPED: "skipped",
}
"""Verdicts from the gravest on."""
MARKS = {"fail": "✗", "warn": "!", "pass": "✓", "skipped": "–"}
STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green", "skipped": "dim"}
_SUMS = {"fail": "failed", "warn": "with a warning", "pass": "passed", "skipped": "not made"}


def word_of(check: check_pb2.Check) -> str:
    """`pass`, `warn`, `fail` or `skipped`; a verdict of a later contract counts as a warning."""
    return WORDS.get(check.verdict, "warn")


def gravest_first(lane: campaigns_pb2.Lane) -> list[check_pb2.Check]:
    """The checks of a lane: those that failed, then warnings, what passed, what was not made; each in its order."""
    rank = list(MARKS)
    return sorted(lane.preflight.checks, key=lambda check: rank.index(word_of(check)))


def flagged(lane: campaigns_pb2.Lane) -> Iterator[check_pb2.Check]:
    """Checks that failed or warn, the gravest first."""
    return (check for check in gravest_first(lane) if word_of(check) in ("fail", "warn"))


def worst_word(checks: Iterable[check_pb2.Check]) -> str:
    """The gravest verdict; empty when there is no check."""
    words = set(map(word_of, checks))
    return next((word for word in MARKS if word in words), "")


def sum_words(lane: campaigns_pb2.Lane) -> str:
    """How many checks ended how, for example `12 checks: 1 failed, 9 passed, 2 not made`; empty without checks."""
    counts = Counter(map(word_of, lane.preflight.checks))
    parts = [f"{counts[word]} {text}" for word, text in _SUMS.items() if counts[word]]
    return f"{counted(sum(counts.values()), 'check')}: {', '.join(parts)}" if parts else ""


def value_words(check: check_pb2.Check) -> str:
    """What was measured, with its unit; empty when nothing was."""
    return _with_unit(check.value, check.unit) if check.HasField("value") else ""


def wanted_words(check: check_pb2.Check) -> str:
    """What passes, for example `at least 2 %`; empty when nothing was measured."""
    if not check.HasField("pass_threshold"):
        return ""
    return f"{'at least' if check.higher_is_better else 'at most'} {_with_unit(check.pass_threshold, check.unit)}"


def _with_unit(value: float, unit: str) -> str:
    number = f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"
    short = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{'0' if short == '-0' else short} {unit}".rstrip()


def overlay_path(lane: campaigns_pb2.Lane, check: check_pb2.Check) -> str:
    """Where the picture of a check is in a library; empty when it has none."""
    return f"checks/{lane.lane}/{check.name}.jpg" if check.HasField("overlay") else ""


def check_document(lane: campaigns_pb2.Lane, check: check_pb2.Check) -> dict[str, Any]:
    """A check as one JSON object."""
    return {
        "check": check.name,
        "title": check.title,
        "verdict": word_of(check),
        "value": round(check.value, 4) if check.HasField("value") else None,
        "unit": check.unit,
        "pass_threshold": check.pass_threshold if check.HasField("pass_threshold") else None,
        "fail_threshold": check.fail_threshold if check.HasField("fail_threshold") else None,
        "higher_is_better": check.higher_is_better if check.HasField("pass_threshold") else None,
        "measured": value_words(check),
        "wanted": wanted_words(check),
        "message": check.message,
        "remedy": check.remedy,
        "overlay": overlay_path(lane, check) or None,
    }
