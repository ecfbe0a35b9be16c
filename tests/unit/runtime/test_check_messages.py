"""A check or a measure as the contract has it."""

from __future__ import annotations

import pytest

from firstframe.api.media.v1 import check_pb2
from firstframe.core.verdict import Judged, Limits, Verdict
from firstframe.runtime.check_messages import check_message

LIMITS = Limits(2.0, 1.0, "%", higher_is_better=True)


@pytest.mark.parametrize(
    ("verdict", "value"),
    [
        (Verdict.PASS, check_pb2.VERDICT_PASS),
        (Verdict.WARN, check_pb2.VERDICT_WARN),
        (Verdict.FAIL, check_pb2.VERDICT_FAIL),
        (Verdict.NOT_MADE, check_pb2.VERDICT_SKIPPED),
    ],
)
def test_every_verdict_has_its_value(verdict: Verdict, value: int) -> None:
    assert check_message(Judged("room", "Room", verdict, "")).verdict == value


def test_words_and_figures_of_a_check() -> None:
    details: dict[str, float | str] = {"share": 0.1 + 0.2, "side": "left"}
    message = check_message(Judged("room", "Room", Verdict.FAIL, "there is little", "step back", 0.5, LIMITS, details))
    assert (message.name, message.title, message.message, message.remedy) == (
        "room",
        "Room",
        "there is little",
        "step back",
    )
    assert (message.value, message.unit, message.pass_threshold, message.fail_threshold) == (0.5, "%", 2.0, 1.0)
    assert message.higher_is_better
    assert dict(message.details) == {"share": "0.3", "side": "left"}


@pytest.mark.parametrize(("number", "limits"), [(None, LIMITS), (0.5, None)])
def test_a_number_stands_there_where_it_has_limits(number: float | None, limits: Limits | None) -> None:
    message = check_message(Judged("room", "Room", Verdict.WARN, "", number=number, limits=limits))
    assert (message.unit, message.pass_threshold) == ("", 0)
    assert not message.higher_is_better
