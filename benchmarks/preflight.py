"""Precision and recall of every check on stills whose labels follow from how they were made (tests/support/labelled.py).

A check says that something is amiss when it warns or fails. Precision: of the stills of which it says so, how many are labelled
bad; recall: of those that are labelled bad, of how many it says so. A check that was not made says nothing. Only stills with a
label for the check count for it. The gap is between the worst figure of a good still and the best of a bad one.

There are two sets, made in the same ways: on the scored one the checks were made better; the held-out one has other seeds,
palettes, words, photographs and another person, and no threshold was chosen by it.

Faces are looked for by the pack `face-landmarks`, where it is installed (`firstframe models pull face-landmarks`).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "services"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from firstframe.cli.check_models import CheckModels
from firstframe.core.media import Rgb8
from firstframe.preflight.run import examine
from firstframe.preflight.still import Faces
from firstframe.preflight.verdict import Check, Verdict
from support.labelled import Labelled, whole_set
from support.labelled_sources import HELD_OUT, SCORED

FLAGGED = (Verdict.WARN, Verdict.FAIL)
LEAST = 0.9
"""Precision and recall that every check has to reach."""
SETS = {"scored": SCORED, "held out": HELD_OUT}


@dataclass
class Tally:
    """One check on all stills that have a label for it."""

    good: list[Check] = field(default_factory=list)
    bad: list[Check] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def take(self, item: Labelled, check: Check) -> None:
        """Counts a still."""
        is_bad = check.name in item.bad
        (self.bad if is_bad else self.good).append(check)
        if (check.verdict in FLAGGED) != is_bad:
            shown = check.shown or check.says
            self.wrong.append(f"{item.name} ({item.family}): {check.verdict.value}, {shown}")

    def result(self) -> dict[str, Any]:
        """The figures."""
        right = sum(check.verdict in FLAGGED for check in self.bad)
        false = sum(check.verdict in FLAGGED for check in self.good)
        return {
            "good": len(self.good),
            "bad": len(self.bad),
            "precision": right / (right + false) if right + false else None,
            "recall": right / len(self.bad) if self.bad else None,
            "failed_of_bad": sum(check.verdict is Verdict.FAIL for check in self.bad),
            "failed_of_good": sum(check.verdict is Verdict.FAIL for check in self.good),
            "not_made": sum(check.verdict is Verdict.NOT_MADE for check in (*self.good, *self.bad)),
            "worst_good": _edge(self.good, best=False),
            "best_bad": _edge(self.bad, best=True),
            "passes_from": _limits(self, "good"),
            "fails_beyond": _limits(self, "bad"),
            "wrong": self.wrong,
        }


def _edge(checks: Iterable[Check], *, best: bool) -> float | None:
    """The best figure, or the worst."""
    known = [check for check in checks if check.number is not None and check.limits is not None]
    if not known:
        return None
    higher = known[0].limits.higher_is_better  # type: ignore[union-attr]
    figures = [float(check.number) for check in known]  # type: ignore[arg-type]
    return max(figures) if higher == best else min(figures)


def _limits(tally: Tally, name: str) -> float | None:
    return next((float(getattr(one.limits, name)) for one in (*tally.good, *tally.bad) if one.limits), None)


def tallies(items: Iterable[Labelled], look: Callable[[Rgb8], Faces]) -> dict[str, Tally]:
    """Every check on every still that has a label for it."""
    found: dict[str, Tally] = defaultdict(Tally)
    for item in items:
        still = replace(item.still, faces=look(item.still.image)) if item.faces_wanted else item.still
        for check in examine(still, item.plan).checks:
            if check.name in (*item.good, *item.bad):
                found[check.name].take(item, check)
    return found


def run() -> dict[str, Any]:
    """Measures."""
    look = CheckModels(wanted=True).faces
    sets = {name: _measured(whole_set(source), look) for name, source in SETS.items()}
    return {"sets": sets, "goals_met": all(one["goals_met"] for one in sets.values())}


def _measured(items: Sequence[Labelled], look: Callable[[Rgb8], Faces]) -> dict[str, Any]:
    found = {name: tally.result() for name, tally in tallies(items, look).items()}
    made = [one for one in found.values() if one["not_made"] < one["good"] + one["bad"]]
    met = all(min(one["precision"] or 0, one["recall"] or 0) >= LEAST for one in made)
    return {"stills": len(items), "checks": found, "goals_met": met}


def rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is printed."""
    return [row for name, one in result["sets"].items() for row in _rows(name, one)]


def _rows(name: str, result: dict[str, Any]) -> list[tuple[str, str, str]]:
    table = [(f"{name}: stills", str(result["stills"]), "≥ 60")]
    for check, one in result["checks"].items():
        figures = f"{one['good']} good, {one['bad']} bad: precision {_share(one['precision'])}, recall {_share(one['recall'])}"
        gap = f"; worst good {_figure(one['worst_good'])}, best bad {_figure(one['best_bad'])}"
        table.append((check, figures + gap + f"; not made {one['not_made']}", f"≥ {LEAST:.2f} each"))
        table += [("", wrong, "") for wrong in one["wrong"]]
    return table


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
