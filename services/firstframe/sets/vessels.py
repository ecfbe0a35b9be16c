"""Things turned on a wheel or blown: vases, bowls, glasses with what is in them, boards."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets.design import Item, Plugin
from firstframe.sets.materials import dielectric
from firstframe.sets.shapes import Floats, Mesh, lathe, rounded

Place = tuple[float, float, float]

FOOT_M = 0.0003
"""Air below things that stand: what touches the floor over a face would be one with it for the renderer."""
AIR, WATER, GLASS = 1.0, 1.333, 1.5
"""Refractive indices."""


def vase(height: float, *, belly: float, neck: float, lip: float) -> Mesh:
    """A vase with its foot in the origin; radii in metres."""
    wall = 0.1 * neck + 0.0015
    outside = [
        (0.0, FOOT_M, 0.0),
        (0.55 * belly, FOOT_M, 0.006),
        (belly, 0.42 * height, 0.35 * height),
        (neck, 0.80 * height, 0.12 * height),
        (lip, height, 0.002),
    ]
    inside = [(lip - wall, height, 0.002), (neck - wall, 0.80 * height, 0.1 * height), (0.0, 0.55 * height, 0.0)]
    return lathe(rounded([*outside, *inside], steps=20), segments=160)


def bowl(radius: float, height: float, *, wall: float = 0.004) -> Mesh:
    """A round bowl with its foot in the origin."""
    corners = [
        (0.0, FOOT_M, 0.0),
        (0.42 * radius, FOOT_M, 0.004),
        (0.92 * radius, 0.42 * height, 0.4 * height),
        (radius, height, 0.002),
        (radius - wall, height, 0.002),
        (0.88 * radius, 0.45 * height, 0.4 * height),
        (0.0, wall, 0.0),
    ]
    return lathe(rounded(corners, steps=16), segments=160)


def slab(radius: float, height: float, *, edge: float = 0.004) -> Mesh:
    """A round board or disc with its foot in the origin; v runs from the foot over the edge to the middle of the top."""
    corners = [(0.0, FOOT_M, 0.0), (radius, FOOT_M, 0.3 * edge), (radius, height, edge), (0.0, height, 0.0)]
    return lathe(rounded(corners, steps=10), segments=256)


class Profile:
    """A glass as its inner and outer radius by height, metres.

    Args:
        height: Of the rim.
        radii: Outer radius at the foot, at the middle and at the rim.
        wall: Thickness of the wall.
        base: Thickness of the bottom.
    """

    def __init__(
        self, height: float, radii: tuple[float, float, float], *, wall: float = 0.0016, base: float = 0.007
    ) -> None:
        self.height, self._radii, self._wall, self._base = height, radii, wall, base

    def outer(self, y: Floats) -> Floats:
        """Outer radius at heights, metres, of their shape, by the parabola through the three."""
        foot, middle, rim = self._radii
        t = y / self.height
        return np.asarray(foot * (1 - t) * (1 - 2 * t) + 4 * middle * t * (1 - t) + rim * t * (2 * t - 1))

    def shell(self, fill: float) -> Floats:
        """Where glass meets air, shape (n, 2), radius and height: outside, rim and inside down to the liquid."""
        up, down = np.linspace(0, self.height, 40), np.linspace(self.height, self._level(fill), 24)
        foot = np.array([[0.0, FOOT_M], [self.outer(up)[0] - 0.002, FOOT_M]])
        outside = np.stack([self.outer(up), np.maximum(up, 0.002)], -1)
        return np.concatenate([foot, outside, np.stack([self.outer(down) - self._wall, down], -1)])

    def wet(self, fill: float) -> Floats:
        """Where glass meets liquid, shape (n, 2): the inside from the liquid's level down to the middle of the bottom."""
        down = np.linspace(self._level(fill), self._base + 0.003, 32)
        inside = np.stack([self.outer(down) - self._wall, down], -1)
        edge = inside[-1, 0]
        return np.concatenate(
            [inside, [[edge - 0.0015, self._base + 0.0006], [edge - 0.004, self._base], [0.0, self._base]]]
        )

    def surface(self, fill: float) -> Floats:
        """Where liquid meets air, shape (n, 2), with the meniscus at the wall."""
        level = self._level(fill)
        edge = float(self.outer(np.array([level]))[0]) - self._wall
        return np.array(
            [[edge, level], [edge - 0.0006, level - 0.0006], [edge - 0.002, level - 0.001], [0.0, level - 0.001]]
        )

    def _level(self, fill: float) -> float:
        return self._base + fill * (self.height - self._base)


def glass(name: str, role: LayerRole, at: Place, profile: Profile, fill: float, tint: Floats) -> list[Item]:
    """A glass that is filled up to a share of its height; three surfaces, so that light bends as it does.

    Args:
        name: Stem of the names of the parts.
        role: Layer.
        at: Where it stands.
        profile: Its shape.
        fill: Share of the height, 0 to 1.
        tint: What the liquid lets through, linear, shape (3,); applied where light enters and leaves it.
    """
    parts = (
        ("glass", profile.shell(fill), dielectric(GLASS, AIR)),
        ("wall", profile.wet(fill), dielectric(GLASS, WATER, tint)),
        ("liquid", profile.surface(fill), dielectric(WATER, AIR)),
    )
    return [Item(f"{name} {part}", role, lathe(line, segments=128).moved(at), bsdf) for part, line, bsdf in parts]


def ball(at: Place, radius: float) -> Plugin:
    """A sphere around a point."""
    return {"type": "sphere", "center": [float(value) for value in at], "radius": radius}
