"""Light on a set: a low sun through a gobo, a soft box, two strips that draw the product's edges, and a fill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from firstframe.sets import emitters
from firstframe.sets.design import Plugin
from firstframe.sets.materials import colour, matt
from firstframe.sets.palettes import Palette, linear
from firstframe.sets.shapes import Floats, Mesh, joined

SUN_DISTANCE = 4.2
GOBO_DISTANCE = 1.25
Bar = tuple[float, float, float, float]
"""Left, bottom, right and top of a bar around or in a window, metres from its middle."""
AIM = np.array([0.0, 0.16, -0.35])


def lights(rng: np.random.Generator, palette: Palette, sun: Floats, side: float) -> tuple[Plugin, ...]:
    """Emitters; `side` is the arch's, and the sun's is the other."""
    warm, cool = np.array(linear(palette.sun)), np.array(linear(palette.sky))
    strip = 1.0 + rng.uniform(-0.1, 0.1)
    return (
        emitters.everywhere(cool * palette.fill),
        emitters.disc(_place(sun), _place(AIM), 0.085, warm * 3600.0),
        emitters.panel((-side * 0.15, 1.5, 0.75), (0.0, 0.1, 0.0), 0.9, 0.6, warm * 2.2),
        emitters.panel((-side * 0.75, 0.32, 0.35), (0.0, 0.16, 0.0), 0.14, 0.75, (0.6 * warm + 0.4) * 12.0 * strip),
        emitters.panel(
            (side * 0.62, 0.30, -0.22), (0.0, 0.16, 0.0), 0.10, 0.70, (0.5 * warm + 0.5 * cool) * 14.0 * strip
        ),
    )


def gobo(
    rng: np.random.Generator, sun: Floats, side: float, *, window: Sequence[Bar] = ()
) -> tuple[tuple[Mesh, Plugin], ...]:
    """Window bars between the sun and the set, out of frame: they cut the light on the wall into panes.

    Args:
        rng: Source of what varies.
        sun: Where it stands.
        side: The other one than the sun's.
        window: Its bars; a wide window's when none are given.
    """
    forward = (AIM - sun) / np.linalg.norm(AIM - sun)
    right = np.cross(forward, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    middle = AIM - forward * GOBO_DISTANCE
    lean = np.radians(rng.uniform(8, 20) * side)
    right, up = np.cos(lean) * right + np.sin(lean) * up, np.cos(lean) * up - np.sin(lean) * right
    shift = rng.uniform(-0.03, 0.03)
    bars = [_bar(middle, right, up, *box) for box in window or _window(shift)]
    return ((joined(bars), matt(colour("#201A16"))),)


def _window(shift: float) -> list[Bar]:
    wide, tall, far = 0.36, 0.34, 1.6
    frame = [(-far, -far, -wide, far), (wide, -far, far, far), (-wide, tall, wide, far), (-wide, -far, wide, -tall)]
    bars = [(-0.155 + shift, -tall, -0.125 + shift, tall), (0.165 + shift, -tall, 0.195 + shift, tall)]
    return [*frame, *bars, (-wide, 0.17, wide, 0.195)]


def _bar(middle: Floats, right: Floats, up: Floats, x0: float, y0: float, x1: float, y1: float) -> Mesh:
    corners = np.array([middle + right * x + up * y for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
    normal = np.tile(np.cross(right, up), (4, 1))
    faces = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
    return Mesh(corners, normal, np.zeros((4, 2)), faces)


def sun_position(rng: np.random.Generator, side: float) -> Floats:
    """Where the sun stands, shape (3,), metres: low, in front of the set, on the side opposite to the arch."""
    direction = np.array([-side * rng.uniform(0.62, 0.86), rng.uniform(0.44, 0.58), rng.uniform(0.52, 0.66)])
    place: Floats = AIM + direction / np.linalg.norm(direction) * SUN_DISTANCE
    return place


def _place(point: Floats) -> emitters.Place:
    x, y, z = (float(value) for value in point)
    return x, y, z
