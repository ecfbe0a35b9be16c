"""Triangle meshes of a set, made from profiles and outlines.

Lengths are in metres; y points up, the camera looks towards negative z.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles with smooth normals."""

    points: Floats
    """Shape (n, 3), metres."""
    normals: Floats
    """Shape (n, 3), unit length."""
    uv: Floats
    """Shape (n, 2), 0 to 1."""
    faces: NDArray[np.int32]
    """Shape (m, 3), counter-clockwise seen from outside."""
    colours: Floats | None = None
    """Shape (n, 3), linear light, or none."""

    def moved(self, offset: tuple[float, float, float], turn_deg: float = 0.0) -> Mesh:
        """The mesh turned about the y axis, then moved."""
        angle = np.radians(turn_deg)
        turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        return replace(self, points=self.points @ turn.T + np.asarray(offset), normals=self.normals @ turn.T)

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest corner, each of shape (3,), metres."""
        return self.points.min(axis=0), self.points.max(axis=0)

    def write_ply(self, path: Path) -> Path:
        """Writes binary PLY with normals, texture coordinates and, when there are any, colours."""
        columns = [("x y z", self.points), ("nx ny nz", self.normals), ("u v", self.uv)]
        if self.colours is not None:
            columns.append(("r g b", self.colours))
        names = " ".join(name for name, _ in columns).split()
        head = ["ply", "format binary_little_endian 1.0", f"element vertex {len(self.points)}"]
        head += [f"property float {name}" for name in names]
        head += [f"element face {len(self.faces)}", "property list uchar int vertex_indices", "end_header\n"]
        rows = np.zeros(len(self.faces), dtype=[("count", "u1"), ("index", "<i4", 3)])
        rows["count"], rows["index"] = 3, self.faces
        vertices = np.concatenate([values for _, values in columns], axis=1).astype("<f4")
        path.write_bytes("\n".join(head).encode("ascii") + vertices.tobytes() + rows.tobytes())
        return path


def lathe(profile: Floats, *, segments: int = 192, arc_deg: float = 360.0, smooth_deg: float = 35.0) -> Mesh:
    """Turns a profile about the y axis.

    Args:
        profile: Shape (n, 2), radius and height, from the bottom up along the outside.
        segments: Steps around.
        arc_deg: How far around; the middle of an arc faces the camera.
        smooth_deg: Corners sharper than this keep a hard edge.
    """
    rows, slopes, along = _split_corners(profile, smooth_deg)
    angles = np.radians(np.linspace(-arc_deg / 2, arc_deg / 2, segments + 1))
    sin, cos = np.sin(angles), np.cos(angles)
    points = np.stack(
        [np.outer(rows[:, 0], sin), np.repeat(rows[:, 1:], len(angles), 1), np.outer(rows[:, 0], cos)], -1
    )
    normals = np.stack(
        [np.outer(slopes[:, 0], sin), np.repeat(slopes[:, 1:], len(angles), 1), np.outer(slopes[:, 0], cos)], -1
    )
    u = np.broadcast_to(np.linspace(0, 1, len(angles)), points.shape[:2])
    v = np.broadcast_to(along[:, None], points.shape[:2])
    faces = grid_faces(len(rows), len(angles))
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), np.stack([u, v], -1).reshape(-1, 2), faces)


def rounded(corners: list[tuple[float, float, float]], steps: int = 10) -> Floats:
    """A profile through corners, each rounded off.

    Args:
        corners: Radius, height and the rounding's size at each corner; the size is cut to what the sides allow.
        steps: Points per rounding.
    """
    xy = np.array([corner[:2] for corner in corners])
    pieces: list[Floats] = [xy[:1]]
    for at in range(1, len(xy) - 1):
        pieces.append(_round_corner(xy[at - 1], xy[at], xy[at + 1], corners[at][2], steps))
    return np.concatenate([*pieces, xy[-1:]])


def arch(width: float, height: float, thickness: float, depth: float, *, bevel: float = 0.006, steps: int = 65) -> Mesh:
    """A round-topped gate that stands on the floor, facing the camera, its bottom middle in the origin."""
    outer, inner = width / 2, width / 2 - thickness
    spring = height - outer
    rings = [(0.0, -depth / 2), (0.0, depth / 2 - bevel), (bevel, depth / 2)]
    tube = [(outer - inset, z) for inset, z in rings] + [(inner + inset, z) for inset, z in reversed(rings)]
    tube.append(tube[0])
    angles = np.linspace(0, np.pi, steps)
    path = [(1.0, 0.0, -spring), *[(np.cos(a), np.sin(a), 0.0) for a in angles], (-1.0, 0.0, -spring)]
    return _swept(np.array(tube), np.array(path), spring)


def leaf(length: float, width: float, bend: float, steps: int = 24) -> Mesh:
    """A pointed leaf from the origin along positive x in the x-y plane, bending towards positive z."""
    t = np.linspace(0, 1, steps)
    half = width / 2 * np.sin(np.pi * t**0.8) ** 0.9
    side = np.linspace(-1, 1, 7)
    x = np.repeat(length * t[:, None], len(side), 1)
    y = half[:, None] * side[None] + bend * 0.5 * (t**2)[:, None]
    z = bend * (t**2)[:, None] + 0.25 * half[:, None] * np.abs(side)[None]
    points = np.stack([x, y, z], -1)
    normals = np.broadcast_to(np.array([0.0, 0.0, 1.0]), points.shape)
    uv = np.stack(np.meshgrid(np.linspace(0, 1, len(side)), t), -1)
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3).copy(), uv.reshape(-1, 2), grid_faces(steps, len(side)))


def sweep(width: float, near: float, far: float, height: float, radius: float, steps: int = 32) -> Mesh:
    """A seamless backdrop: floor from `near` to `far` along z, a quarter round of `radius`, a wall up to `height`."""
    angle = np.linspace(0, np.pi / 2, steps)
    z = np.concatenate([[near], far + radius - radius * np.sin(angle), [far]])
    y = np.concatenate([[0.0], radius - radius * np.cos(angle), [height]])
    ny = np.concatenate([[1.0], np.cos(angle), [0.0]])
    nz = np.concatenate([[0.0], np.sin(angle), [1.0]])
    rows = np.stack([np.zeros_like(y), y, z], -1)
    points = np.repeat(rows[:, None], 2, 1)
    points[:, 0, 0], points[:, 1, 0] = -width / 2, width / 2
    normals = np.repeat(np.stack([np.zeros_like(ny), ny, nz], -1)[:, None], 2, 1)
    uv = np.zeros((len(y), 2, 2))
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), grid_faces(len(y), 2))


def joined(meshes: list[Mesh]) -> Mesh:
    """Several meshes as one; colours are kept when all have them."""
    starts = np.cumsum([0, *[len(mesh.points) for mesh in meshes[:-1]]])
    colours = [mesh.colours for mesh in meshes if mesh.colours is not None]
    return Mesh(
        points=np.concatenate([mesh.points for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        uv=np.concatenate([mesh.uv for mesh in meshes]),
        faces=np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]).astype(np.int32),
        colours=np.concatenate(colours) if len(colours) == len(meshes) else None,
    )


def grid_faces(rows: int, columns: int) -> NDArray[np.int32]:
    """Triangles of a grid of points in rows, shape (m, 3)."""
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (row * columns + column).ravel()
    b, c, d = a + 1, a + columns, a + columns + 1
    return np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)]).astype(np.int32)


def _split_corners(profile: Floats, smooth_deg: float) -> tuple[Floats, Floats, Floats]:
    step = np.diff(profile, axis=0)
    length = np.maximum(np.linalg.norm(step, axis=1), 1e-12)
    outward = np.stack([step[:, 1], -step[:, 0]], 1) / length[:, None]
    rows, slopes, along = [profile[0]], [outward[0]], [0.0]
    run = np.cumsum(length)
    limit = np.cos(np.radians(smooth_deg))
    for at in range(1, len(profile) - 1):
        before, after = outward[at - 1], outward[at]
        sharp = float(before @ after) < limit
        for normal in (before, after) if sharp else (before + after,):
            rows.append(profile[at])
            slopes.append(normal / np.linalg.norm(normal))
            along.append(run[at - 1])
    rows.append(profile[-1])
    slopes.append(outward[-1])
    along.append(run[-1])
    return np.array(rows), np.array(slopes), np.array(along) / run[-1]


def _round_corner(before: Floats, corner: Floats, after: Floats, size: float, steps: int) -> Floats:
    to_before, to_after = before - corner, after - corner
    reach = min(size, 0.49 * float(np.linalg.norm(to_before)), 0.49 * float(np.linalg.norm(to_after)))
    if reach <= 0:
        return corner[None]
    start = corner + to_before / np.linalg.norm(to_before) * reach
    end = corner + to_after / np.linalg.norm(to_after) * reach
    t = np.linspace(0, 1, steps)[:, None]
    curve: Floats = (1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end
    return curve


def _swept(tube: Floats, path: Floats, spring: float) -> Mesh:
    """A closed cross-section (distance from the middle, z) carried along a path of (cosine, sine, drop)."""
    edges = np.diff(tube, axis=0)
    outward = np.stack([edges[:, 1], -edges[:, 0]], 1) / np.linalg.norm(edges, axis=1)[:, None]
    return joined([_band(tube[at : at + 2], outward[at], path, spring) for at in range(len(edges))])


def _band(pair: Floats, outward: Floats, path: Floats, spring: float) -> Mesh:
    cos, sin, drop = (path[:, at, None] for at in range(3))
    z = np.broadcast_to(pair[:, 1], (len(path), 2))
    points = np.stack([pair[:, 0] * cos, pair[:, 0] * sin + spring + drop, z], -1).reshape(-1, 3)
    normal = np.concatenate([outward[0] * cos, outward[0] * sin, np.full_like(cos, outward[1])], axis=1)
    normals = np.repeat(normal, 2, axis=0)
    return _facing(Mesh(points, normals, np.zeros((len(points), 2)), grid_faces(len(path), 2)))


def _facing(mesh: Mesh) -> Mesh:
    """The mesh with its triangles wound so that they face along its normals."""
    a, b, c = (mesh.points[mesh.faces[:, at]] for at in range(3))
    against = np.einsum("ij,ij->i", np.cross(b - a, c - a), mesh.normals[mesh.faces[:, 0]]) < 0
    faces = mesh.faces.copy()
    faces[against] = faces[against][:, ::-1]
    return replace(mesh, faces=faces)
