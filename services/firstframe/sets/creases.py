"""Normals for meshes that come without: smooth, but for their creases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.sets.shapes import Floats, Mesh

CREASE_DEG = 40.0
"""Angle between two faces from which the edge between them is hard."""
_VALENCE = 48
"""Faces around a point that are looked at; more only meet in the tips of cones."""


def creased(points: Floats, faces: NDArray[np.int32], uv: Floats | None, colours: Floats | None) -> Mesh:
    """A mesh with normals that are smooth where its faces meet at less than `CREASE_DEG`.

    Every corner of every face gets a normal of its own: the mean of the faces around its point that are smooth with its
    face, each by its area.

    Args:
        points: Shape (n, 3).
        faces: Shape (m, 3).
        uv: Shape (n, 2), or none.
        colours: Shape (n, 3), linear light, or none.

    Returns:
        A mesh of 3 m points.
    """
    corners = faces.ravel()
    a, b, c = (points[faces[:, at]] for at in range(3))
    across = np.cross(b - a, c - a)
    normals = _smoothed(_places(points)[corners], np.repeat(across, 3, axis=0))
    return Mesh(
        points[corners],
        normals,
        np.zeros((len(corners), 2)) if uv is None else uv[corners],
        np.arange(len(corners), dtype=np.int32).reshape(-1, 3),
        None if colours is None else colours[corners],
    )


def _places(points: Floats) -> NDArray[np.intp]:
    """A number for each point, the same for points in one place: seams of textures are no creases."""
    size = max(float(np.ptp(points, axis=0).max()), 1e-12)
    cells = np.rint((points - points.min(axis=0)) / size * (1 << 20)).astype(np.int64)
    keys = (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2]
    return np.asarray(np.unique(keys, return_inverse=True)[1], np.intp)


def _smoothed(place: NDArray[np.intp], across: Floats) -> Floats:
    """Unit normals of corners, from the area-weighted normals of their faces; both in one order."""
    order = np.argsort(place, kind="stable")
    spot, own = place[order], across[order]
    unit = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-30)
    total = own.copy()
    least = np.cos(np.radians(CREASE_DEG))
    for step in range(1, min(_VALENCE, len(spot))):
        same = spot[step:] == spot[:-step]
        if not same.any():
            break
        near = same & (np.einsum("ij,ij->i", unit[step:], unit[:-step]) >= least)
        total[:-step][near] += own[step:][near]
        total[step:][near] += own[:-step][near]
    length = np.linalg.norm(total, axis=1, keepdims=True)
    smooth = np.empty_like(total)
    smooth[order] = np.where(length > 1e-30, total / np.maximum(length, 1e-30), unit)
    return smooth
