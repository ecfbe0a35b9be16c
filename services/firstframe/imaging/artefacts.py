"""What a parallax may get wrong at the edge of a subject: ghosts, and halos.

Both are measured on a rendered frame against the still, from where the subject and what is behind it are seen in that frame.
A ghost is what is left of the subject on the background behind it; a halo is a rim that goes along with the subject and is
neither it nor what is behind it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Levels, Rgb8
from firstframe.imaging.camera import Similarity

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_BT709 = np.array([0.2126, 0.7152, 0.0722], np.float32)
_SEEN = 0.02
"""Cover from which a pixel shows something of the subject."""
_SOFT_PX = 3
"""How far a subject's edge may reach beyond its cover."""
_LEAST_PIXELS = 24
_RIM_PX = (-1.0, 4.0)
_INSIDE_PX, _OUTSIDE_PX = (-7.0, -2.0), (5.0, 11.0)
"""Distances from the outline, outwards: the rim, and the rings on both sides that say which colours may be there."""
_WORST = 0.05
"""Share of the rim that counts: its worst part is what an eye goes to."""


def ghost(hero: Rgb8, cover: Levels, frame: Rgb8, subject: Similarity, behind: Similarity) -> float:
    """How much of the subject's own edges is left on the background where the subject has moved away.

    Gradients of the frame, pulled back to where the background stood, are fitted with those of the still: 0 means that they
    have nothing of the subject, 1 that it still stands there.

    Args:
        hero: Shape (h, w, 3).
        cover: Of the subject in the hero, shape (h, w), 0 to 1.
        frame: A later frame, shape (h, w, 3).
        subject: How the frame sees the subject.
        behind: How it sees what is right behind the subject.

    Returns:
        0 to 1; 0 where nothing was uncovered.
    """
    there = _pulled(frame, behind)
    moved = _pulled(_pushed(cover, subject), behind)
    uncovered = _grown(cover > _SEEN, 1) & ~_grown(moved > _SEEN, _SOFT_PX) & _inside(cover.shape, behind)
    wanted, found = _gradients(_luma(hero)), _gradients(_luma(there))
    edges = uncovered & (np.hypot(*wanted) > 8)
    if edges.sum() < _LEAST_PIXELS:
        return 0.0
    common = sum(float((one[edges] * other[edges]).sum()) for one, other in zip(wanted, found, strict=True))
    whole = sum(float((one[edges] ** 2).sum()) for one in wanted)
    return min(max(common / whole, 0.0), 1.0)


def halo(hero: Rgb8, cover: Levels, frame: Rgb8, subject: Similarity, *, hidden: Mask | None = None) -> float:
    """How far the subject's rim is from all that is on both sides of it, in levels; what the still has of that is taken off.

    Args:
        hero: Shape (h, w, 3).
        cover: Of the subject in the hero, shape (h, w), 0 to 1.
        frame: A later frame, shape (h, w, 3).
        subject: How the frame sees the subject.
        hidden: Where something nearer stands before the subject, in the hero or in the frame as the subject sees it.
    """
    distance = _distance(cover)
    rim = (distance >= _RIM_PX[0]) & (distance <= _RIM_PX[1]) & _inside(cover.shape, subject)
    if hidden is not None:
        rim &= ~_grown(hidden, 12)
    if rim.sum() < _LEAST_PIXELS:
        return 0.0
    before, after = (_strange(picture, distance)[rim] for picture in (hero.astype(np.float32), _pulled(frame, subject)))
    return max(_worst(after) - _worst(before), 0.0)


def _strange(picture: Floats, distance: Floats) -> Floats:
    """How far each pixel is outside of the colours around it on both sides of the outline, levels; the worst channel."""
    rings = ((distance >= low) & (distance <= high) for low, high in (_INSIDE_PX, _OUTSIDE_PX))
    known = np.logical_or(*rings)[..., None]
    values = cv2.GaussianBlur(picture, (3, 3), 0)
    around = np.ones((25, 25), np.uint8)
    high = cv2.dilate(np.where(known, values, -np.float32(1e3)), around)
    low = cv2.erode(np.where(known, values, np.float32(1e3)), around)
    return np.asarray(np.maximum(np.maximum(values - high, low - values), 0).max(axis=-1), np.float32)


def _worst(values: Floats) -> float:
    count = max(round(_WORST * len(values)), 1)
    return float(np.sort(values)[-count:].mean())


def _distance(cover: Levels) -> Floats:
    """Pixels to the outline: below zero inside."""
    body = (cover > 0.5).astype(np.uint8)
    outside, inside = (cv2.distanceTransform(part, cv2.DIST_L2, 5) for part in (1 - body, body))
    return np.asarray(outside - inside, np.float32)


def _pulled(picture: Rgb8 | Floats, view: Similarity) -> Floats:
    """A frame's picture where a layer's points stood in the hero; `_pushed` is the other way round."""
    middle = (picture.shape[1] - 1) / 2, (picture.shape[0] - 1) / 2
    scale, origin = view.scale, view.seen_at(0.0, 0.0)
    return _warped(picture, scale, [m + o - scale * m for m, o in zip(middle, origin, strict=True)])


def _pushed(picture: Floats, view: Similarity) -> Floats:
    middle = (picture.shape[1] - 1) / 2, (picture.shape[0] - 1) / 2
    origin = view.x, view.y
    return _warped(picture, view.step, [m + o - view.step * m for m, o in zip(middle, origin, strict=True)])


def _warped(picture: Rgb8 | Floats, scale: float, shift: list[float]) -> Floats:
    size = picture.shape[1], picture.shape[0]
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    values = picture.astype(np.float32)
    return np.asarray(cv2.warpAffine(values, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _inside(shape: tuple[int, ...], view: Similarity) -> Mask:
    """Where a layer's points are seen inside of the frame."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    half_x, half_y = (shape[1] - 1) / 2, (shape[0] - 1) / 2
    x, y = view.seen_at(columns - half_x, rows - half_y)
    return np.asarray((np.abs(x) <= half_x - 2) & (np.abs(y) <= half_y - 2))


def _grown(mask: Mask, pixels: int) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)


def _luma(picture: NDArray[np.generic]) -> Floats:
    return np.asarray(picture.astype(np.float32) @ _BT709, np.float32)


def _gradients(luma: Floats) -> tuple[Floats, Floats]:
    soft = cv2.GaussianBlur(luma, (3, 3), 0)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *axis, scale=1 / 4) for axis in ((1, 0), (0, 1)))
    return np.asarray(across, np.float32), np.asarray(down, np.float32)
