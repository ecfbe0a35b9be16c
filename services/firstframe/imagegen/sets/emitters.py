"""Lamps as Mitsuba plugins."""

from __future__ import annotations

from firstframe.imagegen.sets.design import Plugin
from firstframe.imagegen.sets.shapes import Floats

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


def colour_of(radiance: Floats) -> Plugin:
    """Linear light, shape (3,), as a spectrum of Mitsuba."""
    return {"type": "rgb", "value": [float(value) for value in radiance]}


def _emitter(
    shape: str, at: Place, target: Place, scale: tuple[float, float], radiance: Floats, weight: float
) -> Plugin:
    return {
        "type": shape,
        "look_at": ([float(value) for value in at], [float(value) for value in target]),
        "scale": [*scale, 1.0],
        "emitter": {"type": "area", "radiance": colour_of(radiance), "sampling_weight": weight},
    }
