"""The shortest time in which a campaign's work could have been done."""

from __future__ import annotations

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.bound import Worked, bound_s
from firstframe.orchestrator.campaign_metrics import worked

STAGES = ("imagegen", "animation", "upscaling", "stitching")


def lane(number: int, *seconds: float) -> list[Worked]:
    return [Worked(f"{stage}/{number}", stage, taken) for stage, taken in zip(STAGES, seconds, strict=True)]


def test_one_lane_takes_its_steps_one_after_the_other() -> None:
    assert bound_s([lane(1, 10, 20, 5, 3)], dict.fromkeys(STAGES, 4)) == 38


def test_many_lanes_go_through_the_slots_of_the_longest_stage() -> None:
    lanes = [lane(number, 10, 20, 5, 3) for number in range(6)]

    # Ten seconds before the first comes to animation, six times twenty through two slots, eight seconds after it.
    assert bound_s(lanes, dict.fromkeys(STAGES, 2)) == 10 + 6 * 20 / 2 + 8


@pytest.mark.parametrize(
    ("slots", "seconds"),
    [
        ({"imagegen": 1, "animation": 6, "upscaling": 6, "stitching": 6}, 60 + 28),
        ({"imagegen": 6, "animation": 6, "upscaling": 6, "stitching": 1}, 35 + 18),
    ],
)
def test_the_stage_that_is_short_of_slots_decides(slots: dict[str, int], seconds: float) -> None:
    assert bound_s([lane(number, 10, 20, 5, 3) for number in range(6)], slots) == seconds


def test_the_shortest_way_to_a_stage_and_from_it_counts() -> None:
    lanes = [lane(1, 10, 20, 5, 3), lane(2, 2, 20, 1, 1)]

    assert bound_s(lanes, dict.fromkeys(STAGES, 1)) == 2 + 40 + 2


def test_shared_work_is_done_once() -> None:
    shared = Worked("imagegen/one", "imagegen", 10)
    lanes = [[shared, *lane(number, 0, 5, 0, 0)[1:]] for number in range(4)]

    assert bound_s(lanes, {"imagegen": 1, "animation": 4, "upscaling": 1, "stitching": 1}) == 15


def test_files_of_one_lane_are_made_side_by_side() -> None:
    files = [Worked(f"stitching/{number}", "stitching", seconds) for number, seconds in enumerate((4, 6))]

    assert bound_s([[*lane(1, 1, 1, 1, 0), *files]], {"stitching": 2}) == 9
    assert bound_s([[*lane(1, 1, 1, 1, 0), *files]], {"stitching": 1}) == 13


def test_a_stage_whose_slots_nobody_saw_has_one() -> None:
    assert bound_s([lane(number, 10, 0, 0, 0) for number in range(3)], {}) == 30


def test_without_lanes_there_is_nothing_to_do() -> None:
    assert bound_s([], {}) == 0


def test_a_lane_tells_what_it_worked_and_not_what_was_there() -> None:
    message = campaigns_pb2.Lane()
    for name, cached in (("a", False), ("b", True)):
        step = message.steps.add(
            step=name, stage=campaigns_pb2.STAGE_ANIMATION, state=campaigns_pb2.LANE_STATE_SUCCEEDED
        )
        step.provenance.start_time.FromMilliseconds(1_000)
        step.provenance.end_time.FromMilliseconds(3_500)
        step.provenance.cached = cached
    message.steps.add(step="c", stage=campaigns_pb2.STAGE_STITCHING, state=campaigns_pb2.LANE_STATE_RUNNING)

    assert worked(message) == [Worked("a", "animation", 2.5), Worked("b", "animation", 0.0)]
