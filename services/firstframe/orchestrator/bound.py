"""How long a campaign has to take at least, by the work that it turned out to be.

The goal of campaigns is a share that ends within 1.3 times of this; what is above it is waiting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstframe.orchestrator.plan import Stage

ORDER = tuple(stage.value for stage in Stage)
"""Stages as a lane goes through them."""


@dataclass(frozen=True, slots=True)
class Worked:
    """One finished step."""

    step: str
    stage: str
    seconds: float
    """Of one slot; 0 for a result that was there before."""


def bound_s(lanes: Sequence[Sequence[Worked]], slots: Mapping[str, int]) -> float:
    """The shortest time in which any schedule does these lanes, in seconds.

    For each stage: nothing can begin there before one lane has come to it, all its work has to go through its slots, and
    one lane has to go on from there to its end. A lane cannot be faster than its steps one after the other.

    Args:
        lanes: Steps of each lane; one that is in several is done once.
        slots: Slots of each stage; at least one is assumed.
    """
    times = [_by_stage(lane) for lane in lanes]
    if not times:
        return 0.0
    return max(*(sum(lane) for lane in times), *(_through(lanes, times, slots, place) for place in range(len(ORDER))))


def _by_stage(lane: Sequence[Worked]) -> list[float]:
    """Seconds at each stage; steps of one stage of a lane run side by side."""
    return [max((one.seconds for one in lane if one.stage == stage), default=0.0) for stage in ORDER]


def _through(
    lanes: Sequence[Sequence[Worked]], times: Sequence[Sequence[float]], slots: Mapping[str, int], place: int
) -> float:
    stage = ORDER[place]
    work = {one.step: one.seconds for lane in lanes for one in lane if one.stage == stage}
    head = min(sum(lane[:place]) for lane in times)
    tail = min(sum(lane[place + 1 :]) for lane in times)
    return head + sum(work.values()) / max(1, slots.get(stage, 1)) + tail
