"""Natural shapes: ground with relief, boulders, rounded blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from firstframe.sets.noise import solid_noise
from firstframe.sets.shapes import Floats, Mesh, grid_faces


def ground(
    x: tuple[float, float],
    z: tuple[float, float],
    cells: tuple[int, int],
    height: Callable[[Floats, Floats], Floats],
    *,
    gather: float = 1.0,
) -> Mesh:
    """Ground over a rectangle, facing up.

    Args:
        x: Least and greatest x, metres.
        z: Farthest and nearest z, metres.
        cells: Steps along x and along z.
        height: Height at x and z, all of shape (n,).
        gather: Exponent that draws the rows together towards the near end; 1 spaces them evenly.
    """
    across = np.linspace(*x, cells[0] + 1)
    share = np.linspace(0, 1, cells[1] + 1)
    along = z[0] + (z[1] - z[0]) * (1 - (1 - share) ** gather)
    zz, xx = np.meshgrid(along, across, indexing="ij")
    points = np.stack([xx.ravel(), height(xx.ravel(), zz.ravel()), zz.ravel()], -1)
    uv = np.stack([(xx.ravel() - x[0]) / (x[1] - x[0]), (zz.ravel() - z[0]) / (z[1] - z[0])], -1)
    flat = Mesh(points, np.zeros_like(points), uv, grid_faces(len(along), len(across)))
    return smoothed(replace(flat, faces=np.ascontiguousarray(flat.faces[:, ::-1])), upwards=True)


def boulder(
    rng: np.random.Generator,
    radii: tuple[float, float, float],
    *,
    rough: float = 0.18,
    facets: int = 0,
    steps: int = 96,
) -> Mesh:
    """A worn stone around the origin.

    Args:
        rng: Source of its shape.
        radii: Half its size along x, y and z, metres.
        rough: How far noise moves its surface, as a share of its size.
        facets: Flat faces that it broke along.
        steps: Rings from pole to pole.
    """
    ball = _ball(steps)
    shift = rng.uniform(0, 20, 3)
    relief = 1 + rough * solid_noise(ball.points * 1.1 + shift, rng, octaves=5)
    points = ball.points * relief[:, None]
    for _ in range(facets):
        points = _broken(rng, points)
    return smoothed(replace(ball, points=points * np.array(radii)))


def _broken(rng: np.random.Generator, points: Floats) -> Floats:
    """What is beyond a random plane, pressed almost flat onto it."""
    normal = rng.normal(0, 1, 3)
    normal /= np.linalg.norm(normal)
    beyond = np.maximum(points @ normal - rng.uniform(0.62, 0.92), 0)
    return np.asarray(points - 0.9 * beyond[:, None] * normal)


def block(half: tuple[float, float, float], *, edge: float = 0.08, steps: int = 96) -> Mesh:
    """A block with rounded edges around the origin: a superquadric.

    Args:
        half: Half its size along x, y and z, metres.
        edge: How round it is, 0 to 1; 1 is an ellipsoid.
        steps: Rings from pole to pole.
    """
    ball = _ball(steps)
    power = 2 / edge
    norm = (np.abs(ball.points) ** power).sum(axis=1) ** (1 / power)
    return smoothed(replace(ball, points=ball.points / norm[:, None] * np.array(half)))


def smoothed(mesh: Mesh, *, upwards: bool = False) -> Mesh:
    """The mesh with normals that are the means of its triangles', weighted by area."""
    a, b, c = (mesh.points[mesh.faces[:, at]] for at in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(mesh.points)
    for corner in range(3):
        np.add.at(normals, mesh.faces[:, corner], face)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-20)
    if upwards and normals[:, 1].mean() < 0:
        return replace(mesh, normals=-normals, faces=np.ascontiguousarray(mesh.faces[:, ::-1]))
    return replace(mesh, normals=normals)


def _ball(steps: int) -> Mesh:
    polar, around = np.linspace(0, np.pi, steps + 1), np.linspace(0, 2 * np.pi, 2 * steps + 1)
    ring, turn = np.meshgrid(polar, around, indexing="ij")
    points = np.stack([np.sin(ring) * np.cos(turn), np.cos(ring), -np.sin(ring) * np.sin(turn)], -1).reshape(-1, 3)
    uv = np.stack([turn / (2 * np.pi), 1 - ring / np.pi], -1).reshape(-1, 2)
    faces = grid_faces(len(polar), len(around))
    return Mesh(points, points.copy(), uv, np.ascontiguousarray(faces[:, ::-1]))
