"""From figures to measures: what is good, what is not, and what to do about it."""

from __future__ import annotations

from firstframe.core.verdict import Verdict
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.figures import Figures
from firstframe.imaging.drift.moving import Moving
from firstframe.imaging.drift.rule import Case, Measure, Rule
from firstframe.imaging.drift.rules import RULES


def judged(figures: Figures, asked: Asked, moving: Moving) -> tuple[Measure, ...]:
    """All measures of a clip.

    Args:
        figures: What a meter found.
        asked: What was asked of the clip.
        moving: What may move by itself.
    """
    case = Case(figures, asked, moving)
    return tuple(_measure(rule, case) for rule in RULES)


def _measure(rule: Rule, case: Case) -> Measure:
    if why := rule.skipped(case):
        return Measure(rule.name, rule.title, Verdict.NOT_MADE, why)
    number = rule.number(case)
    if number is None:
        return Measure(rule.name, rule.title, Verdict.NOT_MADE, "Too little is seen of it in this picture")
    limits = rule.limits(case)
    verdict = limits.judge(number)
    time_s = rule.time(case) if rule.time else None
    says = rule.says.format(number=limits.shown(number), side=case.figures.edge_side or "an")
    worst = f", worst at {time_s:.1f} s" if time_s is not None and verdict is not Verdict.PASS else ""
    advice = "" if verdict is Verdict.PASS else rule.advice
    return Measure(rule.name, rule.title, verdict, says + worst, advice, number, limits)
