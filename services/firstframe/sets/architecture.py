"""Flat and square things: boxes, walls, a window to throw its shadow."""

from __future__ import annotations

import numpy as np

from firstframe.sets.shapes import Floats, Mesh

Place = tuple[float, float, float]

_SIDES = (
    ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    ((-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    ((0, 1, 0), (1, 0, 0), (0, 0, -1)),
    ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    ((0, 0, -1), (-1, 0, 0), (0, 1, 0)),
)
"""Normal of each side of a box, and the directions in which its texture coordinates run."""


def box(middle: Place, half: Place) -> Mesh:
    """A box with sharp edges; each side has texture coordinates of 0 to 1."""
    parts = [_side(np.array(half), *(np.array(axis, float) for axis in axes)) for axes in _SIDES]
    points, normals, uv, faces = (np.concatenate([part[at] for part in parts]) for at in range(4))
    starts = np.repeat(np.arange(6) * 4, 2)[:, None]
    return Mesh(points + np.array(middle), normals, uv, (faces + starts).astype(np.int32))


def card(width: float, height: float, middle: Place) -> Mesh:
    """An upright rectangle that faces the camera."""
    part = _side(
        np.array([width / 2, height / 2, 0.0]), np.array([0, 0, 1.0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    )
    points, normals, uv, faces = part
    return Mesh(points + np.array(middle), normals, uv, faces.astype(np.int32))


def _side(half: Floats, normal: Floats, right: Floats, up: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    turns = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    points = (normal + turns[:, :1] * right + turns[:, 1:] * up) * half
    return points, np.tile(normal, (4, 1)), (turns + 1) / 2, np.array([[0, 1, 2], [0, 2, 3]])
