"""Lamps as Mitsuba plugins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.sets.design import Plugin
from firstframe.sets.materials import colour_of
from firstframe.sets.shapes import Floats

Place = tuple[float, float, float]


def everywhere(radiance: Floats) -> Plugin:
    """The same light from all around; `radiance` is linear light, shape (3,), as in all of these."""
    return {"type": "constant", "radiance": colour_of(radiance)}


def disc(at: Place, target: Place, radius: float, radiance: Floats) -> Plugin:
    """A round lamp that faces a point: hard light when it is small or far."""
    return _emitter("disk", at, target, (radius, radius), radiance, 3.0)


def panel(at: Place, target: Place, width: float, height: float, radiance: Floats) -> Plugin:
    """A soft box that faces a point, metres."""
    return _emitter("rectangle", at, target, (width / 2, height / 2), radiance, 1.0)


def view(picture: NDArray[np.float32]) -> Plugin:
    """Light of a surface that shows a picture, linear, shape (h, w, 3)."""
    return {"type": "area", "radiance": {"type": "bitmap", "data": picture[::-1], "raw": True, "wrap_mode": "clamp"}}


def haze(radiance: Floats) -> Plugin:
    """What the air before a far thing adds to it; it is seen, and lights nothing else on purpose."""
    return {"type": "area", "radiance": colour_of(radiance), "sampling_weight": 0.0}


def dome(picture: NDArray[np.float32]) -> Plugin:
    """Light from all around: a picture of the sphere, linear, shape (h, w, 3); the camera looks at its left edge."""
    return {"type": "envmap", "data": picture}


def sunsky(sun: Place, *, turbidity: float, ground: float, sun_scale: float, aperture_deg: float) -> Plugin:
    """Sun and sky by Mitsuba's model (Wilkie et al. 2021).

    Args:
        sun: Direction towards the sun, y up.
        turbidity: Haze, 1 to 10.
        ground: Albedo of the ground.
        sun_scale: Strength of the sun against what it is.
        aperture_deg: Angle that the sun spans; 0.54 as it is, more for softer shadows.
    """
    return {
        "type": "sunsky",
        "sun_direction": [float(value) for value in sun],
        "turbidity": turbidity,
        "albedo": ground,
        "sun_scale": sun_scale,
        "sun_aperture": aperture_deg,
    }


def _emitter(
    shape: str, at: Place, target: Place, scale: tuple[float, float], radiance: Floats, weight: float
) -> Plugin:
    return {
        "type": shape,
        "look_at": ([float(value) for value in at], [float(value) for value in target]),
        "scale": [*scale, 1.0],
        "emitter": {"type": "area", "radiance": colour_of(radiance), "sampling_weight": weight},
    }
