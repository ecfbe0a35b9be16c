"""What falls through the frame: drops and flakes with a place in space, drawn as long as the shutter is open.

Everything is in metres and seconds. A thing that leaves the frame below comes in above, somewhere else: the frame never empties
and nothing is seen twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place
from firstframe.imaging.air.kernels import streak
from firstframe.imaging.air.light import light_map, light_tint, sampled
from firstframe.imaging.air.particles import DEFOCUS_PX, REFERENCE_PX, seen

Doubles = NDArray[np.float64]

FARTHEST_M = 12.0
"""Beyond it single drops and flakes are not told apart."""

_MOST_DRAWN = 400_000
_NEARER = 2.2
"""Power of the distance by which a thing is left out rather than another."""
_CLOSE_M = 1.6
"""Things fall before a subject that is farther away than this, too."""
_LONG_LENS = 2.2
"""Focal length over the width of the frame of a lens with little depth of field; wider ones have more."""
_MARGIN = 1.15
"""How much larger than the frame the space is in which things fall."""
_LEAST_RADIUS_PX = (0.7, 1.0)
"""What is thinner is drawn as wide, and as much fainter; in pixels, and in pixels of a frame of `REFERENCE_PX`."""
_MOST_BLUR = 1.7
"""Most of `DEFOCUS_PX` by which the nearest things are blurred."""
_FALL = (2.5, 0.5)
"""See `kernels.streak`: for a thing in focus, and for one out of it."""
_TUMBLE = 1.6
"""Radians by which a thing turns while it swings once."""
_IN_FOCUS = 0.8
"""Share of its drawn radius that a thing has itself, from which it counts as in focus."""
_LIT = 0.35
"""Light on a thing where the picture behind it is darkest, over that where it is brightest."""


@dataclass(frozen=True, slots=True, eq=False)
class Fall:
    """Things that fall; arrays of shape (n,)."""

    depth_m: Doubles
    diameter_m: Doubles
    speed: Doubles
    """Metres per second along the way down."""
    lean: Doubles
    """Radians by which the way of each turns from that of all."""
    opacity: Doubles
    """Share of the light behind it that it hides, and shines itself, at rest."""
    flutter_m: Doubles
    """How far it swings aside."""
    pace: Doubles
    """Swings per second."""
    ragged: float
    """How far from round their outline is, 0 to 1."""
    shutter: float
    """Share of a frame's time in which the shutter is open; 0.5 is the 180° of film cameras."""


class Falling(Medium):
    """Falling things of one clip.

    Args:
        place: Where they fall.
        fall: What they are.
        way_deg: Where they fall to, when nobody says it.
    """

    def __init__(self, place: Place, fall: Fall, way_deg: float) -> None:
        self._place, self._fall, self._size = place, fall, place.size
        self._light = _LIT + (1 - _LIT) * light_map(place.hero)
        self._tint = light_tint(place.hero)
        self._along = np.array(place.way(way_deg))
        self._reach, self._cycle = _reach(place, self._along)
        rng = place.random(11)
        self._phase = rng.uniform(0, 1, len(fall.depth_m))
        self._swing = rng.uniform(0, 2 * np.pi, len(fall.depth_m))
        self._salt = rng.integers(0, 2**31, len(fall.depth_m)).astype(np.uint64)

    def between(self, out: NDArray[np.uint16], moment: Moment, nearest_m: float, farthest_m: float) -> None:
        """See `Medium`."""
        chosen = np.flatnonzero((self._fall.depth_m > nearest_m) & (self._fall.depth_m <= farthest_m))
        if not chosen.size or moment.presence <= 0:
            return
        at, velocity = self._places(chosen, moment.time_s)
        depth = self._fall.depth_m[chosen]
        found, scale = seen(at, depth, moment.pose, self._place.focal_px, self._size)
        half = velocity * (scale * self._fall.shutter / self._place.frame_rate / 2)[:, None]
        radius, peak, fall, ragged = self._looks(chosen, scale, half)
        light = peak * sampled(self._light, self._size, found[:, 0], found[:, 1]) * moment.presence
        if self._place.within is not None:
            ends = [
                sampled(self._place.within, self._size, *(found + share * half).T) for share in (-1, -0.5, 0, 0.5, 1)
            ]
            light *= np.minimum.reduce(ends)
        streak(
            out,
            self._size.width,
            found,
            half,
            radius,
            light,
            fall,
            ragged,
            self._turn(chosen, moment.time_s),
            self._tint,
        )

    def _places(self, chosen: NDArray[np.intp], time_s: float) -> tuple[Doubles, Doubles]:
        """Where things are, pixels from the hero's middle, and how fast they go, pixels per second; shape (n, 2)."""
        fall, pixels = self._fall, self._place.focal_px / self._fall.depth_m[chosen]
        rounds = fall.speed[chosen] * pixels * time_s / self._cycle + self._phase[chosen]
        turn = np.floor(rounds)
        down = (rounds - turn - 0.5) * self._cycle
        aside = (_hashed(self._salt[chosen], turn) - 0.5) * self._reach
        beat = 2 * np.pi * fall.pace[chosen]
        swing, angle = fall.flutter_m[chosen] * pixels, beat * time_s + self._swing[chosen]
        aside += swing * np.sin(angle)
        along, across = self._axes(fall.lean[chosen])
        speed = fall.speed[chosen] * pixels
        at = along * down[:, None] + across * aside[:, None]
        return at, along * speed[:, None] + across * (swing * beat * np.cos(angle))[:, None]

    def _turn(self, chosen: NDArray[np.intp], time_s: float) -> Doubles:
        """Angle of each: what swings tumbles as it does, what falls straight does not."""
        swings = self._fall.flutter_m[chosen] > 0
        return np.asarray(self._swing[chosen] + swings * _TUMBLE * self._fall.pace[chosen] * time_s, np.float64)

    def _axes(self, lean: Doubles) -> tuple[Doubles, Doubles]:
        """Unit vectors along and across the way of each, shape (n, 2)."""
        x, y = self._along
        along = np.stack([x * np.cos(lean) - y * np.sin(lean), x * np.sin(lean) + y * np.cos(lean)], -1)
        return along, np.stack([-along[:, 1], along[:, 0]], -1)

    def _looks(
        self, chosen: NDArray[np.intp], scale: Doubles, half: Doubles
    ) -> tuple[Doubles, Doubles, Doubles, Doubles]:
        """Radius in pixels and peak of each, how fast it falls towards the rim, and how ragged that is.

        A disc that moves by more than its own size covers each point for a part of the exposure only (Garg and Nayar,
        "Vision and Rain", 2007, section 4); one that is out of focus is as much fainter as it is wider.
        """
        fall, place = self._fall, self._place
        depth, unit = fall.depth_m[chosen], min(self._size.width, self._size.height) / REFERENCE_PX
        sharp = fall.diameter_m[chosen] / 2 * place.focal_px / depth * scale
        lens = min(place.focal_px / self._size.width / _LONG_LENS, 1.0)
        blur = DEFOCUS_PX * unit * lens * np.minimum(np.abs(place.subject_m / depth - 1), _MOST_BLUR)
        radius = np.maximum(np.hypot(sharp, blur), max(_LEAST_RADIUS_PX[0], _LEAST_RADIUS_PX[1] * unit))
        focus = sharp / radius
        way = 2 * np.hypot(half[:, 0], half[:, 1])
        covered = 2 * sharp / (2 * sharp + way)
        soft = _FALL[1] + (_FALL[0] - _FALL[1]) * np.minimum(focus / _IN_FOCUS, 1.0)
        ragged = fall.ragged * np.minimum(focus / _IN_FOCUS, 1.0)
        return radius, fall.opacity[chosen] * covered * np.minimum(focus, 1.0), soft, ragged


def depths(place: Place, per_m3: float, most: int, rng: np.random.Generator) -> Doubles:
    """Distances of things that are spread evenly in space, in front of the background; of too many, rather the near ones.

    Args:
        place: Where.
        per_m3: How many there are in a cubic metre.
        most: Most of them.
        rng: Draws them.
    """
    near, far = 0.45 * min(place.subject_m, _CLOSE_M), min(max(0.94 * place.depths_m[0], place.subject_m), FARTHEST_M)
    reach, cycle = _reach(place, np.array(place.way(270.0)))
    volume = reach * cycle / place.focal_px**2 * (far**3 - near**3) / 3
    everywhere = np.cbrt(rng.uniform(near**3, far**3, min(round(per_m3 * volume), _MOST_DRAWN)))
    # of too many the nearer ones are kept with more likelihood (Efraimidis and Spirakis, "Weighted random sampling", 2006)
    chance = rng.uniform(0, 1, len(everywhere)) ** (everywhere**_NEARER)
    return np.asarray(everywhere[np.argsort(-chance)[:most]], np.float64)


def _reach(place: Place, along: Doubles) -> tuple[float, float]:
    """Size of the space in which things fall, across and along their way, in pixels of the hero."""
    sides, way = np.array([place.size.width, place.size.height]) * _MARGIN, np.abs(along)
    return float(sides[0] * way[1] + sides[1] * way[0]), float(sides[0] * way[0] + sides[1] * way[1] + 0.3 * sides[1])


def _hashed(salt: NDArray[np.uint64], turn: Doubles) -> Doubles:
    """A number from 0 to 1 for each thing and round (SplitMix64: Steele, Lea and Flood, "Fast Splittable PRNGs", 2014)."""
    mixed = salt + turn.astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) / 2.0**64, np.float64)
