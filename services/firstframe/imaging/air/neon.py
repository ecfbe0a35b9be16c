"""Light that a sign or a tube gives: it hums, and now and then it fails for some frames.

A discharge tube that is near its end goes out within a millisecond and strikes again a moment later, often twice in a row; its
light swings a little with the mains in between. Failures are so rare that there are never more than `flash.MOST_PER_S` of them
in a second.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import FADE_IN_S, Medium, Moment, Place, smooth
from firstframe.imaging.air.cover import GRID, Cover, reduced
from firstframe.imaging.air.kernels import relight, veil
from firstframe.imaging.air.light import at_surface, factor
from firstframe.imaging.air.noise import Wander

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

HUM = 0.012
"""Swing of the light between failures, one standard deviation, at an amount of 1."""
DEPTHS = (0.45, 0.9)
"""Share of its light that the tube loses, at an amount just above 0 and at 1."""

_HUM_HZ = (5.0, 11.0)
"""What a camera sees of twice the mains' frequency: the difference to its own rate."""
_FIRST_S = (0.15, 0.55)
"""After everything is there; a clip of 3 s has one failure at least."""
_REST_S = (0.9, 2.6)
"""From the end of one failure to the next."""
_OUT_S = (0.05, 0.11)
_TWICE = 0.55
"""Of the failures are followed by a second, weaker one."""
_BACK_S = 0.045
"""In which the light comes back, by a factor of e."""
_LATE = 4.0
"""Times `_BACK_S` after which all of it is back."""
_SHUTTER = 0.5
_LOOKS = 6
"""Moments of an exposure that are looked at."""
_LEVELS = (0.94, 0.995)
"""Share of the picture's pixels that are darker than a tube, when nobody says where it is."""
_THICK, _STANDS_OUT = 0.035, 0.15
"""Thickness of a tube at most, over the picture's longer side, and how much brighter than around it: a label is neither."""
_LEAST = 0.55
"""Brightness that a tube has at least."""
_UNLIT = np.float32(0.14)
"""Brightness of a tube that goes out, in its light's colour."""
_HALO = 0.011
"""Reach of the halo that a lens draws around a tube, over the picture's longer side: it goes out with it."""
_SPILL = ((0.05, 0.55), (0.16, 0.35))
"""Reach of its light on what is around it, over the picture's longer side, and its share."""


class Neon(Medium):
    """The light of one clip.

    Args:
        place: Where it is; its region is the tube.
    """

    needs_cover = True

    def __init__(self, place: Place) -> None:
        self._place, self._width = place, place.size.width
        rng = place.random(53)
        self.failures = _failures(place, rng)
        frequencies = np.geomspace(*_HUM_HZ, 9)
        self._hum = Wander(np.ones(9), frequencies, rng, place.duration_s if place.repeats else None)
        tube = _tube(place)
        shining = _haloed(tube)
        self._tubes = [at_surface(shining, surface, place) for surface in place.surfaces]
        self._lit = [at_surface(_spilt(tube) * (1 - shining), surface, place) for surface in place.surfaces]
        self._tint = _tint(place, tube)

    def level(self, time_s: float) -> float:
        """Light that there is more than usual, -1 to about 0, mean of an exposure."""
        times = time_s + np.linspace(0, _SHUTTER / self._place.frame_rate, _LOOKS)
        low, high = DEPTHS
        amount = self._place.amount
        lost = np.zeros(_LOOKS)
        for begin, length, depth in self.failures:
            lost = np.maximum(lost, depth * _gone(times - begin, length))
        hum = HUM * np.tanh(self._hum.at(times) / 2) * 2
        return float((amount * hum - (low + (high - low) * amount) * lost * min(4 * amount, 1)).mean())

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        """See `Medium`."""
        if moment.presence <= 0:
            return
        now = np.float32(self.level(moment.time_s) * moment.presence)
        if now < 0:  # a tube is near white, which `relight` would leave
            dark = cover.mixed([-factor(now * tube) for tube in self._tubes])
            veil(out, self._width, dark, _UNLIT * self._tint)
        relight(out, self._width, cover.mixed([factor(now * light) for light in self._lit]), self._tint)


def _failures(place: Place, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Begin and length of each in seconds, and its depth, 0 to 1."""
    found: list[tuple[float, float, float]] = []
    time_s = FADE_IN_S + rng.uniform(*_FIRST_S)
    last_s = place.duration_s - (FADE_IN_S if place.repeats else 0.0)
    while True:
        length, second = rng.uniform(*_OUT_S), rng.uniform(*_OUT_S)
        again_s = time_s + length + rng.uniform(0.06, 0.14)
        twice = rng.uniform() < _TWICE
        end_s = again_s + second if twice else time_s + length
        if end_s + _LATE * _BACK_S > last_s:
            return found
        found.append((time_s, length, rng.uniform(0.85, 1.0)))
        if twice:
            found.append((again_s, second, rng.uniform(0.45, 0.8)))
        time_s = end_s + rng.uniform(*_REST_S)


def _gone(since_s: Doubles, length_s: float) -> Doubles:
    """Share of the light that is lost at moments since a failure's begin: at once, and back along an exponential."""
    back = np.exp(-np.clip(since_s - length_s, 0, _LATE * _BACK_S) / _BACK_S)
    gone = np.where((since_s < 0) | (since_s > length_s + _LATE * _BACK_S), 0.0, back)
    return np.asarray(gone, np.float64)


def _tube(place: Place) -> Floats:
    """What shines itself, 0 to 1, shape of the hero over `GRID`: the region, or else what is bright and thin."""
    if place.within is not None:
        return reduced(place.within, GRID)
    bright = reduced(place.hero.max(-1), GRID) / np.float32(255)
    side = 2 * round(_THICK * max(bright.shape) / 2) + 1
    broad = cv2.morphologyEx(bright, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    low, high = np.quantile(bright, _LEVELS)
    low = max(float(low), _LEAST)
    shining = smooth((bright - np.float32(low)) / np.float32(max(float(high) - low, 0.04)))
    return np.asarray(shining * smooth((bright - broad) / np.float32(_STANDS_OUT)), np.float32)


def _haloed(tube: Floats) -> Floats:
    """A tube with what its own light blurs around it, 0 to 1."""
    halo = cv2.GaussianBlur(tube, (0, 0), _HALO * max(tube.shape), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(np.maximum(tube, np.minimum(1.6 * halo / max(float(halo.max()), 1e-6), 1)), np.float32)


def _spilt(tube: Floats) -> Floats:
    """How much of the light at each point beside a tube is its own, 0 to 1."""
    side = max(tube.shape)
    light = np.zeros_like(tube)
    for reach, share in _SPILL:
        spread = cv2.GaussianBlur(tube, (0, 0), reach * side, borderType=cv2.BORDER_CONSTANT)
        light += np.float32(share) * spread / max(float(spread.max()), 1e-6)
    return np.asarray(np.minimum(light, 1), np.float32)


def _tint(place: Place, tube: Floats) -> Floats:
    """Share of the change for red, green and blue: most of it has the light's colour."""
    small = reduced(place.hero.astype(np.float32), GRID)
    weight = cv2.GaussianBlur(tube, (0, 0), 2.0) + np.float32(1e-4)
    colour = (small * weight[..., None]).sum((0, 1)) / weight.sum()
    return np.asarray(0.3 + 0.7 * colour / max(float(colour.max()), 1.0), np.float32)
