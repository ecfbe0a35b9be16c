"""What is seen of every layer in a frame, at half of its size: so light falls on each layer as it stands, not through it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import LayerPictures, PixelSize
from firstframe.imaging.camera import Similarity

Floats = NDArray[np.float32]

HALF = 2
"""Pixels of a frame, along a side, to one of a cover."""
GRID = 4
"""Pixels of a layer, along a side, to one of a map of it."""


class Cover:
    """What is seen of the layers, frame after frame.

    Args:
        pictures: The layers.
        size: Size of a frame.
    """

    def __init__(self, pictures: LayerPictures, size: PixelSize) -> None:
        self._size, self._bleed = size, pictures.bleed_px
        self._shape = -(-size.height // HALF), -(-size.width // HALF)
        self._alphas = [reduced(layer.rgba[..., 3], HALF) / np.float32(255) for layer in pictures.layers]
        self._views: Sequence[Similarity] = ()
        self._seen: list[Floats] = []

    def place(self, views: Sequence[Similarity]) -> None:
        """Begins a frame: says where it looks into each layer."""
        self._views = views
        self._seen = [self._warped(alpha, view, HALF) for alpha, view in zip(self._alphas[1:], views[1:], strict=True)]

    def place_seen(self, views: Sequence[Similarity], nearer: Sequence[Floats]) -> None:
        """As `place`, where what is seen of the layers is known of the frame itself.

        Args:
            views: Where the frame looks into each layer.
            nearer: For each layer but the farthest: how much of a pixel shows it or a nearer one, 0 to 1, shape of the frame.
        """
        self._views = views
        halves = [reduced(np.asarray(share, np.float32), HALF) for share in nearer]
        beyond = [*halves[1:], np.zeros_like(halves[0])] if halves else []
        # Of what is not hidden by nearer layers: `mixed` paints them over each other from far to near.
        self._seen = [
            np.clip((own - over) / np.maximum(1 - over, 1e-3), 0, 1) for own, over in zip(halves, beyond, strict=True)
        ]

    def mixed(self, maps: Sequence[Floats]) -> Floats:
        """A map of the frame, from one of every layer.

        Args:
            maps: From far to near, each of the shape of a layer over `GRID`.

        Returns:
            Shape (height / 2, width / 2), rounded up.
        """
        mixed = self._warped(maps[0], self._views[0], GRID)
        for values, view, alpha in zip(maps[1:], self._views[1:], self._seen, strict=True):
            mixed += (self._warped(values, view, GRID) - mixed) * alpha
        return mixed

    def _warped(self, values: Floats, view: Similarity, scale: int) -> Floats:
        across = self._line(view.x, view.step, self._size.width, scale)
        down = self._line(view.y, view.step, self._size.height, scale)
        matrix = np.array([[across[0], 0, across[1]], [0, down[0], down[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        target = self._shape[1], self._shape[0]
        return np.asarray(
            cv2.warpAffine(values, matrix, target, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
        )

    def _line(self, shift: float, step: float, side: int, scale: int) -> tuple[float, float]:
        """Slope and origin by which a pixel of the cover tells its place in a map of that scale; both count from middles."""
        middle = (side - 1) / 2
        first = shift + self._bleed + middle + ((HALF - 1) / 2 - middle) * step
        return HALF * step / scale, (first - (scale - 1) / 2) / scale


def reduced(values: NDArray[np.uint8] | Floats, scale: int) -> Floats:
    """A map at a size that is so many times smaller, rounded up; every value is the mean of a square."""
    height, width = values.shape[:2]
    below, right = -height % scale, -width % scale
    padded = cv2.copyMakeBorder(values, 0, below, 0, right, cv2.BORDER_REPLICATE)
    size = (padded.shape[1] // scale, padded.shape[0] // scale)
    return np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.float32)
