"""Rain: drops as the size distribution of a rain rate has them, at their terminal speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Place
from firstframe.imaging.air.falling import Fall, Falling, depths

Doubles = NDArray[np.float64]

LEAST_MM = 0.6
"""Smaller drops are not seen one by one."""
MOST_MM = 5.0
"""Larger ones break."""
RATES_MM_H = (3.0, 30.0)
"""Rain rate at an amount just above 0 and at 1: light rain to a downpour."""

SHUTTER = 0.5

_INTERCEPT = 8000.0
_MOST = 3000
_WAY_DEG = 276.0
"""Down, and a little to the right: a breeze of under 1 m/s."""
_LEAN = np.deg2rad(1.6)
_BRIGHT = 20.0
"""How much brighter a drop is than an even light would make it: rain is filmed against a lamp."""


def terminal_speed(diameter_mm: Doubles) -> Doubles:
    """Metres per second (Atlas, Srivastava and Sekhon, "Doppler radar characteristics of precipitation", 1973)."""
    return np.asarray(9.65 - 10.3 * np.exp(-0.6 * diameter_mm), np.float64)


def slope_per_mm(rate_mm_h: float) -> float:
    """Of the number of drops over their diameter (Marshall and Palmer, "The distribution of raindrops with size", 1948)."""
    return float(4.1 * rate_mm_h**-0.21)


def drops_per_m3(rate_mm_h: float) -> float:
    """Drops that can be seen in a cubic metre, of the same distribution."""
    slope = slope_per_mm(rate_mm_h)
    return float(_INTERCEPT / slope * np.exp(-slope * LEAST_MM))


class Rain(Falling):
    """The rain of one clip.

    Args:
        place: Where it rains.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place, _drops(place), _WAY_DEG)


def _drops(place: Place) -> Fall:
    rng = place.random(21)
    rate = RATES_MM_H[0] * (RATES_MM_H[1] / RATES_MM_H[0]) ** place.amount
    depth = depths(place, drops_per_m3(rate), _MOST, rng) if place.amount > 0 else np.empty(0)
    count = len(depth)
    diameter = np.minimum(LEAST_MM + rng.exponential(1 / slope_per_mm(rate), count), MOST_MM)
    return Fall(
        depth_m=depth,
        diameter_m=diameter / 1000,
        speed=terminal_speed(diameter),
        lean=rng.normal(0, _LEAN, count),
        opacity=np.full(count, _BRIGHT),
        flutter_m=np.zeros(count),
        pace=np.zeros(count),
        ragged=0.0,
        shutter=SHUTTER,
    )
