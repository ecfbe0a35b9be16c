"""The subject of a photograph where its matte is known: from a model, or from the photograph's owner."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelRect, PixelSize, Rgb8
from firstframe.imaging.saliency import Floats, saliency
from firstframe.imaging.subject import Mask, Subject, bounds, shrunk_with_detail, touching

Labels = NDArray[np.int32]

LONGEST_PX = 1024
"""Longest side of the matte that is worked with; the network's own resolution."""
_SPECK = 0.02
"""Share of the largest part from which another one counts as the subject's too."""
_PINHOLE = 0.004
"""Share of the subject up to which a gap inside of it is taken for a fault of the matte."""
_SURE = 0.9
"""Cover below which a place inside of the subject counts as a gap."""
_NEAR = 0.04
"""How far beside a part, as a share of the longer side, a focus still means it."""
_DECIDED = 0.8
"""Cover from which a place is the subject's beyond doubt."""
_STRANDS = 0.02, 0.1
"""How far beside decided places soft ones are hair or down, as a share of the longer side; none from the second on. It is
a long way, so that layers which part by some pixels show no edge on it."""
_NOTHING = 0.05
"""Cover below which a place is the background's."""
_UNDECIDED = 0.12, 0.55
"""Soft pixels as a share of the subject: what hair and glass have, and what a guess has."""
_TOUCHING = 0.3, 0.6
"""Share of the frame's edge that the subject touches: a bust does, a close-up all around has nothing behind it."""
_SIZE = 0.0015, 0.006
"""Share of the picture below which a subject is a speck."""
_FILLING = 0.55, 0.85
"""Share of the picture from which there is too little left to fill its background from."""


def subject_of_matte(picture: Rgb8, matte: Floats, focus: tuple[float, float] | None = None) -> Subject | None:
    """The subject that a matte shows.

    Args:
        picture: Shape (h, w, 3).
        matte: 0 to 1, over the whole picture, of any size.
        focus: A point on the subject, 0 to 1 from the left and from the top: only the part of the matte there counts.

    Returns:
        The subject with `cover`; None where the matte has none, or none at the focus.
    """
    cover = _at_ratio(matte, PixelSize(picture.shape[1], picture.shape[0]))
    kept = _parts(cover, focus)
    if kept is None:
        return None
    cover = _without_pinholes(np.asarray(cover * kept, np.float32))
    mask: Mask = cover > 0.5
    if not mask.any():
        return None
    small, detail = shrunk_with_detail(picture)
    draws = np.maximum(0.5 * saliency(small, detail), _resized(cover, small.shape[1], small.shape[0]))
    return Subject(mask, bounds(mask), draws, matte_confidence(cover), cover)


def matte_confidence(cover: Floats) -> float:
    """How far a matte can be trusted to be a subject that stands before a background, 0 to 1.

    The signs: the matte is decided nearly everywhere; the subject is neither a speck nor the whole picture, and does not
    touch the frame nearly all around.

    Args:
        cover: 0 to 1, shape (h, w).
    """
    mask: Mask = cover > 0.5
    area = float(mask.mean())
    if not 0 < area < 1:
        return 0.0
    soft = float(((cover > 0.08) & (cover < 0.92)).mean()) / area
    signs = [
        1 - _ramp(soft, *_UNDECIDED),
        _ramp(area, *_SIZE),
        1 - _ramp(area, *_FILLING),
        1 - _ramp(touching(mask), *_TOUCHING),
    ]
    return float(np.prod(signs) ** 0.5)


def looseness(cover: Floats) -> Floats:
    """Where a model's matte is undecided far from the subject, as about a stem that it loses on its way down: 0 to 1.

    A layer must not end where the picture goes on: moved, its end would be seen across the thing. What lies within the
    subject, as the inside of a glass does, is not loose, nor is hair beside it.

    Args:
        cover: 0 to 1, shape (h, w).

    Returns:
        Shape (h, w); 0 at what is decided and near it, 1 far from it.
    """
    undecided = (cover < _DECIDED).astype(np.uint8)
    if undecided.all():
        return np.zeros_like(cover)
    near, far = _STRANDS
    apart = cv2.distanceTransform(undecided, cv2.DIST_L2, 5) / max(cover.shape)
    _, labels = cv2.connectedComponents(undecided, connectivity=4)
    outside = np.isin(labels, np.unique(labels[cover < _NOTHING]))
    return np.asarray(np.where(outside, np.clip((apart - near) / (far - near), 0, 1), 0), np.float32)


def _without_pinholes(cover: Floats) -> Floats:
    """The matte without the small gaps inside of it that shine and shadow make."""
    gaps = (cover < _SURE).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(gaps, connectivity=4)
    height, width = cover.shape
    left, top, wide, tall, area = (stats[:, at] for at in range(5))
    inside = (left > 0) & (top > 0) & (left + wide < width) & (top + tall < height)
    small = inside & (area <= _PINHOLE * (cover > 0.5).sum())
    small[0] = False
    return np.asarray(np.where(small[labels], np.float32(1), cover), np.float32)


def _at_ratio(matte: Floats, photo: PixelSize) -> Floats:
    """The matte at the photograph's ratio, at most `LONGEST_PX` long and never larger than the photograph."""
    scale = min(LONGEST_PX / max(photo.width, photo.height), 1.0)
    return _resized(matte, max(round(photo.width * scale), 1), max(round(photo.height * scale), 1))


def _resized(values: Floats, width: int, height: int) -> Floats:
    way = cv2.INTER_AREA if values.shape[0] > height or values.shape[1] > width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (width, height), interpolation=way), np.float32)


def _parts(cover: Floats, focus: tuple[float, float] | None) -> Mask | None:
    """Where the parts that belong to the subject are, with their soft edges; None where there is no such part."""
    hard = (cover > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(hard, connectivity=8)
    if count < 2:
        return None
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[0] = 0
    wanted = area >= _SPECK * area.max() if focus is None else _at(np.asarray(labels, np.int32), area, focus)
    if not wanted.any():
        return None
    return _nearest_is(np.asarray(labels, np.int32), wanted)


def _at(labels: Labels, area: NDArray[np.float64], focus: tuple[float, float]) -> Mask:
    """The one part at a focus, or the largest within reach of it."""
    height, width = labels.shape
    x, y = min(int(focus[0] * width), width - 1), min(int(focus[1] * height), height - 1)
    reach = max(round(_NEAR * max(height, width)), 1)
    near = labels[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
    own = int(labels[y, x])
    found = own or max(np.unique(near), key=lambda label: area[label])
    chosen: Mask = np.arange(len(area)) == (found or -1)
    return chosen


def _nearest_is(labels: Labels, wanted: Mask) -> Mask:
    """Where the nearest part is one of the wanted ones."""
    _, nearest = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner = np.zeros(int(nearest.max()) + 1, np.intp)
    inside = labels > 0
    owner[nearest[inside]] = labels[inside]
    own: Mask = wanted[owner[nearest]]
    return own


def whole_rect(subject: Subject, photo: PixelSize) -> PixelRect:
    """The subject's rectangle in the photograph's pixels, rounded outwards."""
    height, width = subject.mask.shape
    rect = subject.rect
    left, top = rect.x * photo.width // width, rect.y * photo.height // height
    right, bottom = -(-rect.right * photo.width // width), -(-rect.bottom * photo.height // height)
    return PixelRect(left, top, right - left, bottom - top)


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
