"""What a watcher sees of a campaign: states of it reduced to rows, and the changes between two states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.checks import word_of, worst_word

STAGES = (
    campaigns_pb2.STAGE_IMAGEGEN,
    campaigns_pb2.STAGE_ANIMATION,
    campaigns_pb2.STAGE_UPSCALING,
    campaigns_pb2.STAGE_STITCHING,
)
STAGE_WORDS = {
    campaigns_pb2.STAGE_IMAGEGEN: "still",
    campaigns_pb2.STAGE_ANIMATION: "motion",
    campaigns_pb2.STAGE_UPSCALING: "upscale",
    campaigns_pb2.STAGE_STITCHING: "encode",
}
"""What a person calls the stages."""
COLUMNS = ("still", "check", "motion", "upscale", "encode")
"""What a lane goes through: the stages, and after the first the checks of the still."""

_GRAVEST = ("failed", "running", "awaiting_approval", "pending", "cancelled", "rejected")


def state_word(state: campaigns_pb2.LaneState.ValueType) -> str:
    """The state of a lane or step in lower case, for example `awaiting_approval`."""
    return campaigns_pb2.LaneState.Name(state).removeprefix("LANE_STATE_").lower()


def campaign_word(state: campaigns_pb2.CampaignState.ValueType) -> str:
    """The state of a campaign in lower case."""
    return campaigns_pb2.CampaignState.Name(state).removeprefix("CAMPAIGN_STATE_").lower()


def campaign_id(campaign: campaigns_pb2.Campaign) -> str:
    """The last part of a campaign's name, for example `first-light-0123456789ab`."""
    return campaign.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage of a lane; several steps of the stage are taken together."""

    stage: str
    state: str
    fraction: float
    """0 to 1, never falling while the state is `running`."""
    phase: str
    kept: bool
    """Whether all of it was there from earlier work."""
    found: str = ""
    """`pass`, `warn` or `fail`, and how many there are of it, once checks are made."""


@dataclass(frozen=True, slots=True)
class Row:
    """One lane."""

    lane: str
    state: str
    cells: tuple[Cell | None, ...]
    """One for each of COLUMNS; None where the lane does not need the stage, or was made before there were checks."""
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is new in a cell or a lane; `stage` is empty for a lane."""

    lane: str
    stage: str
    state: str
    fraction: float
    phase: str

    found: str = ""

    def json(self) -> dict[str, object]:
        """The change as one JSON object."""
        return {"event": "progress", **asdict(self)}

    def line(self) -> str:
        """The change in one line for a log."""
        what = f"{self.lane} {self.stage}".strip()
        words = self.state.replace("_", " ")
        if self.stage and self.state == "running":
            return f"{what}: {self.phase or words} {self.fraction:.0%}"
        return f"{what}: {words}{f', {self.found}' if self.found else ''}"


def _cell(stage: campaigns_pb2.Stage.ValueType, lane: campaigns_pb2.Lane, before: Cell | None) -> Cell | None:
    steps = [step for step in lane.steps if step.stage == stage]
    if not steps:
        return None
    state = _together(lane, {state_word(step.state) for step in steps})
    fraction = sum(_fraction(step) for step in steps) / len(steps)
    if before is not None and before.state == state:
        fraction = max(fraction, before.fraction)
    phase = next((step.progress.phase for step in steps if state_word(step.state) == "running"), "")
    kept = state == "succeeded" and all(step.provenance.cached for step in steps)
    return Cell(STAGE_WORDS[stage], state, fraction, phase, kept)


def _check_cell(lane: campaigns_pb2.Lane, before: Cell | None) -> Cell | None:
    shown = lane.preflight
    state = state_word(shown.state) if shown.state else "pending"
    if state == "pending" and lane.state == campaigns_pb2.LANE_STATE_SUCCEEDED:
        return None
    if lane.state == campaigns_pb2.LANE_STATE_CANCELLED and state not in ("succeeded", "pending"):
        state = "cancelled"
    fraction = 1.0 if state == "succeeded" else min(max(shown.progress.fraction, 0.0), 1.0)
    if before is not None and before.state == state:
        fraction = max(fraction, before.fraction)
    phase = shown.progress.phase if state == "running" else ""
    return Cell("check", state, fraction, phase, state == "succeeded" and shown.provenance.cached, _found(lane))


def _found(lane: campaigns_pb2.Lane) -> str:
    word = worst_word(lane.preflight.checks)
    count = sum(word_of(check) == word for check in lane.preflight.checks)
    return f"{count} {word}" if word in ("fail", "warn") else word


def _together(lane: campaigns_pb2.Lane, states: set[str]) -> str:
    """What the states of a stage's steps come to."""
    if lane.state == campaigns_pb2.LANE_STATE_CANCELLED:
        # A step that was cut off says that it failed; the lane knows why.
        return states.pop() if states in ({"succeeded"}, {"pending"}) else "cancelled"
    if states == {"pending", "succeeded"}:
        return "running"
    return next((word for word in _GRAVEST if word in states), "succeeded")


def _fraction(step: campaigns_pb2.Step) -> float:
    return 1.0 if step.state == campaigns_pb2.LANE_STATE_SUCCEEDED else min(max(step.progress.fraction, 0.0), 1.0)


def _row(lane: campaigns_pb2.Lane, before: Row | None) -> Row:
    still, check, *others = before.cells if before else (None,) * len(COLUMNS)
    cells = (
        _cell(STAGES[0], lane, still),
        _check_cell(lane, check),
        *(_cell(stage, lane, cell) for stage, cell in zip(STAGES[1:], others, strict=True)),
    )
    return Row(lane.lane, state_word(lane.state), cells, lane.error.reason, lane.error.message)


class Tracker:
    """Reduces a stream of states to rows and changes. A state that comes twice changes nothing."""

    def __init__(self) -> None:
        self.rows: tuple[Row, ...] = ()
        self.state = ""

    def update(self, campaign: campaigns_pb2.Campaign) -> list[Change]:
        """Takes a state and tells what is new since the last one: states, phases, and every tenth of a stage."""
        before = {row.lane: row for row in self.rows}
        self.rows = tuple(_row(lane, before.get(lane.lane)) for lane in campaign.lanes)
        self.state = campaign_word(campaign.state)
        return [change for row in self.rows for change in _changes(row, before.get(row.lane))]

    @property
    def done(self) -> int:
        """Number of lanes that have ended."""
        return sum(row.state in {"succeeded", "failed", "rejected", "cancelled"} for row in self.rows)


def _changes(row: Row, before: Row | None) -> Iterator[Change]:
    earlier: Sequence[Cell | None] = before.cells if before else (None,) * len(row.cells)
    for cell, old in zip(row.cells, earlier, strict=True):
        if cell is not None and _is_new(cell, old):
            yield Change(row.lane, cell.stage, cell.state, round(cell.fraction, 3), cell.phase, cell.found)
    if before is None or row.state != before.state:
        yield Change(row.lane, "", row.state, round(_mean(row), 3), "")


def _is_new(cell: Cell, old: Cell | None) -> bool:
    if old is None:
        return cell.state != "pending"
    tenths = int(cell.fraction * 10) > int(old.fraction * 10) and cell.state == "running"
    return (cell.state, cell.phase) != (old.state, old.phase) or tenths


def _mean(row: Row) -> float:
    fractions = [cell.fraction for cell in row.cells if cell is not None]
    return sum(fractions) / len(fractions) if fractions else 0.0


def visible(rows: Sequence[Row], limit: int) -> list[Row]:
    """At most `limit` rows, in order; those at work and those that wait for a person come before the others."""
    rank = {"running": 0, "failed": 1, "awaiting_approval": 1, "pending": 2}
    chosen = sorted(range(len(rows)), key=lambda index: (rank.get(rows[index].state, 3), index))[:limit]
    return [rows[index] for index in sorted(chosen)]
