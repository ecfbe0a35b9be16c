"""Colour arithmetic in Oklab, in which equal steps look equal.

Matrices: Björn Ottosson, "A perceptual color space for image processing", <https://bottosson.github.io/posts/oklab/>, read
November 2026.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.sets.palettes import linear

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB = np.linalg.inv(_TO_LAB)
_FROM_LMS = np.linalg.inv(_TO_LMS)

Vector = NDArray[np.float64]


def oklab(colour: str) -> Vector:
    """L, a and b of `#RRGGBB`; L is 0 to 1."""
    return np.asarray(_TO_LAB @ np.cbrt(_TO_LMS @ np.array(linear(colour))))


def lightness(colour: str) -> float:
    """How light a colour looks, 0 to 1."""
    return float(oklab(colour)[0])


def chroma(colour: str) -> float:
    """How far a colour is from grey, 0 to about 0.32."""
    return float(np.hypot(*oklab(colour)[1:]))


def hue_deg(colour: str) -> float:
    """Hue, 0 to 360; about 29 is red, 110 yellow, 142 green, 264 blue."""
    _, a, b = oklab(colour)
    return float(np.degrees(np.arctan2(b, a)) % 360)


def toned(colour: str, lightness_wanted: float, keep: float = 1.0) -> str:
    """The same hue at another lightness.

    Args:
        colour: `#RRGGBB`.
        lightness_wanted: Oklab L; limited to 0 to 1.
        keep: Share of the chroma that stays, as far as sRGB has it at that lightness.
    """
    _, a, b = oklab(colour)
    light = min(max(lightness_wanted, 0.0), 1.0)
    shares = (keep * step / 32 for step in range(32, -1, -1))
    found = (_linear_of(np.array([light, share * a, share * b])) for share in shares)
    inside = next((rgb for rgb in found if rgb.min() >= -1e-4 and rgb.max() <= 1 + 1e-4), np.full(3, light**3))
    return _hex(inside)


def mixed(one: str, other: str, share: float) -> str:
    """A colour between two; `share` of the other, 0 to 1."""
    return _hex(_linear_of((1 - share) * oklab(one) + share * oklab(other)))


def _linear_of(lab: Vector) -> Vector:
    return np.asarray(_FROM_LMS @ (_FROM_LAB @ lab) ** 3)


def _hex(rgb: Vector) -> str:
    """`#RRGGBB` of linear light, by the transfer function of IEC 61966-2-1; limited to what sRGB has."""
    light = np.clip(rgb, 0, 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    red, green, blue = (round(float(value) * 255) for value in encoded)
    return f"#{red:02X}{green:02X}{blue:02X}"
