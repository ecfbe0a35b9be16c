"""Mist that drifts between the layers: what stands farther away is veiled more, and near the ground most."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place, smooth
from firstframe.imaging.air.cover import GRID, Cover
from firstframe.imaging.air.kernels import veil
from firstframe.imaging.air.noise import cloudy, tiled
from firstframe.imaging.air.regions import on_grid

Floats = NDArray[np.float32]

_SHEETS = (0.7, 1.3, 2.2)
"""Distances at which mist hangs, over the subject's."""
_SHARES = (0.16, 0.48, 0.36)
"""Of the whole in each of them."""
_THICK = 0.4
"""How deep a sheet is, over its distance: mist has no surface that a wall could cut."""
_SOFT = 0.07
"""How far a sheet is blurred where ground runs through it, over the picture's height."""
_MOST = 1.7
"""Optical depth through all of it at an amount of 1, where it is mean."""
_SIDE = 192
_POWER = 1.75
_SPAN = 1.0
"""Width of a tile of noise at the subject, over the frame's."""
_DRIFT = 0.035
"""Share of the frame's width by which it drifts in a second, at the subject."""


class Mist(Medium):
    """The mist of one clip.

    Args:
        place: Where it hangs.
    """

    needs_cover = True

    def __init__(self, place: Place) -> None:
        self._place, self._width = place, place.size.width
        rng = place.random(31)
        self._tiles = [cloudy(_SIDE, _POWER, rng, stretch=1.8) for _ in range(2)]
        self._starts = rng.uniform(0, 1, (len(_SHEETS), 2, 2))
        self._colour = _colour(place)
        self._weights = [_weights(place, surface) for surface in place.surfaces]
        self._at = _angles(place, place.surfaces[0])
        self._regions = on_grid(place)

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        """See `Medium`."""
        if moment.presence <= 0:
            return
        most = _MOST * self._place.amount * moment.presence
        sheets = [self._density(index, moment) for index in range(len(_SHEETS))]
        veils = [
            self._region(index, 1 - np.exp(np.float32(-most) * _depth(weights, sheets)))
            for index, weights in enumerate(self._weights)
        ]
        veil(out, self._width, cover.mixed(veils), self._colour)

    def _region(self, layer: int, opacity: Floats) -> Floats:
        return opacity if self._regions is None else np.asarray(opacity * self._regions[layer], np.float32)

    def _density(self, index: int, moment: Moment) -> Floats:
        """Of one sheet: two noises that pass through each other, so that it forms anew as it goes."""
        at = self._at
        wind = np.array(self._place.way(8.0)) * _DRIFT * moment.time_s / _SHEETS[index] / _SPAN
        parts = []
        for tile, start, pace in zip(self._tiles, self._starts[index], (1.0, 0.45), strict=True):
            shift = start - pace * wind
            parts.append(tiled(tile, at[..., 0] + np.float32(shift[0]), at[..., 1] + np.float32(shift[1])))
        return smooth(np.asarray(0.40 + 0.21 * (parts[0] + 0.7 * parts[1]), np.float32)) * np.float32(2.4)


def _depth(weights: list[Floats], sheets: list[Floats]) -> Floats:
    """Optical depth in front of a layer, over its mean for all of the mist."""
    deep = weights[0] * sheets[0]
    for weight, sheet in zip(weights[1:], sheets[1:], strict=True):
        deep += weight * sheet
    return deep


def _weights(place: Place, surface: Floats) -> list[Floats]:
    """How much of each sheet is in front of a layer's points, shape of its map."""
    far = surface[..., 2]
    lying = _lying(place, surface)
    weights = []
    for distance, share in zip(_SHEETS, _SHARES, strict=True):
        metres = distance * place.subject_m
        before = smooth((far - metres) / np.float32(2 * _THICK * metres) + np.float32(0.5))
        soft = cv2.GaussianBlur(before, (0, 0), _SOFT * before.shape[0])
        weights.append(np.asarray(share * lying * soft, np.float32))
    return weights


def _lying(place: Place, surface: Floats) -> Floats:
    """Mist lies: thinner towards the top of the frame."""
    height = 0.5 + surface[..., 1] / surface[..., 2] * place.focal_px / place.size.height
    return np.asarray(0.25 + 1.2 * smooth(height.astype(np.float32)), np.float32)


def _angles(place: Place, surface: Floats) -> Floats:
    """Where the points of any layer are seen, in tiles of noise."""
    scale = place.focal_px / (place.size.width * _SPAN)
    return np.asarray(surface[..., :2] / surface[..., 2:] * scale * np.array([1.0, 1.15]), np.float32)


def _colour(place: Place) -> Floats:
    """Light that mist scatters: that of the brighter part of the picture, and a little whiter."""
    pixels = place.hero[::GRID, ::GRID].reshape(-1, 3).astype(np.float32) / 255
    bright = pixels[pixels.sum(-1) >= np.quantile(pixels.sum(-1), 0.7)].mean(0)
    return np.asarray(np.clip(0.86 * bright + 0.14, 0, 1), np.float32)
