"""How much of a move is done at a share of its time: eases, and curves through keyframes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi

from firstframe.core.motion import CameraPhase, Ease, Keyframe, Repeat

EASE_IN = 0.28
EASE_OUT = 0.32
"""Shares of a move's time in which the camera gathers speed and comes to rest."""
_PROBES = 400

Way = Callable[[float], float]
"""From a share of the time, 0 to 1, to the share of the way that is done."""


def eased(share: float) -> float:
    """Share of the way that is done at a share of the time: from rest, steady, to rest.

    Speed rises and falls along smoothstep, so that speed and acceleration have no corner.
    """
    top = 1 / (1 - EASE_IN / 2 - EASE_OUT / 2)
    if share < EASE_IN:
        return top * EASE_IN * _ramp(share / EASE_IN)
    if share > 1 - EASE_OUT:
        return 1 - top * EASE_OUT * _ramp((1 - share) / EASE_OUT)
    return top * (share - EASE_IN / 2)


def eased_in(share: float) -> float:
    """The same from rest to full speed."""
    top = 1 / (1 - EASE_IN / 2)
    return top * (EASE_IN * _ramp(share / EASE_IN) if share < EASE_IN else share - EASE_IN / 2)


def eased_out(share: float) -> float:
    """The same from full speed to rest."""
    top = 1 / (1 - EASE_OUT / 2)
    return 1 - top * EASE_OUT * _ramp((1 - share) / EASE_OUT) if share > 1 - EASE_OUT else top * share


def steady(share: float) -> float:
    """The same speed all the while."""
    return share


EASES: dict[Ease, Way] = {Ease.SMOOTH: eased, Ease.LINEAR: steady, Ease.IN: eased_in, Ease.OUT: eased_out}


@dataclass(frozen=True, slots=True)
class Curve:
    """The way of one phase."""

    at: Way
    lowest: float
    """Least share of the way that is ever done; below zero where keys go backwards."""
    highest: float
    begins_at_rest: bool
    ends_at_rest: bool

    @property
    def top_speed(self) -> float:
        """Greatest speed, in ways per time of the phase."""
        done = [self.at(index / _PROBES) for index in range(_PROBES + 1)]
        return _PROBES * max(abs(after - before) for before, after in pairwise(done))


def curve_of(phase: CameraPhase, repeat: Repeat = Repeat.ONCE, *, first: bool = True, last: bool = True) -> Curve:
    """The way of a phase.

    Args:
        phase: What is asked for.
        repeat: A loop has its own ease at both ends of its chain, in place of a smooth phase's.
        first: Whether the phase begins the chain.
        last: Whether it ends it.
    """
    if phase.keys:
        ways = [0.0, *(key.way for key in phase.keys)]
        return Curve(through(phase.keys), min(ways), max(ways), begins_at_rest=True, ends_at_rest=True)
    ease = phase.ease
    if repeat is Repeat.LOOP and ease is Ease.SMOOTH:
        ease = {(True, True): Ease.LINEAR, (True, False): Ease.OUT, (False, True): Ease.IN}.get((first, last), ease)
    rests = ease in (Ease.SMOOTH, Ease.IN), ease in (Ease.SMOOTH, Ease.OUT)
    return Curve(EASES[ease], 0.0, 1.0, *rests)


def through(keys: Sequence[Keyframe]) -> Way:
    """A curve from nothing at the beginning through all keys, from rest to rest, with no more turns than the keys have.

    A cubic between neighbouring keys, with the slopes of Fritsch and Butland ("A method for constructing local monotone
    piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 5, 1984) inside and none at both ends.

    Args:
        keys: In order of time, at least one; one at the very beginning has nothing done.
    """
    points = [(key.at, key.way) for key in keys]
    points = points if points[0][0] == 0 else [(0.0, 0.0), *points]
    slopes = [0.0, *_slopes(points), 0.0]
    times = [time for time, _ in points]

    def at(share: float) -> float:
        after = bisect_right(times, share)
        if after == len(points):
            return points[-1][1]
        return _cubic(points[after - 1], points[after], slopes[after - 1], slopes[after], share)

    return at


def chain_time(share: float, repeat: Repeat) -> float:
    """Share of a chain that is done at a share of the clip's time; both 0 to 1."""
    if repeat is Repeat.PING_PONG:
        return 1 - abs(1 - 2 * share)
    if repeat is Repeat.LOOP:
        return (1 - cos(2 * pi * share)) / 2
    return share


def _ramp(share: float) -> float:
    """Integral of smoothstep from 0 to `share`."""
    return share**3 - share**4 / 2


def _slopes(points: Sequence[tuple[float, float]]) -> list[float]:
    """Slopes at all points but the first and the last."""
    gaps = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(points)]
    return [_slope(*before, *after) for before, after in pairwise(gaps)]


def _slope(time: float, way: float, next_time: float, next_way: float) -> float:
    """Weighted harmonic mean of the slopes on both sides; none where the curve turns."""
    one, other = way / time, next_way / next_time
    if one * other <= 0:
        return 0.0
    weights = 2 * next_time + time, next_time + 2 * time
    return sum(weights) / (weights[0] / one + weights[1] / other)


def _cubic(
    before: tuple[float, float], after: tuple[float, float], slope: float, next_slope: float, share: float
) -> float:
    """Hermite's cubic between two points."""
    length = after[0] - before[0]
    t = (share - before[0]) / length
    low = (1 + 2 * t) * (1 - t) ** 2 * before[1] + t * (1 - t) ** 2 * length * slope
    return low + t * t * (3 - 2 * t) * after[1] + t * t * (t - 1) * length * next_slope
