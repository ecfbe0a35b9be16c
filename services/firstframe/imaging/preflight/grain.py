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
_TEXTURE = 4.5
"""Deviation of the plainest blocks from their surroundings, in deviations of their noise, from which texture outweighs
noise: white noise has 1.1, what a demosaic softened up to 1.7, a photograph of wood 6."""
_AROUND_PX = 3.0
"""Those surroundings, a standard deviation."""
_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Deviation of the noise, in levels of 255."""

    sigma: float
    """0 where nothing can be told."""
    blocks: Floats
    """Of each block of `BLOCK` × `BLOCK` pixels, texture included, shape (rows, columns)."""
    told: bool = True
    """Whether any part is plain enough for noise to be told from texture."""


def noise(picture: Rgb8) -> Noise:
    """Deviation of the noise in the plainest parts.

    Per block `sqrt(π/2) / 6 · mean |I ∗ N|`, where N lets no constant, ramp or straight edge through; in the picture and in
    every other pixel of it, of which the greater counts: what a demosaic has softened is no noise to neighbours. Neither
    counts where texture outweighs noise even in the plainest parts.
    Source: Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64 (1996).

    Args:
        picture: Shape (h, w, 3), at least `BLOCK` pixels a side.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    half = np.ascontiguousarray(grey[::2, ::2])
    levels = [_measured(part) for part in (grey, half) if min(part.shape) >= BLOCK]
    told = [sigma for _, sigma in levels if sigma is not None]
    return Noise(max(told, default=0.0), levels[0][0], bool(told))


def _measured(grey: Floats) -> tuple[Floats, float | None]:
    """Noise of each block, and that of the plainest ones; None where they show texture."""
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    inner = np.ascontiguousarray(grey[: rows * BLOCK, : columns * BLOCK])
    response = np.abs(cv2.filter2D(inner, cv2.CV_32F, _KERNEL, borderType=cv2.BORDER_REFLECT_101))
    around = (inner - cv2.GaussianBlur(inner, (0, 0), _AROUND_PX)) ** 2
    noises, variances, means = (_blocks(part, rows, columns) for part in (response, around, inner))
    noises *= np.float32(np.sqrt(np.pi / 2) / 6)
    seen = (means > _CLIPPED[0]) & (means < _CLIPPED[1])
    return noises, _plainest(noises[seen], variances[seen]) if seen.any() else 0.0


def _plainest(noises: Floats, variances: Floats) -> float | None:
    found = float(np.percentile(noises, _FLATTEST))
    plain = noises <= found
    ratio = np.sqrt(variances[plain]) / np.maximum(noises[plain], 1e-3)
    return found if float(np.median(ratio)) <= _TEXTURE else None


def _blocks(values: Floats, rows: int, columns: int) -> Floats:
    """Means of blocks, shape (rows, columns)."""
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
