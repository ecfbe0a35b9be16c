"""Dust in the light: few, soft, slow particles between the camera and the background.

Each particle has a place in three dimensions, so it takes part in the parallax, is hidden by what is nearer, and is out of
focus when it is not at the subject's distance. It shines where the picture behind it is bright.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place
from firstframe.imaging.air.kernels import glow
from firstframe.imaging.air.light import light_map, light_tint, sampled
from firstframe.imaging.air.particles import DEFOCUS_PX, REFERENCE_PX, seen
from firstframe.imaging.camera import Pose

Doubles = NDArray[np.float64]

COUNT = 800
"""Particles over the frame and its surroundings, at most."""
MARGIN = 0.15
"""Share of the frame around it in which there are particles too, so that some come in."""

_FOCUS_RADIUS_PX = 2.6
_PEAK, _MOST_PEAK = 1.7, 0.95


@dataclass(frozen=True, slots=True, eq=False)
class _Particles:
    """Shapes (n,) and (n, 2)."""

    depth_m: Doubles
    place: Doubles
    """Pixels from the middle of the hero's frame."""
    drift: Doubles
    """Pixels per second."""
    sway: Doubles
    """Pixels."""
    phase: Doubles
    pace: Doubles
    """Swings per second."""
    radius: Doubles
    peak: Doubles


class Dust(Medium):
    """The dust of one clip.

    Args:
        place: Where it is; its light is taken from the hero, and the same seed gives the same dust.
    """

    def __init__(self, place: Place) -> None:
        self._size, self._focal = place.size, place.focal_px
        self._light = light_map(place.hero)
        self._tint = light_tint(place.hero)
        self._particles = _scattered(place)
        self._within = place.within

    def between(self, out: NDArray[np.uint16], moment: Moment, nearest_m: float, farthest_m: float) -> None:
        """See `Medium`."""
        chosen = (self._particles.depth_m > nearest_m) & (self._particles.depth_m <= farthest_m)
        if not chosen.any() or moment.presence <= 0:
            return
        x, y, radius, peak = self._seen(np.flatnonzero(chosen), moment.pose, moment.time_s)
        light = peak * sampled(self._light, self._size, x, y) * moment.presence
        if self._within is not None:
            light *= sampled(self._within, self._size, x, y)
        glow(out, self._size.width, x, y, radius, light, self._tint)

    def _seen(self, chosen: NDArray[np.intp], pose: Pose, time_s: float) -> tuple[Doubles, Doubles, Doubles, Doubles]:
        p = self._particles
        angle = 2 * np.pi * (p.pace[chosen] * time_s + p.phase[chosen])
        place = p.place[chosen] + p.drift[chosen] * time_s
        place[:, 0] += p.sway[chosen] * np.sin(angle)
        place[:, 1] += p.sway[chosen] * 0.6 * np.cos(0.7 * angle)
        found, scale = seen(place, p.depth_m[chosen], pose, self._focal, self._size)
        glint = 0.7 + 0.3 * np.sin(1.7 * angle + 1)
        x, y = np.ascontiguousarray(found.T)
        return x, y, p.radius[chosen] * scale, p.peak[chosen] * glint


def _scattered(place: Place) -> _Particles:
    size, subject_m, background_m, rng = place.size, place.subject_m, place.depths_m[0], place.random(7)
    count = round(COUNT * place.amount)
    unit = min(size.width, size.height) / REFERENCE_PX
    near, far = 0.5 * subject_m, max(0.94 * background_m, subject_m)
    depth = 1 / rng.uniform(1 / far, 1 / near, count)
    reach = np.array([size.width, size.height]) * (0.5 + MARGIN)
    defocus = np.abs(subject_m / depth - 1)
    radius = (_FOCUS_RADIUS_PX * rng.uniform(0.75, 1.5, count) + DEFOCUS_PX * defocus) * unit
    speed = (subject_m / depth)[:, None] * unit
    return _Particles(
        depth_m=depth,
        place=rng.uniform(-reach, reach, (count, 2)),
        drift=(_drift(place) + rng.normal(0, 6, (count, 2))) * speed,
        sway=rng.uniform(2, 9, count) * unit,
        phase=rng.uniform(0, 1, count),
        pace=rng.uniform(0.12, 0.35, count),
        radius=radius,
        peak=np.minimum(_PEAK * rng.beta(1.6, 2.0, count) * (_FOCUS_RADIUS_PX * unit / radius) ** 0.7, _MOST_PEAK),
    )


def _drift(place: Place) -> Doubles:
    """Where all of it drifts to, in pixels per second at the subject; upwards and to the right by itself."""
    own = np.array([5.0, -7.0])
    return own if place.direction_deg is None else np.hypot(*own) * np.array(place.way(0.0))
