"""Measures of a clip, and scores of what an engine did to its people, as the contract has them."""

from __future__ import annotations

from firstframe.animation.scores import Score
from firstframe.api.media.v1 import check_pb2
from firstframe.core.verdict import Verdict
from firstframe.imaging.drift.judged import Measure

_VERDICTS = {
    Verdict.PASS: check_pb2.VERDICT_PASS,
    Verdict.WARN: check_pb2.VERDICT_WARN,
    Verdict.FAIL: check_pb2.VERDICT_FAIL,
    Verdict.NOT_MADE: check_pb2.VERDICT_SKIPPED,
}


def check_message(measure: Measure) -> check_pb2.Check:
    """A measure as the contract has it."""
    message = check_pb2.Check(
        name=measure.name,
        title=measure.title,
        verdict=_VERDICTS[measure.verdict],
        message=measure.says,
        remedy=measure.advice,
        details=measure.details,
    )
    if measure.number is not None and measure.limits is not None:
        message.value, message.unit = measure.number, measure.limits.unit
        message.pass_threshold, message.fail_threshold = measure.limits.good, measure.limits.bad
        message.higher_is_better = measure.limits.higher_is_better
    return message


def score_message(score: Score) -> check_pb2.Check:
    """A score as a check; its limit is where it passes and where it fails."""
    return check_pb2.Check(
        name=score.name,
        title=score.title,
        verdict=check_pb2.VERDICT_PASS if score.passes else check_pb2.VERDICT_FAIL,
        value=score.value,
        unit=score.unit,
        pass_threshold=score.limit,
        fail_threshold=score.limit,
        higher_is_better=score.higher_is_better,
        message=score.says,
    )
