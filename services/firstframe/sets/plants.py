"""Branches with leaves, and grass."""

from __future__ import annotations

import numpy as np

from firstframe.sets.shapes import Floats, Mesh, grid_faces, joined, leaf

Place = tuple[float, float, float]


def branch(
    rng: np.random.Generator,
    root: Place,
    heading: Place,
    *,
    length: float,
    leaves: int,
    blade: tuple[float, float],
    droop: float = 0.6,
) -> Mesh:
    """A branch with leaves on all sides.

    Args:
        rng: Source of its shape.
        root: Where it begins.
        heading: Where it goes at first.
        length: Metres.
        leaves: How many.
        blade: Length and width of a leaf, metres.
        droop: How far it bows to the ground on its way, 0 to about 2.
    """
    path = _path(rng, np.array(root), np.array(heading, float), length, droop)
    parts = [tube(path, 0.011 * length, 0.003 * length)]
    for at in range(leaves):
        t = 0.22 + 0.78 * (at + rng.uniform(0, 0.5)) / leaves
        parts.append(_leaf(rng, path, t, at, blade))
    return joined(parts)


def grass(rng: np.random.Generator, root: Place, *, height: float, blades: int, spread: float) -> Mesh:
    """A tuft of grass that bows outwards."""
    parts = []
    for _ in range(blades):
        turn, lean = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.55)
        heading = np.array([np.sin(turn) * lean, 1.0, np.cos(turn) * lean])
        start = np.array(root) + spread * rng.uniform(0, 1) * np.array([np.sin(turn), 0, np.cos(turn)])
        path = _path(rng, start, heading, height * rng.uniform(0.5, 1.0), rng.uniform(0.2, 1.1))
        parts.append(tube(path, 0.008 * height, 0.0008 * height, sides=5))
    return joined(parts)


def tube(path: Floats, thick: float, thin: float, *, sides: int = 8) -> Mesh:
    """A round rod along a path of shape (n, 3) that gets thinner, metres."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.cross(tangent, [0.31, 0.17, 0.93])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    other = np.cross(tangent, across)
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.cos(angle)[None, :, None] * across[:, None] + np.sin(angle)[None, :, None] * other[:, None]
    radius = np.linspace(thick, thin, len(path))[:, None, None]
    points = (path[:, None] + radius * ring).reshape(-1, 3)
    return Mesh(points, ring.reshape(-1, 3), np.zeros((len(points), 2)), grid_faces(len(path), sides + 1))


def _path(
    rng: np.random.Generator, start: Floats, heading: Floats, length: float, droop: float, steps: int = 24
) -> Floats:
    wander = rng.normal(0, 0.5, 3)
    points, way = [start], heading / np.linalg.norm(heading)
    for step in range(steps):
        t = step / steps
        way = way + (np.array([0.0, -droop, 0.0]) * t + 0.6 * np.sin(5 * t + wander) * [1, 0.3, 1]) / steps
        way /= np.linalg.norm(way)
        points.append(points[-1] + way * length / steps)
    return np.array(points)


def _leaf(rng: np.random.Generator, path: Floats, t: float, at: int, blade: tuple[float, float]) -> Mesh:
    index = min(int(t * (len(path) - 1)), len(path) - 2)
    along = path[index + 1] - path[index]
    along /= np.linalg.norm(along)
    turn = at * 2.4 + rng.uniform(-0.5, 0.5)
    side = np.cross(along, [np.sin(turn), 0.35, np.cos(turn)])
    side /= np.linalg.norm(side)
    out = side + along * rng.uniform(0.3, 0.9)
    out /= np.linalg.norm(out)
    up = np.cross(out, along)
    up /= np.linalg.norm(up)
    size = (1 - 0.45 * t) * rng.uniform(0.85, 1.1)
    one = leaf(size * blade[0], size * blade[1], rng.uniform(-0.2, 0.25) * blade[0], steps=12)
    frame = np.stack([out, np.cross(up, out), up], -1)
    return Mesh(one.points @ frame.T + path[index], one.normals @ frame.T, one.uv, one.faces)
