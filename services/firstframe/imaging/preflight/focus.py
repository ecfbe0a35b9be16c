"""How sharp edges are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.colour import Floats
from firstframe.imaging.preflight.outline import Mask

_AGAIN_PX = 1.0
"""Deviation of the second blur."""
_SOFTEST_PX = 8.0
_LEAST_STEP = 4.0
"""Gradient of an edge that counts, levels of 255 a pixel."""
_DIFFERENCE = np.array([[-0.5, 0, 0.5]], np.float32)
_SHARPEST = 25
"""Percentile at which softness is read: depth of field leaves a quarter of a subject's edges in focus."""
_LEAST_EDGES = 40
_DIRECTIONS = 4
_LEAST_SHARE = 0.08
"""Of all edges, that a direction needs to be judged by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Edges and how soft each is."""

    points: Floats
    """x, y and softness in pixels, and the direction across the edge from 0 to π, shape (n, 4)."""

    @property
    def softness_px(self) -> float | None:
        """Softness of the sharpest quarter in the direction in which that is softest; None with too few edges to tell.

        A camera that was shaken leaves the edges along its way sharp.
        """
        if len(self.points) < _LEAST_EDGES:
            return None
        softness, direction = self.points[:, 2], np.rint(self.points[:, 3] / np.pi * _DIRECTIONS) % _DIRECTIONS
        least = max(_LEAST_EDGES, _LEAST_SHARE * len(softness))
        groups = [softness[direction == one] for one in range(_DIRECTIONS)]
        read = [float(np.percentile(group, _SHARPEST)) for group in groups if len(group) >= least]
        return max(read) if read else float(np.percentile(softness, _SHARPEST))


def edge_softness(picture: Rgb8, where: Mask | None = None) -> Edges:
    """Deviation of the Gaussian that blurs each edge, in pixels.

    Blurring once more flattens a sharp edge much and a soft one little: with the ratio R of the gradients before and
    after, the edge's own deviation is `again / sqrt(R² - 1)`.
    Source: Zhuo and Sim, "Defocus map estimation from a single image", Pattern Recognition 44 (2011), section 3.

    Args:
        picture: Shape (h, w, 3).
        where: Edges outside of it are left out, shape (h, w); None for the whole picture.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    (before, turn), (after, _) = (
        _slope(plane) for plane in (grey, cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _AGAIN_PX))
    )
    found = (cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 0.8), 30, 80, L2gradient=True) > 0) & (before > _LEAST_STEP)
    y, x = np.nonzero(found if where is None else found & where)
    ratio = before[y, x] / np.maximum(after[y, x], 1e-3)
    softness = _AGAIN_PX / np.sqrt(np.maximum(ratio**2 - 1, (_AGAIN_PX / _SOFTEST_PX) ** 2))
    return Edges(np.stack([x, y, softness, turn[y, x]], -1).astype(np.float32))


def _slope(grey: NDArray[np.generic]) -> tuple[Floats, Floats]:
    """Gradients by central differences (a wider kernel would blur by itself), and their directions from 0 to π."""
    plane = np.asarray(grey, np.float32)
    across, down = (cv2.filter2D(plane, cv2.CV_32F, kernel) for kernel in (_DIFFERENCE, _DIFFERENCE.T))
    turn = np.arctan2(down, across) % np.pi
    return np.asarray(np.hypot(across, down), np.float32), np.asarray(turn, np.float32)
