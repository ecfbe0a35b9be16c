"""States of a campaign reduced to rows and changes."""

from __future__ import annotations

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2
from firstframe.cli.live import bar
from firstframe.cli.progress import STAGES, Change, Row, Tracker, visible

PENDING = campaigns_pb2.LANE_STATE_PENDING
RUNNING = campaigns_pb2.LANE_STATE_RUNNING
DONE = campaigns_pb2.LANE_STATE_SUCCEEDED
FAILED = campaigns_pb2.LANE_STATE_FAILED


def campaign(*steps: tuple[int, campaigns_pb2.LaneState.ValueType, float, str]) -> campaigns_pb2.Campaign:
    made = campaigns_pb2.Campaign(state=campaigns_pb2.CAMPAIGN_STATE_RUNNING)
    lane = made.lanes.add(lane="bottle.1.16x9", state=RUNNING)
    for index, state, fraction, phase in steps:
        step = lane.steps.add(stage=STAGES[index], state=state)
        step.progress.fraction, step.progress.phase = fraction, phase
    return made


def test_a_stage_that_a_lane_does_not_need_is_empty() -> None:
    tracker = Tracker()
    tracker.update(campaign((0, DONE, 1, ""), (1, RUNNING, 0.25, "warping"), (3, PENDING, 0, "")))
    cells = tracker.rows[0].cells
    assert cells[3] is None
    assert [(cell.stage, cell.state, cell.fraction) for cell in cells if cell] == [
        ("still", "succeeded", 1.0),
        ("check", "pending", 0.0),
        ("motion", "running", 0.25),
        ("encode", "pending", 0.0),
    ]


def test_the_steps_of_a_stage_are_taken_together() -> None:
    tracker = Tracker()
    tracker.update(campaign((3, DONE, 0, ""), (3, RUNNING, 0.5, "encoding")))
    cell = tracker.rows[0].cells[4]
    assert cell is not None
    assert (cell.state, cell.fraction, cell.phase) == ("running", 0.75, "encoding")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((DONE, PENDING), "running"),
        ((DONE, DONE), "succeeded"),
        ((DONE, FAILED), "failed"),
        ((RUNNING, FAILED), "failed"),
        ((PENDING, PENDING), "pending"),
    ],
)
def test_the_state_of_several_steps(states: tuple[campaigns_pb2.LaneState.ValueType, ...], expected: str) -> None:
    tracker = Tracker()
    tracker.update(campaign(*((3, state, 0.0, "") for state in states)))
    cell = tracker.rows[0].cells[4]
    assert cell is not None
    assert cell.state == expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((FAILED,), "cancelled"),
        ((RUNNING,), "cancelled"),
        ((DONE, FAILED), "cancelled"),
        ((DONE, PENDING), "cancelled"),
        ((PENDING, PENDING), "pending"),
        ((DONE, DONE), "succeeded"),
    ],
)
def test_a_step_that_a_cancel_cut_off_did_not_fail(
    states: tuple[campaigns_pb2.LaneState.ValueType, ...], expected: str
) -> None:
    state = campaign(*((3, step, 0.0, "") for step in states))
    state.lanes[0].state = campaigns_pb2.LANE_STATE_CANCELLED
    tracker = Tracker()
    tracker.update(state)
    cell = tracker.rows[0].cells[4]
    assert cell is not None
    assert cell.state == expected


def test_a_state_that_comes_twice_changes_nothing() -> None:
    tracker = Tracker()
    state = campaign((0, RUNNING, 0.42, "rendering"))
    first = tracker.update(state)
    assert first == [
        Change("bottle.1.16x9", "still", "running", 0.42, "rendering"),
        Change("bottle.1.16x9", "", "running", 0.21, ""),
    ]
    assert tracker.update(state) == []


def test_changes_are_states_phases_and_tenths() -> None:
    tracker = Tracker()
    tracker.update(campaign((0, RUNNING, 0.41, "rendering")))
    assert tracker.update(campaign((0, RUNNING, 0.49, "rendering"))) == []
    assert [item.fraction for item in tracker.update(campaign((0, RUNNING, 0.5, "rendering")))] == [0.5]
    assert [item.phase for item in tracker.update(campaign((0, RUNNING, 0.51, "denoising")))] == ["denoising"]
    assert [item.state for item in tracker.update(campaign((0, DONE, 1, "")))] == ["succeeded"]


def test_progress_never_falls_while_a_stage_runs() -> None:
    tracker = Tracker()
    tracker.update(campaign((0, RUNNING, 0.8, "rendering")))
    tracker.update(campaign((0, RUNNING, 0.1, "rendering")))
    cell = tracker.rows[0].cells[0]
    assert cell is not None
    assert cell.fraction == 0.8


def test_work_that_was_there_is_told_as_kept() -> None:
    state = campaign((0, DONE, 1, ""))
    tracker = Tracker()
    tracker.update(state)
    cell = tracker.rows[0].cells[0]
    assert cell is not None
    assert not cell.kept
    state.lanes[0].steps[0].provenance.cached = True
    tracker.update(state)
    cell = tracker.rows[0].cells[0]
    assert cell is not None
    assert cell.kept


def test_lines_for_a_log() -> None:
    assert Change("a.1.16x9", "still", "running", 0.5, "rendering").line() == "a.1.16x9 still: rendering 50%"
    assert Change("a.1.16x9", "", "awaiting_approval", 0.5, "").line() == "a.1.16x9: awaiting approval"


def test_lanes_at_work_are_shown_first_and_in_order() -> None:
    states = ["succeeded", "pending", "running", "succeeded", "failed"]
    rows = [Row(str(index), state, (), "", "") for index, state in enumerate(states)]
    assert [row.lane for row in visible(rows, 2)] == ["2", "4"]
    assert [row.lane for row in visible(rows, 3)] == ["1", "2", "4"]
    assert visible(rows, 9) == rows


@pytest.mark.parametrize(("fraction", "text"), [(0, "····"), (0.5, "██··"), (1, "████"), (0.28, "█▏··"), (7, "████")])
def test_bars_move_in_eighths(fraction: float, text: str) -> None:
    assert bar(fraction, 4) == text


FAIL, WARN, PASS = check_pb2.VERDICT_FAIL, check_pb2.VERDICT_WARN, check_pb2.VERDICT_PASS


@pytest.mark.parametrize(
    ("verdicts", "found", "line"),
    [
        ((PASS, PASS), "pass", "bottle.1.16x9 check: succeeded, pass"),
        ((PASS, WARN, WARN), "2 warn", "bottle.1.16x9 check: succeeded, 2 warn"),
        ((WARN, FAIL), "1 fail", "bottle.1.16x9 check: succeeded, 1 fail"),
    ],
)
def test_the_checks_are_a_stage_of_their_own_with_what_they_found(
    verdicts: tuple[check_pb2.Verdict.ValueType, ...], found: str, line: str
) -> None:
    tracker, made = Tracker(), campaign((0, DONE, 1, ""))
    made.lanes[0].preflight.state = RUNNING
    made.lanes[0].preflight.progress.fraction, made.lanes[0].preflight.progress.phase = 0.5, "measuring"
    (change, *_) = [item for item in tracker.update(made) if item.stage == "check"]
    assert (change.state, change.fraction, change.phase) == ("running", 0.5, "measuring")
    made.lanes[0].preflight.state = DONE
    made.lanes[0].preflight.checks.extend(check_pb2.Check(name=str(at), verdict=one) for at, one in enumerate(verdicts))
    (change,) = [item for item in tracker.update(made) if item.stage == "check"]
    assert (change.found, change.line()) == (found, line)
    assert change.json()["found"] == found


def test_a_lane_of_before_there_were_checks_has_none() -> None:
    tracker, made = Tracker(), campaign((0, DONE, 1, ""))
    made.lanes[0].state = DONE
    tracker.update(made)
    assert tracker.rows[0].cells[1] is None


@pytest.mark.parametrize(("state", "expected"), [(RUNNING, "cancelled"), (DONE, "succeeded"), (FAILED, "cancelled")])
def test_checks_that_a_cancel_cut_off_did_not_fail(state: campaigns_pb2.LaneState.ValueType, expected: str) -> None:
    tracker, made = Tracker(), campaign((0, DONE, 1, ""))
    made.lanes[0].state = campaigns_pb2.LANE_STATE_CANCELLED
    made.lanes[0].preflight.state = state
    tracker.update(made)
    cell = tracker.rows[0].cells[1]
    assert cell is not None
    assert cell.state == expected
