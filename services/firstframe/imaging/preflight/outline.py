"""How a subject stands against what is around it, all along its outline."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.preflight.colour import Floats, delta_e

Mask = NDArray[np.bool_]

_REACH = 0.03
"""How far on either side colours are averaged, as a share of the subject's size."""
_SHARP_PX = 1.2
"""Blur up to which an outline counts as sharp, as for the check of sharpness."""
_STRIP = 2.0
"""Half of the strip that a blurred outline mixes, in deviations of its blur: beyond are 98 % of one side."""
_INSIDE, _OUTSIDE = 0.9, 0.1
"""Cover from which a pixel is the subject's own, and below which it is the background's."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A subject's outline inside of the frame."""

    points: NDArray[np.int32]
    """x and y, shape (n, 2)."""
    difference: Floats
    """CIEDE2000 between the colours on either side, shape (n,)."""


def outline_contrast(lab: Floats, matte: Floats, soft_px: float = 0.0) -> Outline:
    """Differences of colour across the outline.

    At each point of the outline the colours inside and outside are averaged apart from each other, with a Gaussian whose
    deviation is half of `_REACH` of the subject's size (the root of its area). Where the outline is blurred, the strip in
    which it mixes both is left out.

    Args:
        lab: CIE Lab, shape (h, w, 3).
        matte: 0 to 1, shape (h, w).
        soft_px: Deviation of the blur along the outline, pixels.
    """
    sigma = max(_REACH / 2 * size_of(matte), 1.0, soft_px)
    points = outline_points(matte, round(2 * sigma))
    x, y = points[:, 0], points[:, 1]
    sides = (matte > _INSIDE, matte < _OUTSIDE)
    strip = _STRIP * soft_px if soft_px > _SHARP_PX else 0.0
    inside, outside = (side_colour(lab, _away(side, strip), sigma)[y, x] for side in sides)
    return Outline(points, delta_e(inside, outside))


def around_outline(matte: Floats) -> Mask:
    """A strip along the outline, in which its blur is looked for, shape of the matte."""
    inner = (matte > 0.5).astype(np.uint8)
    away = np.where(inner > 0, *(cv2.distanceTransform(part, cv2.DIST_L2, 5) for part in (inner, 1 - inner)))
    near: Mask = away <= max(_REACH * size_of(matte), 2.0)
    return near


def _away(mask: Mask, distance: float) -> Mask:
    """What of a mask is further than that from its edge; all of it where nothing is."""
    if distance <= 0:
        return mask
    deep: Mask = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5) > distance
    return deep if deep.any() else mask


def size_of(matte: Floats) -> float:
    """Root of the subject's area, pixels."""
    return float(np.sqrt(max(float(matte.sum()), 1.0)))


def outline_points(matte: Floats, margin_px: int) -> NDArray[np.int32]:
    """Pixels (x, y) of the outline that are further than a margin from the frame's edge, shape (n, 2)."""
    mask = (matte > 0.5).astype(np.uint8)
    edge = mask - cv2.erode(mask, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)
    inner = np.zeros_like(edge)
    inner[margin_px : edge.shape[0] - margin_px, margin_px : edge.shape[1] - margin_px] = 1
    y, x = np.nonzero(edge & inner)
    return np.stack([x, y], -1).astype(np.int32)


def side_colour(values: Floats, where: Mask, sigma: float) -> Floats:
    """Local means of values over a mask, shape of `values`; meaningful near the mask."""
    weight = where.astype(np.float32)
    spread = cv2.GaussianBlur(weight, (0, 0), sigma)
    shape = (*weight.shape, *(1,) * (values.ndim - 2))
    mean = cv2.GaussianBlur(np.asarray(values * weight.reshape(shape), np.float32), (0, 0), sigma)
    return np.asarray(mean / np.maximum(spread, 1e-4).reshape(shape), np.float32)
