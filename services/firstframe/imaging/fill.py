"""Filling what a picture does not show: behind its subject, and beyond its edges."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from firstframe.imaging.patch_fill import patched
from firstframe.imaging.saliency import rarity

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_ROUNDS = 6
"""Relaxations on every level of the pyramid; the smaller level's solution leaves little to do."""
_NEAR = 0.012
"""Share of the picture beside an edge that its continuation looks at."""
_WIDE = 0.3
"""What is narrower than half of that share of an edge ends soon beyond it."""
_SHORT = 0.05
"""How far it goes on, as a share of the edge."""
_DRIFT = 3.0
"""How far a change of the broad colours goes on, as a multiple of what was looked at."""
_MOST_DRIFT = 0.08
"""Most that they change."""
_BLUR_PER_PIXEL = 0.7
"""Standard deviation of the blur along the edge per pixel of distance from it."""
_SEARCHED_PX = 360
"""Longest side of the picture in which patches for a plate are looked for; the time grows with its square."""
_JOIN = 0.012
"""How far into a hole a step at its edge is smoothed, as a share of the longer side."""
_LEAST_GRAIN = 0.4 / 255
"""Noise of synthetic areas at least; less would show bands in 8 bits."""
_MARGIN_PX = 2
"""Known pixels around a hole that its fill starts from."""


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


def behind(picture: Floats, hole: Mask) -> Floats:
    """The picture with a hole filled in from around it: continuous with what is around, smooth inside.

    The fill solves Laplace's equation with the hole's surroundings as its border: no smears, and no colour that the
    border does not have.

    Args:
        picture: Shape (h, w, 3).
        hole: Shape (h, w).

    Returns:
        Shape (h, w, 3); outside of the hole it is the picture, unchanged.
    """
    if hole.all() or not hole.any():
        return picture
    part = _around(hole)
    filled = picture.copy()
    filled[part] = _relaxed(picture[part], ~hole[part])
    return filled


def plate(picture: Floats, hole: Mask, rng: np.random.Generator, check: Callable[[], None] = lambda: None) -> Floats:
    """The picture with a hole filled with what else is in it: texture goes on, lines meet, grain stays.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        hole: Shape (h, w).
        rng: Draws the search for patches, and grain.
        check: Called a few times a second; raises to stop.

    Returns:
        Shape (h, w, 3), 0 to 1; outside of the hole it is the picture, unchanged.
    """
    if hole.all() or not hole.any():
        return picture
    rough = behind(picture, hole)
    filled = _joined(patched(rough, hole, ~hole, _dear(rough), _SEARCHED_PX, rng, check), hole)
    lost = max(grain_of(picture, ~hole) ** 2 - grain_of(filled, hole) ** 2, 0.0) ** 0.5
    return grained(filled, hole.astype(np.float32), max(lost, _LEAST_GRAIN), rng)


def _joined(picture: Floats, hole: Mask) -> Floats:
    """A filled picture without a step along the edge of its hole: what differs there fades out inwards.

    The membrane of Farbman et al., "Coordinates for Instant Image Cloning", SIGGRAPH 2009, which here ends soon: the fill
    is right about its own light farther in.
    """
    inside = hole.astype(np.float32)
    sides = [np.asarray(cv2.blur(part, (3, 3)), np.float32) for part in (picture * inside[..., None], inside)]
    ring = ~hole & (sides[1] > 0)
    if not ring.any():
        return picture
    step = np.where(ring[..., None], picture - sides[0] / np.maximum(sides[1], 1e-6)[..., None], 0)
    spread = push_pull(np.asarray(step, np.float32), ring.astype(np.float32))
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)
    fade = np.exp(-np.maximum(depth - 1, 0) / (_JOIN * max(hole.shape))) * inside
    return np.asarray(np.clip(picture + spread * fade[..., None], 0, 1), np.float32)


def _dear(picture: Floats) -> Floats:
    """How much each place draws the eye, at a small size, 0 to 1."""
    scale = min(_SEARCHED_PX / max(picture.shape[:2]), 1.0)
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return rarity(np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8))


def _around(hole: Mask) -> tuple[slice, slice]:
    """The smallest part of the picture that holds a hole and some pixels on each side of it."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    top, left = max(int(rows[0]) - _MARGIN_PX, 0), max(int(columns[0]) - _MARGIN_PX, 0)
    return np.s_[top : int(rows[-1]) + 1 + _MARGIN_PX, left : int(columns[-1]) + 1 + _MARGIN_PX]


def _relaxed(picture: Floats, known: Mask) -> Floats:
    """Laplace's equation where nothing is known, from a smaller picture's solution on, shape (h, w, 3)."""
    height, width = known.shape
    if known.all() or min(height, width) < 4:
        mean = picture[known].mean(axis=0) if known.any() else np.zeros(3, np.float32)
        return np.where(known[..., None], picture, mean)
    half = ((width + 1) // 2, (height + 1) // 2)
    weight = cv2.resize(known.astype(np.float32), half, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(picture * known[..., None], half, interpolation=cv2.INTER_AREA)
    small = np.asarray(sums / np.maximum(weight, 1e-6)[..., None], np.float32)
    rough = cv2.resize(_relaxed(small, weight > 0), (width, height), interpolation=cv2.INTER_LINEAR)
    hole = (~known).astype(np.uint8)
    result = cv2.copyTo(rough, hole, picture.copy())
    for _ in range(_ROUNDS):
        cv2.copyTo(cv2.GaussianBlur(result, (3, 3), 0, borderType=cv2.BORDER_REFLECT), hole, result)
    return np.asarray(result, np.float32)


def grain_of(picture: Floats, known: Mask) -> float:
    """Standard deviation of the picture's finest noise, as a median over flat places.

    Source: Immerkær, "Fast Noise Variance Estimation", CVIU 64 (1996): a difference of two Laplacians has no edges in
    it; the median, instead of the mean, leaves texture out. What is nearly white or black is clipped and has none.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        known: Where to look, shape (h, w).
    """
    grey = picture.mean(axis=2)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
    rough = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))[known & (np.abs(grey - 0.5) < 0.48)]
    return float(np.median(rough) / 0.6745) if rough.size else 0.0


def grained(picture: Floats, where: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """The picture with noise of a standard deviation, scaled by `where` (shape (h, w), 0 to 1)."""
    noise = rng.standard_normal(where.shape, np.float32)
    tint = rng.standard_normal(picture.shape, np.float32) * np.float32(0.3)
    result = picture + (noise[..., None] + tint) * (np.float32(amount) * where)[..., None]
    return np.asarray(np.clip(result, 0, 1), np.float32)


def extended(picture: Floats, border: tuple[int, int, int, int]) -> Floats:
    """The picture with a soft continuation beyond its edges: the more out of focus the farther away.

    The broad colours along an edge go on, and go on changing for a while as they did; what is narrower, a trunk or a
    pole that the edge cuts, ends in a blur soon after it.

    Args:
        picture: 0 to 1, shape (h, w, 3), without its subject.
        border: Pixels to add at the top, bottom, left and right.

    Returns:
        The larger picture, 0 to 1; inside of the border it is the picture, unchanged.
    """
    top, bottom, left, right = border
    tall = _lengthened(picture, top, bottom)
    wide = _lengthened(tall.transpose(1, 0, 2), left, right)
    return np.ascontiguousarray(wide.transpose(1, 0, 2))


def _lengthened(picture: Floats, before: int, after: int) -> Floats:
    """The picture with rows added before its first and after its last one."""
    return np.concatenate([_beyond(picture, before)[::-1], picture, _beyond(picture[::-1], after)])


def _beyond(picture: Floats, count: int) -> Floats:
    """The rows beyond the first one, going outwards, shape (count, w, 3)."""
    if not count:
        return picture[:0]
    away = np.arange(1, count + 1, dtype=np.float32)[:, None, None]
    near, last = max(round(_NEAR * picture.shape[0]), 1), picture.shape[0] - 1
    broad, inner = (_broad(rows.mean(axis=0)) for rows in (picture[:near], picture[min(near, last) : 2 * near]))
    slope = (broad - inner) / near
    edge = broad + slope * (near - 1) / 2
    drift = np.clip(slope * _DRIFT * near, -_MOST_DRIFT, _MOST_DRIFT) * (1 - np.exp(-away / (_DRIFT * near)))
    depth = np.minimum(np.rint(near * (1 - np.exp(-away / near))), last).astype(int)
    detail = picture[depth[:, 0, 0]] - (edge - slope * depth)
    fade = np.exp(-((away / (_SHORT * picture.shape[1])) ** 2))
    rows = _smeared(edge + drift + detail * fade, away[..., 0] * _BLUR_PER_PIXEL)
    return np.asarray(np.clip(rows, 0, 1), np.float32)


def _broad(row: Floats) -> Floats:
    """A row of colours without what is narrow in it, shape (w, 3)."""
    width = row.shape[0]
    half = max(round(_WIDE * width / 2), 1)
    padded = np.pad(row, ((half, half), (0, 0)), mode="reflect" if half < width else "edge")
    middle = np.median(sliding_window_view(padded, 2 * half + 1, axis=0), axis=-1)
    soft = _smeared(middle[None].astype(np.float32), np.full((1, 1), half / 3, np.float32))
    return np.asarray(soft[0], np.float32)


def _smeared(rows: Floats, sigma: Floats) -> Floats:
    """Rows blurred along themselves, each by its own standard deviation in pixels, shape (n, 1)."""
    width = rows.shape[1]
    waves = np.fft.rfft(np.concatenate([rows, rows[:, ::-1]], axis=1), axis=1)
    frequency = np.arange(width + 1, dtype=np.float32) * np.float32(np.pi / width)
    damped = waves * np.exp(-0.5 * (sigma * frequency) ** 2)[..., None]
    return np.asarray(np.fft.irfft(damped, 2 * width, axis=1)[:, :width], np.float32)
