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

    Per block `sqrt(π/2) / 6 · mean |I ∗ N|`, where N lets no constant, ramp or straight edge through.
    Source: Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64 (1996).

    Args:
        picture: Shape (h, w, 3), at least `BLOCK` pixels a side.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    inner = grey[: rows * BLOCK, : columns * BLOCK]
    response = np.abs(cv2.filter2D(inner, cv2.CV_32F, _KERNEL, borderType=cv2.BORDER_REFLECT_101))
    size = columns, rows
    blocks = np.float32(np.sqrt(np.pi / 2) / 6) * cv2.resize(response, size, interpolation=cv2.INTER_AREA)
    means = cv2.resize(inner, size, interpolation=cv2.INTER_AREA)
    seen = blocks[(means > _CLIPPED[0]) & (means < _CLIPPED[1])]
    return Noise(float(np.percentile(seen, _FLATTEST)) if seen.size else 0.0, np.asarray(blocks, np.float32))
