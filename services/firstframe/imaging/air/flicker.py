"""Light that flickers as a flame does.

The light of a flame wanders with about 1/f noise up to some ten hertz. Its swing is bounded so that no brightness changes by a
tenth of the relative luminance, which by definition is no flash (`flash.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.air.flash import safe_swing
from firstframe.imaging.air.kernels import relight
from firstframe.imaging.air.light import light_map, light_tint
from firstframe.imaging.air.noise import Wander
from firstframe.imaging.air.regions import on_grid

Floats = NDArray[np.float32]

_FLAME_HZ = (0.25, 9.0)
_FAR = 0.3
"""What is left of the light on what is farthest from its source."""
_WARM = (1.0, 0.82, 0.58)
"""A flame's light changes its red most: brighter is hotter, and blue is faint in it."""


class Flicker(Medium):
    """The light of one clip.

    Args:
        place: Where it falls.
    """

    needs_cover = True

    def __init__(self, place: Place) -> None:
        self._place, self._width = place, place.size.width
        frequencies = np.geomspace(*_FLAME_HZ, 28)
        period = place.duration_s if place.repeats else None
        self._wander = Wander(1 / frequencies, frequencies, place.random(51), period)
        self._swing = safe_swing()
        self._near = [_nearness(place, surface) for surface in place.surfaces]
        self._regions = on_grid(place)
        self._tint = (light_tint(place.hero) * np.array(_WARM)).astype(np.float32)
        self._tint /= self._tint.max()

    def level(self, time_s: float) -> float:
        """How the light is, −1 to 1."""
        return float(np.tanh(0.75 * self._wander.at(time_s)))

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        """See `Medium`."""
        if moment.presence <= 0:
            return
        now = np.float32(self._swing * min(2 * self._place.amount, 1.0) * self.level(moment.time_s) * moment.presence)
        gains = [now * self._region(index, near) for index, near in enumerate(self._near)]
        relight(out, self._width, cover.mixed(gains), self._tint)

    def _region(self, layer: int, near: Floats) -> Floats:
        return near if self._regions is None else np.asarray(near * self._regions[layer], np.float32)


def _nearness(place: Place, surface: Floats) -> Floats:
    """How much of the light reaches the points of a layer, `_FAR` to 1."""
    source = _source(place)
    away = np.linalg.norm(surface - source, axis=-1) / (0.45 * place.subject_m)
    return np.asarray(_FAR + (1 - _FAR) / (1 + away**2), np.float32)


def _source(place: Place) -> Floats:
    """Where the light comes from: the brightest part of the picture, at the subject's distance."""
    light = light_map(place.hero) ** 6
    rows, columns = np.mgrid[0 : light.shape[0], 0 : light.shape[1]]
    x = (light * columns).sum() / light.sum() / max(light.shape[1] - 1, 1) - 0.5
    y = (light * rows).sum() / light.sum() / max(light.shape[0] - 1, 1) - 0.5
    side = place.subject_m / place.focal_px
    return np.array([x * place.size.width * side, y * place.size.height * side, place.subject_m], np.float32)
