"""Where there is light in a hero, and of what colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelSize, Rgb8
from firstframe.imaging.air.base import Place, smooth

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

LEAST_LIFT, MOST_LIFT = 0.6, 3.0
_LAMP = 0.16
"""Light of a lamp as bright as the usual set is in its middle tones."""
GAMMA = 2.2
"""By which a factor on light becomes one on the values of a picture (sRGB is near a power of 2.2)."""


def light_map(hero: Rgb8) -> Floats:
    """Where there is light to shine in, 0 to 1, at a small size: brightness of the surroundings of each place."""
    small = cv2.resize(hero, _thumbnail(hero), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 2.5)
    low, high = np.percentile(grey, (25, 95))
    lit: Floats = 0.2 + 0.8 * smooth((grey - low) / max(float(high - low), 1.0)).astype(np.float32)
    return lit


def light_tint(hero: Rgb8) -> Floats:
    """Colour of the light: that of the brightest twentieth of the picture, half way to white."""
    pixels = cv2.resize(hero, _thumbnail(hero), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32) / 255
    brightest = pixels[np.argsort(pixels.sum(axis=1))[-max(len(pixels) // 20, 1) :]]
    tint: Floats = (0.5 + 0.5 * brightest.mean(axis=0)).astype(np.float32)
    return tint


def sampled(values: Floats, size: PixelSize, x: Doubles, y: Doubles) -> Doubles:
    """A small map of a frame at places of the frame."""
    height, width = values.shape
    columns = (x + 0.5) / size.width * width - 0.5
    rows = (y + 0.5) / size.height * height - 0.5
    across, down = columns.astype(np.float32)[None], rows.astype(np.float32)[None]
    found = cv2.remap(values, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], np.float64)


def factor(gain: Floats) -> Floats:
    """What `kernels.relight` takes for so many times more light."""
    curved: Floats = np.minimum(np.power(np.maximum(1 + gain, 0.05), 1 / GAMMA, dtype=np.float32) - 1, 1)
    return curved


def lifts(place: Place) -> list[Floats]:
    """How much more a lamp adds to a place than to one in mean light: more in shade, less where it is bright already.

    Light is added to light, and a picture shows their product with what they fall on; the light that is there is told by the
    brightness of the surroundings.

    Returns:
        For every layer, shape of its surface; `LEAST_LIFT` to `MOST_LIFT`.
    """
    grey = cv2.cvtColor(
        cv2.resize(place.hero, _thumbnail(place.hero), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY
    )
    light = cv2.GaussianBlur((grey.astype(np.float32) / 255) ** np.float32(GAMMA), (0, 0), 4.0) + np.float32(0.01)
    lift = np.clip(_LAMP / light, LEAST_LIFT, MOST_LIFT).astype(np.float32)
    return [at_surface(lift, surface, place) for surface in place.surfaces]


def at_surface(values: Floats, surface: Floats, place: Place) -> Floats:
    """A small map of the hero at the points of a layer."""
    rows, columns = values.shape
    scale = place.focal_px / np.array([place.size.width, place.size.height])
    at = surface[..., :2] / surface[..., 2:] * scale + 0.5
    x, y = (at[..., 0] * columns - 0.5).astype(np.float32), (at[..., 1] * rows - 0.5).astype(np.float32)
    return np.asarray(cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _thumbnail(hero: Rgb8) -> tuple[int, int]:
    scale = 64 / max(hero.shape[:2])
    return max(round(hero.shape[1] * scale), 1), max(round(hero.shape[0] * scale), 1)
