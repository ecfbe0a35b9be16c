"""Long pieces as clips of 3 to 5 s that join: a longer take would drift away from the hero.

Clips of the engines that follow a path show parts of one motion. A learned engine cannot be told where and how fast it is to
go on, but some are given a last frame: each of their clips goes out from the hero and comes back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

from firstframe.core.motion import Repeat, Window
from firstframe.orchestrator.brief import MAX_CLIP_SECONDS, Learned, MotionBrief
from firstframe.orchestrator.plan import Ending


@dataclass(frozen=True, slots=True)
class Burst:
    """One clip of a piece."""

    first: int
    """Its first frame, counted from 0 over the piece."""
    frame_count: int
    window: Window
    """The part of the motion that it shows."""
    ending: Ending = Ending.OPEN


def frame_count(seconds: float, frame_rate: int) -> int:
    """Whole frames nearest to a length."""
    return round(Fraction(seconds).limit_denominator(1000) * frame_rate)


def bursts_of(motion: MotionBrief) -> tuple[Burst, ...]:
    """The clips of a piece.

    Raises:
        InvalidInput: The pack makes none so long.
    """
    if motion.learned is None:
        return split(frame_count(motion.seconds, motion.frame_rate), motion.frame_rate)
    return _learned(motion, motion.learned)


def frames_of(motion: MotionBrief) -> int:
    """Frames of a piece. Raises as `bursts_of`."""
    return sum(burst.frame_count for burst in bursts_of(motion))


def _learned(motion: MotionBrief, learned: Learned) -> tuple[Burst, ...]:
    count = ceil(motion.seconds / MAX_CLIP_SECONDS)
    last = Ending.HERO if learned.ends_at_hero else Ending.OPEN
    endings = [Ending.BEFORE_HERO] * (count - 1) + [Ending.BEFORE_HERO if motion.motion.repeat is Repeat.LOOP else last]
    made, first = [], 0
    for ending in endings:
        left_out = 1 if ending is Ending.BEFORE_HERO else 0
        seconds = motion.seconds / count + left_out / motion.frame_rate
        frames = learned.pack.frames_for(seconds, field="motion.seconds") - left_out
        made.append(Burst(first, frames, Window(), ending))
        first += frames
    return tuple(made)


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
