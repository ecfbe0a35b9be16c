"""Solid things as triangles: what a file of a product in three dimensions holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Grey8, Rgb8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What a part is made of, in the metal and roughness model of glTF 2.0."""

    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Linear light, 0 to 1; `picture` is multiplied with it."""
    picture: Rgb8 | None = None
    metallic: float = 0.0
    roughness: float = 0.5
    metallic_map: Grey8 | None = None
    """Multiplied with `metallic`; row 0 is at v = 1, as of `picture`."""
    roughness_map: Grey8 | None = None
    """Multiplied with `roughness`."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Triangles of one surface, in the units and axes of the file."""

    points: Floats
    """Shape (n, 3), finite."""
    faces: NDArray[np.int32]
    """Shape (m, 3), m > 0; none is degenerate."""
    uv: Floats | None = None
    """Shape (n, 2); v runs upwards."""
    colours: Floats | None = None
    """Shape (n, 3), linear light, 0 to 1."""
    surface: Surface | None = None
    """None where the file says nothing of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """A product in three dimensions."""

    parts: tuple[Part, ...]
    """At least one."""
    library_left_out: bool = False
    """Whether the file names a material library, which was not read."""

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest corner, each of shape (3,), metres."""
        lows, highs = zip(*((part.points.min(axis=0), part.points.max(axis=0)) for part in self.parts), strict=True)
        return np.min(lows, axis=0), np.max(highs, axis=0)
