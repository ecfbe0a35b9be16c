"""Checks of stills and measures of clips as the contract has them."""

from __future__ import annotations

from firstframe.api.media.v1 import check_pb2
from firstframe.core.verdict import Judged, Verdict

_VERDICTS = {
    Verdict.PASS: check_pb2.VERDICT_PASS,
    Verdict.WARN: check_pb2.VERDICT_WARN,
    Verdict.FAIL: check_pb2.VERDICT_FAIL,
    Verdict.NOT_MADE: check_pb2.VERDICT_SKIPPED,
}


def check_message(judged: Judged) -> check_pb2.Check:
    """A check or a measure as the contract has it; its number stands there where it has limits."""
    message = check_pb2.Check(
        name=judged.name,
        title=judged.title,
        verdict=_VERDICTS[judged.verdict],
        message=judged.says,
        remedy=judged.advice,
        details={
            name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in judged.details.items()
        },
    )
    if judged.number is not None and judged.limits is not None:
        message.value, message.unit = judged.number, judged.limits.unit
        message.pass_threshold, message.fail_threshold = judged.limits.good, judged.limits.bad
        message.higher_is_better = judged.limits.higher_is_better
    return message
