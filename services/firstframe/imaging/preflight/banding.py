"""Steps in what should be smooth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.colour import Floats

_LONGEST = 640
"""Longest side at which steps are looked for: contours are wide, and the time is linear in the pixels."""
_WINDOW = 0.1
"""Side of the window as a share of the longest side; CAMBI looks through 65 pixels of about 600."""
_STEPS = range(1, 17)
"""Heights of steps that are told apart, levels of 255; larger ones are edges."""
_EVEN = np.float32(4)
"""Makes a step whose two sides share the window evenly count with its height."""
_FLAT = 0.7
"""Share of pixels without any slope around a place that is flat."""
_WORST = 0.02
"""Share of the picture, the worst of it, over which the score is averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Banding:
    """Visible steps."""

    score: float
    """Mean height of the steps in the worst part, weighted by how even their two sides are, levels of 255."""
    steps: Floats
    """The same for each place, shape (rows, columns) of the picture that was looked at."""


def banding(picture: Rgb8) -> Banding:
    """Finds steps between plateaus, after CAMBI's contrast of level counts.

    Around a pixel of level k, p(k) is the share of flat pixels with that level. A step of height d is as visible as
    `4 · d · p(k) · p(k±d) / (p(k) + p(k±d))`, the greater of the two: it needs two plateaus. Noise and dither leave no
    flat pixels.
    Source: Tandon et al., "CAMBI: Contrast-aware Multiscale Banding Index", Picture Coding Symposium 2021, here on one scale.

    Args:
        picture: Shape (h, w, 3).
    """
    level, flat = _levels(picture)
    side = max(round(_WINDOW * max(level.shape)) | 1, 9)
    total = np.maximum(cv2.boxFilter(flat, cv2.CV_32F, (side, side)), 0.02)
    shares = {int(k): _share(level, flat, int(k), total, side) for k in np.unique(level[flat > 0])}
    steps = np.zeros(level.shape, np.float32)
    for k, own in shares.items():
        here = (level == k) & (flat > 0)
        for height in _STEPS:
            for other in (shares[n] for n in (k - height, k + height) if n in shares):
                seen = _EVEN * height * own[here] * other[here] / (own[here] + other[here] + np.float32(1e-6))
                steps[here] = np.maximum(steps[here], seen)
    worst = max(round(_WORST * steps.size), 1)
    return Banding(float(np.partition(steps.reshape(-1), -worst)[-worst:].mean()), steps)


def _levels(picture: Rgb8) -> tuple[NDArray[np.uint8], Floats]:
    """Levels of grey, and 1 where the picture has no slope, at the size for the search."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    stride = max(-(-max(grey.shape) // _LONGEST), 1)
    still = (cv2.Laplacian(grey, cv2.CV_16S, ksize=1) == 0) & (cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, _CROSS) == 0)
    flat = still & (cv2.boxFilter(still.astype(np.float32), cv2.CV_32F, (7, 7)) > _FLAT)
    # Every so many pixels, not their mean: a mean would have levels that the picture has not.
    return np.ascontiguousarray(grey[::stride, ::stride]), flat[::stride, ::stride].astype(np.float32)


_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


def _share(level: NDArray[np.uint8], flat: Floats, k: int, total: Floats, side: int) -> Floats:
    counted = cv2.boxFilter(np.where(level == k, flat, np.float32(0)), cv2.CV_32F, (side, side))
    return np.asarray(counted / total, np.float32)
