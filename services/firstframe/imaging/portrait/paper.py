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
_SCRATCH_SHARE = 0.09
"""Length of a scratch at least, in shorter sides of the picture; hair is not straight for so long."""
_ANGLES = 24
_MOST_THICK_PX = 5
_CROWD = 7.0
"""Thickness, in pixels, of all lines together that pass a place where one of them may be a scratch."""
_SPECK_AREA_PX = 60
_MARK_CONTRAST = 5.0
"""Of a mark against what is beside it, in deviations of the grain."""


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """What a photograph shows without its paper."""

    picture: Floats
    """Without grain and marks, shape (h, w, 3), levels of 255."""
    marks: Mask
    """Where dust and scratches lie."""
    grain_levels: float
    """Deviation of the grain, levels of 255."""


def told_apart(photo: Rgb8, keep: Mask) -> Paper:
    """Takes the paper off a photograph; the photograph less the result is the paper, which stays where it is.

    Args:
        photo: Shape (h, w, 3).
        keep: Where the picture is left as it is, such as the eyes, whose lashes are as fine as grain; shape (h, w).
    """
    deviation = float(np.clip(noise(photo).sigma, _LEAST_GRAIN, _MOST_GRAIN))
    found = _marks(photo, deviation) & ~keep
    clean = cv2.inpaint(photo, found.astype(np.uint8), 4, cv2.INPAINT_TELEA) if found.any() else photo
    # What is within a few deviations of its neighbours is grain; an edge is farther away, and is not touched.
    smooth = cv2.bilateralFilter(clean.astype(np.float32), 9, 2.6 * deviation, 2.4)
    hold = cv2.GaussianBlur(keep.astype(np.float32), (0, 0), 1.5)[..., None]
    return Paper(np.asarray(smooth + (photo - smooth) * hold, np.float32), found, deviation)


def _marks(photo: Rgb8, deviation: float) -> Mask:
    grey = np.asarray(cv2.GaussianBlur(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), (0, 0), 0.7))
    window = np.ones((2 * _MOST_THICK_PX + 1,) * 2, np.uint8)
    least = max(_MARK_CONTRAST * deviation, 12.0)
    found = np.zeros(grey.shape, bool)
    for way in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        thin = np.asarray(cv2.morphologyEx(grey, way, window)) > least
        found |= _scratches(thin) | _specks(thin, grey, deviation)
    return np.asarray(cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _scratches(thin: Mask) -> Mask:
    """Straight lines of what is thin, with little else of that kind beside them: hair and cloth have neighbours."""
    length = max(round(_SCRATCH_SHARE * min(thin.shape)), 24) | 1
    lonely = cv2.blur(thin.astype(np.float32), (length, length)) * length < _CROWD
    marked = (thin & lonely).astype(np.uint8)
    found = np.zeros(thin.shape, np.uint8)
    for step in range(_ANGLES):
        line = _line(length, np.pi * step / _ANGLES)
        found |= np.asarray(cv2.dilate(cv2.erode(marked, line), line), np.uint8)
    return np.asarray((found > 0) & thin)


def _line(length: int, angle: float) -> NDArray[np.uint8]:
    window = np.zeros((length, length), np.uint8)
    middle, reach = length // 2, length / 2 - 0.5
    x, y = round(reach * np.cos(angle)), round(reach * np.sin(angle))
    cv2.line(window, (middle - x, middle - y), (middle + x, middle + y), 1)
    return window


def _specks(thin: Mask, grey: NDArray[np.uint8], deviation: float) -> Mask:
    """Small spots alone on an even ground."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats(thin.astype(np.uint8), connectivity=8)
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 4
    uneven = np.asarray(cv2.blur((edges > 3 * deviation + 6).astype(np.float32), (31, 31)))
    kept = np.zeros(count, bool)
    for index in range(1, count):
        x, y, wide, high, area = (int(value) for value in facts[index])
        lone = uneven[y + high // 2, x + wide // 2] * 31 * 31 < 3.5 * area + 30
        kept[index] = lone and 3 <= area <= _SPECK_AREA_PX and max(wide, high) <= 4 * max(min(wide, high), 3)
    return np.asarray(kept[labels])
