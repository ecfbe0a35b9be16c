"""Filling what a picture does not show: behind its subject, and beyond its edges."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LEVELS = 8
_DEEPEST = 0.05
"""Share of the picture that its continuation mirrors at most."""
_RIM = 0.01
"""Share of the picture around a hole that is mirrored into it at most."""
_BLUR_PER_PIXEL = 0.4
"""Standard deviation of the blur per pixel of distance from the photograph's edge."""
_HOLE_BLUR = 0.12
"""The same inside of a hole: less, so that its rim keeps the colours of what is next to it."""


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
        return np.asarray(weighted + (1 - known)[..., None] * mean, np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    small = cv2.resize(weighted, half, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    gain = np.minimum(1.0, 3.0 * weight) / np.maximum(weight, 1e-6)
    below = _pulled(small * gain[..., None], weight * gain)
    up = cv2.resize(below, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(weighted + (1 - known)[..., None] * up, np.float32)


def behind(picture: Floats, hole: Mask, clearance_px: int) -> Floats:
    """The picture with a hole filled in from around it: soft, without smears, softer towards the middle.

    Args:
        picture: Shape (h, w, 3).
        hole: Shape (h, w).
        clearance_px: How near to the hole the picture is not trusted either.

    Returns:
        Shape (h, w, 3); outside of the hole it is the picture, unchanged.
    """
    side = 2 * clearance_px + 1
    near = np.asarray(cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8)), np.uint8)
    spread = push_pull(picture, (near == 0).astype(np.float32))
    mirrored, inside = _mirrored_into(spread, near)
    soft = _blurred(mirrored, np.log2(np.maximum(inside * _HOLE_BLUR, 1.0)).astype(np.float32))
    return np.where(hole[..., None], np.clip(soft, 0, 1), picture).astype(np.float32)


def _mirrored_into(spread: Floats, hole: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """What lies around a hole mirrored into it, passing into `spread` towards the middle; and the distance from its edge.

    So colours go on across the edge as they were, where a smooth spread alone is a mean of the wider surroundings.
    """
    height, width = hole.shape
    inside, labels = cv2.distanceTransformWithLabels(hole, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    edge = np.zeros((labels.max() + 1, 2), np.float32)
    rows, columns = np.nonzero(hole == 0)
    edge[labels[rows, columns]] = np.stack([columns, rows], 1)
    nearest = edge[labels]
    here = np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), -1)
    deepest = np.float32(_RIM * max(height, width))
    depth = deepest * (1 - np.exp(-inside / deepest)) / np.maximum(inside, 1e-3)
    source = nearest + (nearest - here) * depth[..., None]
    mirrored = cv2.remap(spread, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)  # type: ignore[call-overload]
    mix = np.clip(inside / (12 * deepest), 0, 1)[..., None]
    return np.asarray(mirrored + (spread - mirrored) * mix, np.float32), np.asarray(inside, np.float32)


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
    return np.asarray(np.clip(result, 0, 1), np.float32)


def extended(picture: Floats, border: tuple[int, int, int, int]) -> Floats:
    """The picture with a soft continuation beyond its edges: mirrored, and the more blurred the farther away.

    The mirror reaches less and less deep, so that what lies at the edge goes on instead of the whole scene coming back
    upside down.

    Args:
        picture: Shape (h, w, 3), without its subject: what is here is what gets mirrored.
        border: Pixels to add at the top, bottom, left and right.

    Returns:
        The larger picture; inside of the border it is the picture, unchanged.
    """
    top, bottom, left, right = border
    rows = _mirrored(picture.shape[0], top, bottom)
    columns = _mirrored(picture.shape[1], left, right)
    x, y = np.meshgrid(columns, rows)
    wide = cv2.remap(picture, x, y, cv2.INTER_LINEAR)
    away = _distance(wide.shape[0], wide.shape[1], border)
    level = np.log2(np.maximum(away * _BLUR_PER_PIXEL, 1.0))
    soft = _blurred(np.asarray(wide, np.float32), level.astype(np.float32))
    soft[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return soft


def _mirrored(length: int, before: int, after: int) -> Floats:
    """Where each pixel of a longer line reads the line: itself inside, ever less deep outside."""
    place = np.arange(-before, length + after, dtype=np.float32)
    deepest = min(_DEEPEST * length, length - 1)
    out = np.maximum(np.maximum(-place, place - (length - 1)), 0)
    depth = deepest * (1 - np.exp(-out / max(deepest, 1e-3)))
    return np.where(place < 0, depth, np.where(place > length - 1, length - 1 - depth, place)).astype(np.float32)


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
