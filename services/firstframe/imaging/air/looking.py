"""Sky, water and foliage in a photograph, told by simple signs; each with a confidence, rather none than a wrong one.

A sky is smooth, reaches the upper edge all along and the lower one nowhere, is blue, or else far brighter than what is below a
level skyline, ends at a clear line, and what is below it is no brighter and has structure, which flat drawings have not. Water
is in the lower half, wide, has the colours of the sky or is blue, begins at a level line, and its structure lies flat. Foliage
is a large part of the picture, of a saturated green, and full of structure.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEAST_CONFIDENCE = 0.5

_SIDE = 320
"""Longer side at which a picture is looked at."""
_SMOOTH = 5.0
"""Most change of lightness from pixel to pixel in a sky, in L* of CIELAB; clouds have more than that at few places."""
_SKY_SHARE = (0.04, 0.85)
_CLEAR_EDGE = 12.0
"""Difference of L* across the skyline of a sure sky."""
_STRUCTURE = (0.8, 1.5)
"""Typical change of lightness from pixel to pixel on the ground, in L*: of drawings up to 1, of photographs 1.6 and more."""
_DARKER = (-5.0, 5.0)
"""By how much the ground is darker than a sky, in L*: surely none, and surely one."""
_LOWER_EDGE = (0.02, 0.10)
"""Share of the lower edge that a sky may touch: columns beside a thing on a plain ground do."""
_FLAT = 1.5
"""How much stronger water's structure is down the picture than across it."""
_GREEN = (98.0, 150.0)
"""Hues of foliage in CIELAB, in degrees: yellowish green to bluish green."""
_CHROMA = 20.0
_ROUGH = 3.0
"""Least change of lightness from pixel to pixel in leaves, in L*."""
_LEVEL = (0.05, 0.16)
"""How far a level line may swing, over the height: surely level, and surely not."""


def find_sky(photo: Rgb8) -> tuple[Floats, float]:
    """The sky of a photograph.

    Returns:
        How much of each pixel is sky, 0 to 1, shape (h, w), and how sure that is, 0 to 1.
    """
    lab = _lab(photo)
    smooth = cv2.blur(_edges(lab), (3, 3)) < _SMOOTH
    mask = _from_top(cv2.erode(smooth.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    mask = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 31), np.uint8)) > 0
    confidence = _sky_confidence(lab, mask)
    return _enlarged(mask, photo), confidence


def find_water(photo: Rgb8) -> tuple[Floats, float]:
    """The water of a photograph; see `find_sky`."""
    lab = _lab(photo)
    sky, sure = find_sky(photo)
    above = cv2.resize(sky, (lab.shape[1], lab.shape[0])) > 0.5
    colour = (lab[..., 2] < -6) & (np.hypot(lab[..., 1], lab[..., 2]) > 8)
    if sure >= LEAST_CONFIDENCE:
        distance = np.linalg.norm(lab - lab[above].mean(0), axis=-1)
        colour |= distance < 14
    low = np.arange(lab.shape[0])[:, None] > 0.35 * lab.shape[0]
    mask = _largest(colour & low & ~cv2.dilate(above.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool))
    share = float(mask.mean())
    if share == 0:
        return _enlarged(mask, photo), 0.0
    wide, level = (
        _ramp(float(mask.any(0).mean()), 0.4, 0.8),
        1 - _ramp(_swing(mask.argmax(0)[mask.any(0)], mask), *_LEVEL),
    )
    return _enlarged(mask, photo), wide * level * _ramp(share, 0.03, 0.10) * _ramp(_flatness(lab, mask), 1.0, _FLAT)


def find_foliage(photo: Rgb8) -> tuple[Floats, float]:
    """The foliage of a photograph; see `find_sky`."""
    lab = _lab(photo)
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    green = (hue > _GREEN[0]) & (hue < _GREEN[1]) & (np.hypot(lab[..., 1], lab[..., 2]) > _CHROMA)
    rough = cv2.blur(_edges(lab), (9, 9)) > _ROUGH
    opened = cv2.morphologyEx((green & rough).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)) > 0
    return _enlarged(mask, photo), _ramp(float(mask.mean()), 0.04, 0.14) * _ramp(_spread_of(lab, mask), 4.0, 9.0)


def _lab(photo: Rgb8) -> Floats:
    """CIELAB at a small size."""
    scale = min(_SIDE / max(photo.shape[:2]), 1.0)
    size = max(round(photo.shape[1] * scale), 8), max(round(photo.shape[0] * scale), 8)
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)


def _edges(lab: Floats) -> Floats:
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 0.8)
    return np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0) / 4, cv2.Sobel(light, cv2.CV_32F, 0, 1) / 4)


def _from_top(smooth: Mask) -> Mask:
    """What hangs together with the upper edge, down every column without a gap."""
    _, labels = cv2.connectedComponents(smooth.astype(np.uint8))
    tops = np.unique(labels[0])
    mask = np.isin(labels, tops[tops > 0])
    return np.asarray(np.logical_and.accumulate(mask | ~np.logical_or.accumulate(mask, 0), 0) & mask, bool)


def _sky_confidence(lab: Floats, mask: Mask) -> float:
    share = float(mask.mean())
    if not _SKY_SHARE[0] <= share <= _SKY_SHARE[1] or not mask[0].any():
        return 0.0
    inside, outside = lab[mask], lab[~mask]
    blue = _ramp(-float(np.median(inside[:, 2])), 2.0, 9.0)
    bright = _ramp(float(np.median(inside[:, 0]) - np.median(outside[:, 0])), 12.0, 30.0)
    bright *= 1 - _ramp(_swing(mask.sum(0)[mask[0]], mask), *_LEVEL)
    top = _ramp(float(mask[0].mean()), 0.5, 0.9)
    return float(top * max(blue, bright) * _ramp(_skyline(lab[..., 0], mask), 3.0, _CLEAR_EDGE) * _ground(lab, mask))


def _ground(lab: Floats, sky: Mask) -> float:
    """How sure it is, 0 to 1, that there is ground below a sky."""
    beside = cv2.dilate(sky.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    if not beside.any():
        return 0.0
    structure = _ramp(float(np.median(_edges(lab)[beside])), *_STRUCTURE)
    darker = _ramp(float(np.median(lab[..., 0][sky]) - np.median(lab[..., 0][~sky])), *_DARKER)
    return structure * darker * (1 - _ramp(float(sky[-1].mean()), *_LOWER_EDGE))


def _skyline(light: Floats, mask: Mask) -> float:
    """Typical difference of lightness across the lower end of a sky."""
    ends = mask.sum(0)
    columns = np.flatnonzero((ends > 4) & (ends < mask.shape[0] - 6))
    if not columns.size:
        return 0.0
    above = light[np.maximum(ends[columns] - 3, 0), columns]
    below = light[np.minimum(ends[columns] + 4, len(light) - 1), columns]
    return float(np.median(np.abs(above - below)))


def _flatness(lab: Floats, mask: Mask) -> float:
    down = np.abs(cv2.Sobel(lab[..., 0], cv2.CV_32F, 0, 1))[mask].mean()
    across = np.abs(cv2.Sobel(lab[..., 0], cv2.CV_32F, 1, 0))[mask].mean()
    return float(down / max(float(across), 1e-3))


def _spread_of(lab: Floats, mask: Mask) -> float:
    """Standard deviation of lightness: leaves have light and shade."""
    return float(lab[..., 0][mask].std()) if mask.any() else 0.0


def _swing(rows: NDArray[np.integer], mask: Mask) -> float:
    """How far a line goes up and down, over the picture's height."""
    return float(rows.std()) / mask.shape[0] if rows.size else 1.0


def _largest(mask: Mask) -> Mask:
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return np.zeros(mask.shape, bool)
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), bool)


def _enlarged(mask: Mask, photo: Rgb8) -> Floats:
    """A mask at the photograph's size, its edge drawn to the photograph's own (He et al., "Guided image filtering", 2010)."""
    size = photo.shape[1], photo.shape[0]
    grey = (cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY) / 255).astype(np.float32)
    coarse = np.asarray(cv2.resize(mask.astype(np.float32), size), np.float32)
    side = 2 * (max(photo.shape[:2]) // 80) + 1

    def mean(values: Floats) -> Floats:
        return np.asarray(cv2.blur(values, (side, side)), np.float32)

    middle, level = mean(grey), mean(coarse)
    slope = (mean(grey * coarse) - middle * level) / (mean(grey * grey) - middle**2 + np.float32(1e-4))
    fitted = mean(slope) * grey + mean(level - slope * middle)
    return np.asarray(np.clip(1.6 * (fitted - 0.5) + 0.5, 0, 1), np.float32)


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
