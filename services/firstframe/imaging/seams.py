"""How well a hole in a picture was filled: whether its edge shows, and whether its texture is that of its surroundings."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from firstframe.imaging.fill import Floats, Mask

_BESIDE_PX = 2, 10
"""Distance from the hole at which steps between neighbours are compared with those across its edge."""
_AROUND = 0.08
"""How far around the hole its texture is compared, as a share of the longer side."""
_FINE_PX = 2.0
"""Standard deviation of the blur that detail is told from."""
_LEAST_STEP = 0.5 / 255
"""Step below which none is seen."""


@dataclass(frozen=True, slots=True)
class FillQuality:
    """Two ratios that are 1 for a fill that cannot be told."""

    seam: float
    """Mean step from pixel to pixel across the edge of the hole over that beside it; more is a seam."""
    texture: float
    """Detail in the hole over that around it; little is a smear."""


def fill_quality(picture: Floats, hole: Mask) -> FillQuality:
    """Measures a fill.

    Args:
        picture: 0 to 1, shape (h, w, 3), filled.
        hole: What was filled, shape (h, w).

    Returns:
        Ones where there is no hole, or nothing beside it.
    """
    away = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 5)
    beside = (away > _BESIDE_PX[0]) & (away < _BESIDE_PX[1])
    around = ~hole & (away < _AROUND * max(hole.shape))
    if not hole.any() or not beside.any():
        return FillQuality(1.0, 1.0)
    across, near = _steps(picture, hole, beside)
    fine = picture - cv2.GaussianBlur(picture, (0, 0), _FINE_PX)
    inside = cv2.erode(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    texture = _spread(fine, inside if inside.any() else hole) / max(_spread(fine, around), 1e-6)
    return FillQuality(max(across, _LEAST_STEP) / max(near, _LEAST_STEP), float(texture))


def _steps(picture: Floats, hole: Mask, beside: Mask) -> tuple[float, float]:
    """Mean step between neighbours of which one is in the hole, and of those beside it."""
    across, near = [], []
    for axis in (0, 1):
        step = np.abs(np.diff(picture, axis=axis)).mean(axis=2)
        first, second = (
            np.take(hole, range(*ends), axis=axis) for ends in ((0, -1 + hole.shape[axis]), (1, hole.shape[axis]))
        )
        both = (
            np.take(beside, range(*ends), axis=axis) for ends in ((0, -1 + hole.shape[axis]), (1, hole.shape[axis]))
        )
        across.append(step[first != second])
        near.append(step[np.logical_and(*both)])
    return float(np.concatenate(across).mean()), float(np.concatenate(near).mean())


def _spread(fine: Floats, where: Mask) -> float:
    """Mean absolute detail: unlike a deviation it is not made by a few strong edges."""
    return float(np.abs(fine[where]).mean())
