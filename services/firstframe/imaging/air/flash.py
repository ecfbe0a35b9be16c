"""Flashes that may harm people with photosensitive epilepsy, and how much light may change without any.

WCAG 2.2, success criterion 2.3.1, says what a general flash is: two opposing changes of relative luminance by a tenth of the
brightest or more, where the darker image is below 0.80; there are to be no more than three in any second where they cover a
quarter or more of ten degrees of the view. ITU-R BT.1702 (2.1) sets the same number for television, at 20 cd/m² of change where
the darker image is below 160 cd/m²: a tenth and four fifths of a screen of 200. What never changes by a tenth cannot flash.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LEAST_CHANGE = 0.1
"""Of relative luminance, from which two opposing changes are a flash."""
DARKER_THAN = 0.8
MOST_PER_S = 3
AREA = 0.25 * 341 * 256 / (1024 * 768)
"""Share of the picture that may flash: a quarter of 341 × 256 pixels of 1024 × 768 (WCAG 2.2, "general flash")."""

_KEPT = 0.9
"""Share of `LEAST_CHANGE` that a steady flicker uses."""


def luminance(frame: NDArray[np.uint16]) -> Floats:
    """Relative luminance of a frame at a small size (sRGB: IEC 61966-2-1, BT.709 weights)."""
    small = cv2.resize(frame, (128, 72), interpolation=cv2.INTER_AREA).astype(np.float32) / 65535
    linear = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), np.float32)


def most_flashes(frames: Iterable[NDArray[np.uint16]], rate: float) -> int:
    """Most flashes in any second, each over at least `AREA` of the picture.

    Args:
        frames: Shape (height, width, 3), 0 to 65535.
        rate: Frames per second.
    """
    turns = _turns([luminance(frame) for frame in frames])
    window = max(round(rate), 1)
    sums = np.cumsum(np.concatenate([np.zeros((1, *turns.shape[1:]), int), turns]), axis=0)
    starts = range(max(len(turns) - window, 0) + 1)
    per_second = [sums[min(start + window, len(turns))] - sums[start] for start in starts]
    return max(int(np.quantile(changes, 1 - AREA)) // 2 for changes in per_second)


def _turns(levels: list[Floats]) -> NDArray[np.int64]:
    """One where a pixel has changed by `LEAST_CHANGE` against its last extreme, the other way than before."""
    extreme, way = levels[0].copy(), np.zeros(levels[0].shape, np.int64)
    marks = []
    for level in levels:
        change = level - extreme
        turned = (np.abs(change) >= LEAST_CHANGE) & (np.minimum(level, extreme) < DARKER_THAN)
        turned &= np.sign(change) != way
        onward = np.sign(change) == way
        way = np.where(turned, np.sign(change), way).astype(np.int64)
        extreme = np.where(turned | onward, level, extreme)
        marks.append(turned.astype(np.int64))
    return np.array(marks)


def safe_swing() -> float:
    """Largest gain, up and down, of `kernels.relight` by which no brightness changes by `LEAST_CHANGE` of luminance."""
    values = np.linspace(0, 1, 512)
    low, high = 0.0, 0.5
    for _ in range(30):
        middle = (low + high) / 2
        change = _lit(values, middle) - _lit(values, -middle)
        low, high = (middle, high) if change.max() <= _KEPT * LEAST_CHANGE else (low, middle)
    return low


def _lit(values: NDArray[np.float64], gain: float) -> NDArray[np.float64]:
    return np.asarray((values * (1 + gain) / (1 + values**2 * gain)) ** 2.4, np.float64)
