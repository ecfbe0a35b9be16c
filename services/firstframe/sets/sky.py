"""Skies: a painted dome in the palette's colours, and where the sun stands over a landscape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.sets.palettes import Palette, linear
from firstframe.sets.shapes import Floats


@dataclass(frozen=True, slots=True)
class Daylight:
    """Sun over a landscape."""

    elevation_deg: float
    turbidity: float
    """Haze, 1 to 10."""
    balance: tuple[float, float, float]
    """A filter before the lens; a blue one makes night of day."""
    lamp: float = 0.4
    """Strength of the lamp beside the camera; at night it lights the label."""


DAYLIGHT: dict[str, Daylight] = {
    "amber-dusk": Daylight(15.0, 4.5, (1.0, 0.93, 0.86)),
    "blush-dawn": Daylight(21.0, 5.0, (1.0, 0.92, 0.96)),
    "sage-noon": Daylight(40.0, 3.0, (1.0, 1.0, 0.97)),
    "ink-night": Daylight(24.0, 2.5, (0.66, 0.80, 1.12), lamp=1.2),
    "brand-night": Daylight(24.0, 2.5, (0.66, 0.80, 1.12), lamp=1.2),
}
"""By palette; a palette without one of its own has that of noon."""


def sun_direction(elevation_deg: float, azimuth_deg: float) -> tuple[float, float, float]:
    """Towards the sun; azimuth 0 is behind the camera, 90 on its right."""
    up, turn = np.radians(elevation_deg), np.radians(azimuth_deg)
    return float(np.cos(up) * np.sin(turn)), float(np.sin(up)), float(np.cos(up) * np.cos(turn))


def painted(palette: Palette, *, glow_azimuth_deg: float, height: int = 256) -> NDArray[np.float32]:
    """A hazy sky without a sun: bright at the horizon, with a glow on it; linear light, shape (height, 2 height, 3).

    Args:
        palette: Colours.
        glow_azimuth_deg: Where the glow is: 0 straight ahead of the camera, positive to the right.
        height: Rows.
    """
    elevation = 90 - 180 * (np.arange(height) + 0.5) / height
    azimuth = 360 * (np.arange(2 * height) + 0.5) / (2 * height)
    up = elevation[:, None, None]
    low_sky, middle, zenith = _colours(palette)
    low = np.clip(up / 14, 0, 1) ** 0.8
    high = np.clip((up - 8) / 60, 0, 1) ** 0.7
    sky = low_sky + (middle - low_sky) * low
    sky = sky + (zenith - sky) * high
    apart = (azimuth - glow_azimuth_deg + 180) % 360 - 180
    glow = np.exp(-((apart[None, :, None] / 26) ** 2) - (np.abs(up - 2) / 9) ** 1.4)
    halo = np.exp(-((apart[None, :, None] / 70) ** 2) - (np.abs(up - 2) / 26) ** 1.4)
    sun = np.array(linear(palette.sun))
    picture = sky + sun * (2.4 * glow + 0.5 * halo) * float(sky.mean() + 0.15)
    return np.asarray(picture * np.where(up < 0, 0.35, 1.0), np.float32)


def horizon(palette: Palette) -> Floats:
    """Light of a painted sky at its horizon, away from the glow, linear, shape (3,)."""
    return _colours(palette)[0]


def _colours(palette: Palette) -> tuple[Floats, Floats, Floats]:
    """Of the horizon, of the sky over it, and overhead."""
    wall, sun, cool = (np.array(linear(colour)) for colour in (palette.backdrop, palette.sun, palette.sky))
    return (
        0.55 * wall + 0.45 * sun * wall.max(),
        0.75 * wall + 0.12 * cool * wall.max(),
        0.45 * wall * cool + 0.10 * cool * wall.max(),
    )
