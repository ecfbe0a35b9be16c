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
_INSIDE, _OUTSIDE = 0.9, 0.1
"""Cover from which a pixel is the subject's own, and below which it is the background's."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A subject's outline inside of the frame."""

    points: NDArray[np.int32]
    """x and y, shape (n, 2)."""
    difference: Floats
    """CIEDE2000 between the colours on either side, shape (n,)."""


def outline_contrast(lab: Floats, matte: Floats) -> Outline:
    """Differences of colour across the outline.

    At each point of the outline the colours inside and outside are averaged apart from each other, with a Gaussian whose
    deviation is half of `_REACH` of the subject's size (the root of its area).

    Args:
        lab: CIE Lab, shape (h, w, 3).
        matte: 0 to 1, shape (h, w).
    """
    sigma = max(_REACH / 2 * size_of(matte), 1.0)
    points = outline_points(matte, round(2 * sigma))
    x, y = points[:, 0], points[:, 1]
    inside, outside = (side_colour(lab, where, sigma)[y, x] for where in (matte > _INSIDE, matte < _OUTSIDE))
    return Outline(points, delta_e(inside, outside))


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
