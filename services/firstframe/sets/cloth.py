"""Linen: a runner on a table, a curtain."""

from __future__ import annotations

import numpy as np

from firstframe.sets.shapes import Floats, Mesh, grid_faces
from firstframe.sets.terrain import smoothed
from firstframe.sets.textures import WEAVE_M, fractal


def runner(rng: np.random.Generator, width: float, near: float, far: float, *, lift: float = 0.0016) -> Mesh:
    """A strip of linen that lies on the floor along z, in soft creases; texture coordinates count pieces of weave."""
    rows, columns = 220, 90
    x = np.linspace(-width / 2, width / 2, columns)[None]
    z = np.linspace(far, near, rows)[:, None]
    waver = 0.004 * fractal(rng, (rows, columns), (4, 1), octaves=2)
    creases = np.abs(fractal(rng, (rows, columns), (6, 3), octaves=3))
    hem = np.clip((np.abs(x) - 0.485 * width) / (0.01 * width), 0, 1)
    y = lift * (1 + 0.9 * creases + 0.5 * hem) + 0 * z
    points = np.stack([x + waver, y, np.broadcast_to(z, y.shape)], -1).reshape(-1, 3)
    uv = np.stack(np.broadcast_arrays(x, z), -1).reshape(-1, 2) / WEAVE_M
    faces = np.ascontiguousarray(grid_faces(rows, columns)[:, ::-1])
    return smoothed(Mesh(points, np.zeros_like(points), uv, faces), upwards=True)


def curtain(rng: np.random.Generator, width: float, height: float, *, folds: int, depth: float) -> Mesh:
    """A curtain that hangs in folds from `height` to the floor, facing the camera, its foot's middle in the origin."""
    rows, columns = 80, 40 * folds
    s, t = np.linspace(0, 1, columns)[None], np.linspace(0, 1, rows)[:, None]
    drift = 0.35 * fractal(rng, (rows, columns), (2, folds), octaves=2)
    phase = 2 * np.pi * folds * s + 1.6 * drift + 0.5 * np.sin(2 * np.pi * s * folds / 3)
    z = depth * (0.55 + 0.45 * (1 - t)) * (np.sin(phase) + 0.25 * np.sin(2 * phase + 1))
    x = width * (s - 0.5) + 0.25 * depth * np.cos(phase)
    points = np.stack([np.broadcast_to(x, z.shape), np.broadcast_to(height * t, z.shape), z], -1).reshape(-1, 3)
    uv = np.stack([np.broadcast_to(_arc(x, z), z.shape), np.broadcast_to(height * t, z.shape)], -1).reshape(-1, 2)
    faces = np.ascontiguousarray(grid_faces(rows, columns))
    return smoothed(Mesh(points, np.zeros_like(points), uv / WEAVE_M, faces))


def _arc(x: Floats, z: Floats) -> Floats:
    """Length along the foot of a curtain, so that the weave is not stretched in its folds."""
    step = np.hypot(np.diff(x[0]), np.diff(z[0]))
    return np.concatenate([[0.0], np.cumsum(step)])[None]
