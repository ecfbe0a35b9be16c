"""Snow: single crystals and small flakes that sink slowly and swing while they do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Place
from firstframe.imaging.air.falling import Fall, Falling, depths

Doubles = NDArray[np.float64]

SIZES_MM = (1.5, 11.0)
_SPREAD_MM = 1.7
"""Mean of what flakes have beyond the smallest size."""
SHUTTER = 0.125
"""A quarter as long as for rain, as one films snow: flakes, not lines."""
_RAGGED = 0.55
OVERCRANK = 2.5
"""Snow is filmed at more than twice the rate and played slower, as product films are: so close, it would rush by."""

_PER_M3 = (800.0, 8000.0)
"""Flakes in a cubic metre at an amount just above 0 and at 1."""
_MOST = 4000
_WAY_DEG = 282.0
_LEAN = np.deg2rad(7.0)


def terminal_speed(diameter_mm: Doubles) -> Doubles:
    """Metres per second of single crystals and of flakes of many.

    Single plane dendrites sink at 0.3 whatever their size (Nakaya and Terada, 1935), flakes at 0.8 · D^0.16 (Locatelli and
    Hobbs, "Fall speeds and masses of solid precipitation particles", 1974).
    """
    single, flakes = 0.3, 0.8 * diameter_mm**0.16
    return np.asarray(single + (flakes - single) * np.clip((diameter_mm - 2) / 8, 0, 1), np.float64)


class Snow(Falling):
    """The snow of one clip.

    Args:
        place: Where it snows.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place, _flakes(place), _WAY_DEG)


def _flakes(place: Place) -> Fall:
    rng = place.random(22)
    per_m3 = _PER_M3[0] * (_PER_M3[1] / _PER_M3[0]) ** place.amount
    depth = depths(place, per_m3, _MOST, rng) if place.amount > 0 else np.empty(0)
    count = len(depth)
    diameter = np.minimum(SIZES_MM[0] + rng.exponential(_SPREAD_MM, count), SIZES_MM[1])
    return Fall(
        depth_m=depth,
        diameter_m=diameter / 1000,
        speed=terminal_speed(diameter) * rng.uniform(0.85, 1.15, count) / OVERCRANK,
        lean=rng.normal(0, _LEAN, count),
        opacity=rng.uniform(0.7, 1.0, count),
        flutter_m=diameter / 1000 * rng.uniform(0.8, 2.5, count),
        pace=rng.uniform(0.6, 1.6, count) / OVERCRANK,
        ragged=_RAGGED,
        shutter=SHUTTER,
    )
