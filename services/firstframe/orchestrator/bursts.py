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
    """The clips of a piece."""
    if motion.learned is None:
        return split(frame_count(motion.seconds, motion.frame_rate), motion.frame_rate)
    return _learned(motion, motion.learned)


def frames_of(motion: MotionBrief) -> int:
    """Frames of a piece."""
    return sum(burst.frame_count for burst in bursts_of(motion))


def _learned(motion: MotionBrief, learned: Learned) -> tuple[Burst, ...]:
    """As many clips of the pack's lengths as come nearest to the piece's."""
    pack = learned.pack
    count = 1 if motion.seconds <= MAX_CLIP_SECONDS else max(1, round(motion.seconds / pack.longest_s))
    made, first = [], 0
    for number in range(count):
        ending = Ending.BEFORE_HERO if number < count - 1 else _last_ending(motion, learned)
        frames = pack.frames_for(motion.seconds / count) - (ending is Ending.BEFORE_HERO)
        made.append(Burst(first, frames, Window(), ending))
        first += frames
    return tuple(made)


def _last_ending(motion: MotionBrief, learned: Learned) -> Ending:
    if motion.motion.repeat is Repeat.LOOP:
        return Ending.BEFORE_HERO
    return Ending.HERO if learned.ends_at_hero else Ending.OPEN


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
