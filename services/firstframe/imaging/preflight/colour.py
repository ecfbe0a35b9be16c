"""Colour as the eye has it: Lab, differences, luminance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.resample import linear_of

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_BT709 = np.array([0.2126, 0.7152, 0.0722])
_FAR = 25.0**7


def luminance(picture: Rgb8) -> Floats:
    """Relative luminance of an sRGB picture, 0 to 1, shape (h, w): WCAG 2.2, "relative luminance", read November 2026."""
    return np.asarray(linear_of(picture.astype(np.float32) / np.float32(255)) @ _BT709, np.float32)


def contrast_ratio(one: float, other: float) -> float:
    """Contrast of two relative luminances, 1 to 21: WCAG 2.2, "contrast ratio", read November 2026."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def delta_e(one: Floats, other: Floats) -> Floats:
    """How different colours look, CIEDE2000; about 1 is just noticeable.

    Source: Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", Color Research and Application 30 (2005).

    Args:
        one: CIE Lab, shape (..., 3).
        other: The same.
    """
    l1, a1, b1 = np.moveaxis(one.astype(np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(other.astype(np.float64), -1, 0)
    g = 1 + 0.5 * (1 - _saturation((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    c1, c2 = np.hypot(g * a1, b1), np.hypot(g * a2, b2)
    h1, h2 = _hue(g * a1, b1), _hue(g * a2, b2)
    lightness = (l2 - l1) / _weight_l((l1 + l2) / 2)
    chroma = (c2 - c1) / (1 + 0.045 * (c1 + c2) / 2)
    return _combined(lightness, chroma, c1, c2, h1, h2)


def _combined(lightness: Doubles, chroma: Doubles, c1: Doubles, c2: Doubles, h1: Doubles, h2: Doubles) -> Floats:
    turn = np.where(c1 * c2 == 0, 0, (h2 - h1 + 180) % 360 - 180)
    mean_c, mean_h = (c1 + c2) / 2, _mean_hue(h1, h2, c1 * c2 == 0)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / (1 + 0.015 * mean_c * _tilt(mean_h))
    blue = 60 * np.exp(-(((mean_h - 275) / 25) ** 2))
    mixed = -2 * _saturation(mean_c) * np.sin(np.radians(blue)) * chroma * hue
    return np.asarray(np.sqrt(np.maximum(lightness**2 + chroma**2 + hue**2 + mixed, 0)), np.float32)


def _saturation(chroma: Doubles) -> Doubles:
    power = chroma**7
    return np.asarray(np.sqrt(power / (power + _FAR)))


def _hue(a: Doubles, b: Doubles) -> Doubles:
    return np.asarray(np.degrees(np.arctan2(b, a)) % 360)


def _mean_hue(h1: Doubles, h2: Doubles, grey: NDArray[np.bool_]) -> Doubles:
    half = (h1 + h2) / 2
    around = np.where(np.abs(h1 - h2) > 180, (half + 180) % 360, half)
    return np.where(grey, h1 + h2, around)


def _weight_l(lightness: Doubles) -> Doubles:
    off = (lightness - 50) ** 2
    return np.asarray(1 + 0.015 * off / np.sqrt(20 + off))


def _tilt(hue: Doubles) -> Doubles:
    turns = ((1, -30, -0.17), (2, 0, 0.24), (3, 6, 0.32), (4, -63, -0.20))
    return np.asarray(1 + sum(weight * np.cos(np.radians(times * hue + shift)) for times, shift, weight in turns))
