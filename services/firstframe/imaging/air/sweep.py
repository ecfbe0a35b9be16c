"""A beam of light that passes over the hero once, as when a lamp is moved beside the camera.

It bends over what it falls on: near things are lit before far ones. It multiplies light, so that black stays black and gloss
flares up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place, smoothstep
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.air.kernels import relight
from firstframe.imaging.air.light import factor, lifts, light_tint
from firstframe.imaging.air.noise import cloudy, tiled
from firstframe.imaging.air.regions import on_grid

Floats = NDArray[np.float32]

_MOST = 3.6
"""How much more light at the middle of the beam, at an amount of 1."""
_CORE, _SKIRT = 0.17, 0.36
"""Widths of the beam, over half of the frame's diagonal."""
_BESIDE = -0.55
"""Where a second, fainter glint follows."""
_DEEP = 0.5
"""How much later a thing is lit that is e times as far away."""
_OUTSIDE = 1.9
"""Where the beam begins and ends, out of the frame."""
_WAY_DEG = -18.0


class LightSweep(Medium):
    """The light of one clip.

    Args:
        place: Where it falls.
    """

    needs_cover = True

    def __init__(self, place: Place) -> None:
        self._place, self._width = place, place.size.width
        tile = cloudy(128, 1.7, place.random(41), stretch=1.0)
        self._along = [_along(place, surface) for surface in place.surfaces]
        self._uneven = [_uneven(place, surface, tile) for surface in place.surfaces]
        self._tint = light_tint(place.hero)
        self._lift = lifts(place)
        self._regions = on_grid(place)

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        """See `Medium`."""
        if moment.presence <= 0:
            return
        middle = -_OUTSIDE + 2 * _OUTSIDE * passed(moment.share)
        most = _MOST * self._place.amount * moment.presence
        gains = [
            factor(most * self._region(index, lift * beam(along - middle + 0.12 * uneven) * (1 + 0.25 * uneven)))
            for index, (along, uneven, lift) in enumerate(zip(self._along, self._uneven, self._lift, strict=True))
        ]
        relight(out, self._width, cover.mixed(gains), self._tint)

    def _region(self, layer: int, light: Floats) -> Floats:
        return light if self._regions is None else np.asarray(light * self._regions[layer], np.float32)


def passed(share: float) -> float:
    """Share of the way at a share of the time: slower in the middle of the frame."""
    return 0.5 * share + 0.5 * (0.5 + 4 * (share - 0.5) ** 3) if 0 < share < 1 else smoothstep(share)


def beam(beside: Floats) -> Floats:
    """Light at a distance from the beam's middle, 0 to about 1."""
    core, skirt = np.exp(-((beside / _CORE) ** 2) / 2), np.exp(-((beside / _SKIRT) ** 2) / 2)
    glint = np.exp(-(((beside - _BESIDE) / (0.45 * _CORE)) ** 2) / 2)
    return np.asarray(0.62 * core + 0.30 * skirt + 0.16 * glint, np.float32)


def _along(place: Place, surface: Floats) -> Floats:
    """Where the points of a layer are along the way of the beam; 1 is at the corner of the frame at the subject."""
    half = np.hypot(place.size.width, place.size.height) / 2 / place.focal_px
    x, y = place.way(_WAY_DEG)
    across = (surface[..., 0] * x + surface[..., 1] * y) / surface[..., 2] / half
    return np.asarray(
        across + _DEEP * np.log(np.maximum(surface[..., 2], 1e-3) / place.subject_m).clip(-1, 1), np.float32
    )


def _uneven(place: Place, surface: Floats, tile: Floats) -> Floats:
    """No lamp is even: slow noise over the frame."""
    scale = place.focal_px / place.size.width * 0.5
    at = surface[..., :2] / surface[..., 2:] * scale
    return np.clip(tiled(tile, at[..., 0], at[..., 1]), -2, 2)
