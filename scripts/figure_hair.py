"""Hair, brows and lashes of a figure: strands that grow along a flow and stay outside of the head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from figure_body import Floats, Surface
from scipy.spatial import cKDTree

Flow = Callable[[Floats], Floats]
"""Where strands want to go at places, shape (n, 3) both."""


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """Curves of one thickness each."""

    points: Floats
    """Shape (strands, steps, 3), decimetres."""
    radius: float
    """At the root, decimetres; a strand ends thinner."""

    def lines(self, scale: float) -> str:
        """The curves as Mitsuba reads them: a point and a radius on a line, an empty line between curves."""
        count = self.points.shape[1]
        taper = self.radius * scale * (1 - 0.75 * np.linspace(0, 1, count) ** 2)
        rows = np.concatenate([self.points * scale, np.broadcast_to(taper[:, None], (*self.points.shape[:2], 1))], -1)
        # A B-spline ends before its last points, so the ends are there three times.
        rows = np.concatenate([rows[:, :1], rows[:, :1], rows, rows[:, -1:], rows[:, -1:]], axis=1)
        return "\n\n".join("\n".join("{:.6f} {:.6f} {:.6f} {:.6f}".format(*row) for row in curve) for curve in rows)


class Skin:
    """A surface that strands grow from and do not enter.

    Args:
        surface: The surface.
    """

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.normals = surface.normals
        self._tree = cKDTree(surface.points)

    def roots(self, density: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Places on the surface and the normals there, as often as a density of its points says, shape (count, 3) both."""
        corners = self.surface.points[self.surface.faces]
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        likely = area * density[self.surface.faces].mean(axis=1)
        chosen = rng.choice(len(likely), count, p=likely / likely.sum())
        share = rng.dirichlet((1, 1, 1), count)[..., None]
        faces = self.surface.faces[chosen]
        normals = (self.normals[faces] * share).sum(axis=1)
        return (corners[chosen] * share).sum(axis=1), normals / np.linalg.norm(normals, axis=1, keepdims=True)

    def outside(self, places: Floats, least: Floats) -> Floats:
        """Places moved out of the surface until they are so far from it, shape (n, 3)."""
        _, nearest = self._tree.query(places)
        normal = self.normals[nearest]
        height = ((places - self.surface.points[nearest]) * normal).sum(axis=1)
        return np.asarray(places + np.maximum(least - height, 0)[:, None] * normal)

    def nearest(self, places: Floats) -> Floats:
        """The points of the surface next to places, shape (n, 3)."""
        return np.asarray(self.surface.points[self._tree.query(places)[1]])

    def front(self, x: Floats, y: Floats) -> Floats:
        """The points of the surface that lie behind places of the front view, shape (n, 3)."""
        shown = np.flatnonzero(self.normals[:, 2] > 0.2)
        _, nearest = cKDTree(self.surface.points[shown, :2]).query(np.c_[x, y])
        found = self.surface.points[shown[nearest]].copy()
        found[:, :2] = np.c_[x, y]
        return found


def grown(
    skin: Skin,
    roots: tuple[Floats, Floats],
    flow: Flow,
    length: Floats,
    lift: Floats,
    steps: int = 12,
) -> Floats:
    """Strands from roots along a flow, shape (n, steps, 3).

    Args:
        skin: What they stay outside of.
        roots: Places and normals.
        flow: Where they go.
        length: Of each, decimetres, shape (n,).
        lift: Height over the skin that each comes to, decimetres, shape (n,).
        steps: Points of each.
    """
    place = roots[0]
    out = [place]
    for step in range(1, steps):
        rise = np.sqrt(step / (steps - 1))
        way = flow(place)
        place = skin.outside(place + way * (length / (steps - 1))[:, None], lift * rise)
        out.append(place)
    return np.stack(out, axis=1)


def towards(goal: Floats, stop: float) -> Flow:
    """Straight to a point, and slower once within `stop` of it."""

    def flow(places: Floats) -> Floats:
        off = goal - places
        away = np.linalg.norm(off, axis=1, keepdims=True)
        return np.asarray(off / np.maximum(away, 1e-9) * np.clip(away / stop, 0, 1))

    return flow


def bun(middle: Floats, radius: float, count: int, rng: np.random.Generator, steps: int = 28) -> Floats:
    """Strands wound about a knot: rings whose axes lean a little, shape (count, steps, 3)."""
    axis = np.array([0.0, 0.85, -0.5]) + rng.normal(0, 0.22, (count, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    across = np.cross(axis, rng.normal(size=(count, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    up = np.cross(axis, across)
    height = np.clip(rng.normal(0, 0.42, count), -0.85, 0.85)
    turn = np.linspace(0, 2 * np.pi * 0.9, steps)
    round_ = np.sqrt(1 - height**2) * (1 + rng.normal(0, 0.02, count))
    ring = np.cos(turn)[None, :, None] * across[:, None] + np.sin(turn)[None, :, None] * up[:, None]
    flat = (height * 0.8)[:, None, None] * axis[:, None]
    return np.asarray(middle + radius * (round_[:, None, None] * ring + flat))


def brow(skin: Skin, side: int, eye: Floats, wide: float, count: int, rng: np.random.Generator) -> Floats:
    """Hairs of a brow, lying on the skin, shape (count, steps, 3).

    Args:
        skin: The head.
        side: -1 at the picture's left, 1 at the right.
        eye: Middle of the eye.
        wide: Thickness of the brow.
        count: Hairs.
        rng: Where they grow.
    """
    along = rng.uniform(0, 1, count)
    thick = wide * np.interp(along, [0, 0.15, 0.6, 1], [0.6, 1, 0.85, 0.2])
    across = rng.uniform(-1, 1, count)
    x = np.interp(along, [0, 1], [-0.17, 0.27])
    y = np.interp(along, [0, 0.35, 0.68, 1], [0.125, 0.175, 0.20, 0.125]) + across * thick
    lean = np.interp(along, [0, 0.3, 1], [62, 22, -18]) - across * 22 + rng.normal(0, 7, count)
    length = 0.085 * rng.uniform(0.7, 1.1, count)
    steps = np.linspace(0, 1, 5)[None]
    dx = length[:, None] * steps * np.cos(np.radians(lean))[:, None]
    dy = length[:, None] * steps * np.sin(np.radians(lean))[:, None]
    at = skin.front((eye[0] + side * (x[:, None] + dx)).ravel(), (eye[1] + y[:, None] + dy).ravel())
    places = skin.outside(at, np.full(len(at), 0.006))
    return places.reshape(count, 5, 3)
