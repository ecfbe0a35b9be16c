"""A photograph taken apart into what was seen and what the paper is: grain, dust and scratches stay when the person moves."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.grain import noise

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LEAST_GRAIN, _MOST_GRAIN = 0.6, 14.0
"""Deviation of the grain that is told from the picture, levels of 255."""
_RANGE = 6.5
"""Difference over which grain is evened out, summed over three channels, in deviations of the grain."""
_SCRATCH_SHARE = 0.15
"""Length of a scratch at least, in shorter sides of the picture; hair is not straight for so long."""
_ANGLES = 32
_SEARCH_PX = 900
"""Shorter side of the picture in which scratches are sought."""
_SCRATCH_LEVELS = 10.0
"""Contrast of a scratch, levels of 255."""
_UNBROKEN, _BESIDE = 0.8, 0.3
"""Share of places that stand out along a scratch, at least, and along lines beside it, at most."""
_SPECK_DEVIATIONS, _SPECK_LEVELS = 8.0, 26.0
"""Contrast of a speck against the grain, and against what the picture does around it."""
_ALIKE_LEVELS = 22.0
"""Difference of what lies on either side of a mark, at most."""
_ON_PLAIN = 0.4
"""Share of a scratch that has the like on either side."""
_PIECE = 0.4
"""Length of one piece of it at least, in lengths of a scratch."""
_SPECK_AREA_PX = 80
_AROUND_PX = 31
_FINE_PX = 9
"""Side of the window whose median has no mark any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """What a photograph shows without its paper."""

    picture: Floats
    """Without grain and marks, shape (h, w, 3), levels of 255."""
    marks: Mask
    """Where dust and scratches lie."""
    grain_levels: float
    """Deviation of the grain, levels of 255."""


def told_apart(photo: Rgb8, keep: Mask, features: Mask) -> Paper:
    """Takes the paper off a photograph; the photograph less the result is the paper, which stays where it is.

    Args:
        photo: Shape (h, w, 3).
        keep: Where the picture is left as it is, such as the eyes, whose lashes are as fine as grain; shape (h, w).
        features: Where a spot is no speck, such as a nostril or the end of a brow; shape (h, w).
    """
    deviation = float(np.clip(noise(photo).sigma, _LEAST_GRAIN, _MOST_GRAIN))
    found = _marks(photo, deviation, features) & ~keep
    clean = cv2.inpaint(photo, found.astype(np.uint8), 4, cv2.INPAINT_TELEA) if found.any() else photo
    # What is within a few deviations of its neighbours is grain; an edge is farther away, and is not touched.
    smooth = cv2.bilateralFilter(clean.astype(np.float32), 9, _RANGE * deviation, 2.4)
    hold = cv2.GaussianBlur(keep.astype(np.float32), (0, 0), 1.5)[..., None]
    return Paper(np.asarray(smooth + (photo - smooth) * hold, np.float32), found, deviation)


def _marks(photo: Rgb8, deviation: float, features: Mask) -> Mask:
    fine, plain = _fine(photo), _plain(photo, deviation)
    found = _of_one_piece(_scratches(fine, deviation), plain) | (_specks(fine * plain, deviation) & ~features)
    return np.asarray(cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _plain(photo: Rgb8, deviation: float) -> Mask:
    """Where what lies on either side is alike: along an edge of the picture itself it is not."""
    under = cv2.medianBlur(np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)), _FINE_PX)
    window = np.ones((_FINE_PX, _FINE_PX), np.uint8)
    span = cv2.dilate(under, window).astype(np.float32) - cv2.erode(under, window)
    return np.asarray(span < _ALIKE_LEVELS + 3 * deviation)


def _of_one_piece(marks: Mask, plain: Mask) -> Mask:
    """Marks of one piece, which lie on plain ground for most of their length: a row of letters is many pieces."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats(marks.astype(np.uint8), connectivity=8)
    long = np.hypot(facts[:, cv2.CC_STAT_WIDTH], facts[:, cv2.CC_STAT_HEIGHT])
    on_plain = np.bincount(labels.ravel(), weights=plain.ravel(), minlength=count)
    kept = (on_plain > _ON_PLAIN * facts[:, cv2.CC_STAT_AREA]) & (long > _PIECE * _SCRATCH_SHARE * min(marks.shape))
    kept[0] = False
    return np.asarray(kept[labels])


def _fine(photo: Rgb8) -> Floats:
    """What stands out from its surroundings in every colour alike: damage does, a golden cord before blue cloth does not."""
    off = photo.astype(np.float32) - cv2.medianBlur(photo, _FINE_PX)
    return np.asarray(np.maximum(off.min(axis=-1), 0) - np.maximum(-off.max(axis=-1), 0), np.float32)


def _specks(fine: Floats, deviation: float) -> Mask:
    """Spots that stand out from the grain and from whatever texture is around them, each alone: letters have company."""
    size = np.abs(fine)
    usual = cv2.medianBlur(np.minimum(size, 255).astype(np.uint8), _AROUND_PX).astype(np.float32)
    least = np.maximum(_SPECK_LEVELS, _SPECK_DEVIATIONS * np.maximum(deviation, 1.5 * usual))
    spots = (size > least / 2).astype(np.uint8)
    _, labels, facts, _ = cv2.connectedComponentsWithStats(spots, connectivity=8)
    own = facts[:, cv2.CC_STAT_AREA].astype(np.float32)[labels]
    near = cv2.blur(spots.astype(np.float32), (_AROUND_PX, _AROUND_PX)) * _AROUND_PX**2
    lone = (near < 1.5 * own + 4) & (own < _SPECK_AREA_PX)
    return np.asarray((size > least) & lone)


def _scratches(fine: Floats, deviation: float) -> Mask:
    """Straight thin lines: nearly every place along them stands out, and few beside them."""
    shrink = max(min(fine.shape) / _SEARCH_PX, 1.0)
    small = cv2.resize(fine, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    length = max(round(_SCRATCH_SHARE * min(small.shape)), 24) | 1
    least = max(_SCRATCH_LEVELS, 3 * deviation)
    found = np.zeros(small.shape, bool)
    for out in (small > least, small < -least):
        for step in range(_ANGLES):
            found |= _lines(out.astype(np.float32), length, np.pi * step / _ANGLES)
    return np.asarray(cv2.resize(found.astype(np.uint8), fine.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0)


def _lines(out: Floats, length: int, angle: float) -> Mask:
    line = _line(length, angle)
    # A scratch may lean by half a step of the angles, and is then a pixel off the line here and there.
    wide = cv2.dilate(out, np.ones((3, 3), np.uint8))
    share = np.asarray(cv2.filter2D(wide, cv2.CV_32F, line.astype(np.float32) / line.sum()))
    off = 6 * np.array([np.sin(angle), -np.cos(angle)])
    ways = (np.array([[1, 0, way * off[0]], [0, 1, way * off[1]]]) for way in (1, -1))
    beside = np.maximum(*(cv2.warpAffine(share, way, share.shape[::-1]) for way in ways))
    core = (share > _UNBROKEN) & (beside < _BESIDE)
    return np.asarray((cv2.dilate(core.astype(np.uint8), line) > 0) & (out > 0))


def _line(length: int, angle: float) -> NDArray[np.uint8]:
    window = np.zeros((length, length), np.uint8)
    middle, reach = length // 2, length / 2 - 0.5
    x, y = round(reach * np.cos(angle)), round(reach * np.sin(angle))
    cv2.line(window, (middle - x, middle - y), (middle + x, middle + y), 1)
    return window
