"""Long pieces as clips of 3 to 5 s that join: a longer take would drift away from the hero."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from firstframe.core.motion import Window
from firstframe.orchestrator.brief import MAX_CLIP_SECONDS


@dataclass(frozen=True, slots=True)
class Burst:
    """One clip of a piece."""

    first: int
    """Its first frame, counted from 0 over the piece."""
    frame_count: int
    window: Window
    """The part of the motion that it shows."""


def split(frames: int, frame_rate: int) -> tuple[Burst, ...]:
    """The fewest clips of at most 5 s, as even as whole frames allow; their windows join without a gap.

    Args:
        frames: Of the piece.
        frame_rate: Frames per second.
    """
    count = ceil(frames / (MAX_CLIP_SECONDS * frame_rate))
    if count == 1:
        return (Burst(0, frames, Window()),)
    ends = [_end(number, count, frames) for number in range(count + 1)]
    return tuple(Burst(begin, end - begin, Window(begin / frames, end / frames)) for begin, end in pairwise(ends))


def _end(number: int, count: int, frames: int) -> int:
    """Frames of the first `number` clips of `count`; the longer ones come first."""
    length, longer = divmod(frames, count)
    return number * length + min(number, longer)
