"""Filling what a picture does not show: behind its subject, and beyond its edges."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LEVELS = 7
_BLUR_PER_PIXEL = 0.22
"""Standard deviation of the blur per pixel of distance from the photograph's edge."""


def push_pull(picture: Floats, known: Floats) -> Floats:
    """Colour for every pixel from those that are known, smooth where nothing is.

    A pyramid of weighted means, read back from coarse to fine: Gortler et al., "The Lumigraph", SIGGRAPH 1996,
    section 3.4.

    Args:
        picture: Shape (h, w, 3).
        known: How well each pixel is known, 0 to 1, shape (h, w).

    Returns:
        Shape (h, w, 3); the picture itself where `known` is 1.
    """
    return _pulled(picture * known[..., None], known)


def _pulled(weighted: Floats, known: Floats) -> Floats:
    height, width = known.shape
    if min(height, width) <= 2:
        mean = weighted.sum(axis=(0, 1)) / max(float(known.sum()), 1e-6)
        return weighted + (1 - known)[..., None] * mean.astype(np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    small = cv2.resize(weighted, half, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    gain = np.minimum(1.0, 3.0 * weight) / np.maximum(weight, 1e-6)
    below = _pulled(small * gain[..., None], weight * gain)
    up = cv2.resize(below, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(weighted + (1 - known)[..., None] * up, np.float32)


def grain_of(picture: Floats, known: Mask) -> float:
    """Standard deviation of the picture's finest noise, as a median over flat places.

    Source: Immerkær, "Fast Noise Variance Estimation", CVIU 64 (1996): a difference of two Laplacians has no edges in
    it; the median, instead of the mean, leaves texture out.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        known: Where to look, shape (h, w).
    """
    grey = picture.mean(axis=2)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
    rough = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))[known]
    return float(np.median(rough) / 0.6745) if rough.size else 0.0


def grained(picture: Floats, where: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """The picture with noise of a standard deviation, scaled by `where` (shape (h, w), 0 to 1)."""
    noise = rng.standard_normal(where.shape, np.float32)
    tint = rng.standard_normal(picture.shape, np.float32) * np.float32(0.3)
    result = picture + (noise[..., None] + tint) * (np.float32(amount) * where)[..., None]
    return np.clip(result, 0, 1).astype(np.float32)


def extended(picture: Floats, border: tuple[int, int, int, int]) -> Floats:
    """The picture with a soft continuation beyond its edges: mirrored, and the more blurred the farther away.

    Args:
        picture: Shape (h, w, 3), without its subject: what is here is what gets mirrored.
        border: Pixels to add at the top, bottom, left and right.

    Returns:
        The larger picture; inside of the border it is the picture, unchanged.
    """
    top, bottom, left, right = border
    wide = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_REFLECT_101)
    away = _distance(wide.shape[0], wide.shape[1], border)
    level = np.log2(np.maximum(away * _BLUR_PER_PIXEL, 1.0))
    return _blurred(np.asarray(wide, np.float32), level.astype(np.float32))


def _distance(height: int, width: int, border: tuple[int, int, int, int]) -> Floats:
    """Pixels from the nearest pixel inside of the border, shape (h, w)."""
    top, bottom, left, right = border
    y, x = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    rows = np.maximum(np.maximum(top - y, y - (height - 1 - bottom)), 0)
    columns = np.maximum(np.maximum(left - x, x - (width - 1 - right)), 0)
    return np.hypot(rows[:, None], columns[None]).astype(np.float32)


def _blurred(picture: Floats, level: Floats) -> Floats:
    """Blur that varies over the picture: a standard deviation of 2 to the power of `level`, none at 0."""
    result = picture.copy()
    previous = picture
    for step in range(1, _LEVELS + 1):
        if not (level > step - 1).any():
            break
        current = _gaussian(picture, 2.0**step)
        mix = np.clip(level - (step - 1), 0, 1)[..., None]
        result = np.where(mix > 0, previous + (current - previous) * mix, result)
        previous = current
    return result


def _gaussian(picture: Floats, sigma: float) -> Floats:
    """A Gaussian blur, on a smaller picture when it is wide."""
    shrink = max(int(sigma // 3), 1)
    height, width = picture.shape[:2]
    size = max(width // shrink, 1), max(height // shrink, 1)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
