"""How noisy a picture is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.colour import Floats

BLOCK = 16
"""Side of the blocks that are measured, pixels."""
_FLATTEST = 20
"""Percentile of the blocks that is taken for plain: what varies more has texture."""
_CLIPPED = 4, 251
"""Means of blocks that are clipped, where noise cannot be seen."""
_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Deviation of the noise, in levels of 255."""

    sigma: float
    blocks: Floats
    """Of each block of `BLOCK` × `BLOCK` pixels, texture included, shape (rows, columns)."""


def noise(picture: Rgb8) -> Noise:
    """Deviation of the noise in the plainest parts.

    Per block `sqrt(π/2) / 6 · mean |I ∗ N|`, where N lets no constant, ramp or straight edge through; in the picture and in
    every other pixel of it, of which the greater counts: what a demosaic has softened is no noise to neighbours.
    Source: Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64 (1996).

    Args:
        picture: Shape (h, w, 3), at least `BLOCK` pixels a side.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    blocks, sigma = _measured(grey)
    half = np.ascontiguousarray(grey[::2, ::2])
    coarse = _measured(half)[1] if min(half.shape) >= BLOCK else 0.0
    return Noise(max(sigma, coarse), blocks)


def _measured(grey: Floats) -> tuple[Floats, float]:
    """Noise of each block, and that of the plainest ones."""
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    inner = grey[: rows * BLOCK, : columns * BLOCK]
    response = np.abs(cv2.filter2D(inner, cv2.CV_32F, _KERNEL, borderType=cv2.BORDER_REFLECT_101))
    size = columns, rows
    blocks = np.float32(np.sqrt(np.pi / 2) / 6) * cv2.resize(response, size, interpolation=cv2.INTER_AREA)
    means = cv2.resize(inner, size, interpolation=cv2.INTER_AREA)
    seen = blocks[(means > _CLIPPED[0]) & (means < _CLIPPED[1])]
    return np.asarray(blocks, np.float32), float(np.percentile(seen, _FLATTEST)) if seen.size else 0.0
