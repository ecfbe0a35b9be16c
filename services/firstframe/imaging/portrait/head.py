"""How a head turns, nods and tilts, and a chest breathes: places of a picture that move together, from the mesh of a face.

A head is a relief over the plane of its ears. Turning it moves what stands out of the plane and leaves the outline of the head
where it is, so that a small turn uncovers no background; a tilt moves the whole head about the base of the neck.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Levels, PixelRect, PixelSize
from firstframe.imaging.face_mesh import CHIN, FOREHEAD, LEFT_CHEEK, RIGHT_CHEEK, FaceMesh, Points
from firstframe.imaging.fill import push_pull

Floats = NDArray[np.float32]

_CELLS = 56
"""Cells of the grid across a face."""
_ITERATIONS = 400
_RIM = 9
"""Part of the box, along each side, over which motion dies away."""
_NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
_SOLVE = 3
"""Steps in which a place is sought that moves to a given one; each shrinks the error by the slope of the motion."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """How far a head has moved from the photograph."""

    turn_rad: float = 0.0
    """To the picture's right."""
    nod_rad: float = 0.0
    """Downwards."""
    tilt_rad: float = 0.0
    """Clockwise in the picture."""
    breath: float = 0.0
    """Of the chest, 0 to 1 of a full breath."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A head that can move, and the chest below it."""

    box: PixelRect
    """Part of the picture outside of which nothing moves."""
    relief: Floats
    """Height over the plane of the ears, pixels; on the grid of the box."""
    weight: Floats
    """How much each place moves with the head, 0 to 1."""
    chest: Floats
    """How much each place moves with the breath, 0 to 1."""
    pivot: tuple[float, float]
    """Base of the neck, pixels of the picture."""
    breath_px: float
    """Rise of the chest in a full breath."""

    def shift(self, pose: HeadPose) -> Floats:
        """Where each place of the grid goes, shape (rows, columns, 2), pixels."""
        x, y = self._places()
        return self._moved(pose, x, y, self.relief, self.weight, self.chest)

    def sources(self, pose: HeadPose) -> Floats:
        """Which place of the picture is shown at each pixel of the box: shape (h, w, 2), pixels of the box."""
        shift = self.shift(pose)
        back = shift
        step_x, step_y = self.box.width / shift.shape[1], self.box.height / shift.shape[0]
        rows, columns = np.mgrid[0 : shift.shape[0], 0 : shift.shape[1]].astype(np.float32)
        for _ in range(_SOLVE):
            at_x, at_y = columns - back[..., 0] / np.float32(step_x), rows - back[..., 1] / np.float32(step_y)
            back = np.asarray(cv2.remap(shift, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        full = cv2.resize(back, (self.box.width, self.box.height), interpolation=cv2.INTER_CUBIC)
        full = np.where(np.abs(full) < 1e-3, np.float32(0), full)
        at_y, at_x = np.mgrid[0 : self.box.height, 0 : self.box.width].astype(np.float32)
        return np.dstack([at_x - full[..., 0], at_y - full[..., 1]])

    def carried(self, pose: HeadPose, points: Points) -> Points:
        """Where points of the picture go, shape (n, 2)."""
        shift = self.shift(pose)
        column = ((points[:, 0] - self.box.x + 0.5) * shift.shape[1] / self.box.width - 0.5).astype(np.float32)
        row = ((points[:, 1] - self.box.y + 0.5) * shift.shape[0] / self.box.height - 0.5).astype(np.float32)
        moved = cv2.remap(shift, column[:, None], row[:, None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(points[:, :2] + np.asarray(moved)[:, 0], np.float64)

    def _places(self) -> tuple[Floats, Floats]:
        """Pixels of the picture in the middle of each cell."""
        rows, columns = self.relief.shape
        x = self.box.x - 0.5 + (np.arange(columns) + 0.5) * self.box.width / columns
        y = self.box.y - 0.5 + (np.arange(rows) + 0.5) * self.box.height / rows
        grid = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        return grid[0], grid[1]

    def _moved(self, pose: HeadPose, x: Floats, y: Floats, relief: Floats, weight: Floats, chest: Floats) -> Floats:
        out_x = relief * np.float32(np.sin(pose.turn_rad))
        out_y = relief * np.float32(np.sin(pose.nod_rad))
        cos, sin = np.float32(np.cos(pose.tilt_rad)), np.float32(np.sin(pose.tilt_rad))
        from_x, from_y = x - np.float32(self.pivot[0]), y - np.float32(self.pivot[1])
        turned_x = cos * (from_x + out_x) - sin * (from_y + out_y) - from_x
        turned_y = sin * (from_x + out_x) + cos * (from_y + out_y) - from_y
        rise = np.float32(self.breath_px * pose.breath) * chest
        return np.dstack([weight * turned_x, weight * turned_y - rise]).astype(np.float32)


def make_head(mesh: FaceMesh, size: PixelSize, cover: Levels | None, *, loose: bool = False) -> Head:
    """A head of a face.

    What is beside a head gives way to it as rubber does, and less the farther away it is. For a small tilt that looks better
    than a plate behind the head would: nothing is uncovered, so nothing has to be made up.

    Args:
        mesh: The face.
        size: Of the picture.
        cover: How much of each pixel is the person, 0 to 1, shape (h, w); None where nobody knows.
        loose: Whether the person is a layer of their own, so that nothing beside it has to give way.
    """
    frame = _Frame.of(mesh)
    box = PixelRect(0, 0, size.width, size.height) if loose else frame.box(size)
    cell = mesh.width / _CELLS
    shape = max(round(box.height / cell), 8), max(round(box.width / cell), 8)
    x = box.x - 0.5 + (np.arange(shape[1]) + 0.5) * box.width / shape[1]
    y = box.y - 0.5 + (np.arange(shape[0]) + 0.5) * box.height / shape[0]
    u, v = frame.within(*np.meshgrid(x, y))
    inside = _usual(u, v) if cover is None else _on_grid(cover, box, shape) > 0.5
    near = np.ones(shape) if loose else _pinned(shape) * _near(inside)
    return Head(
        box=box,
        relief=_relief(mesh, box, shape, inside & (v < _JAW_END)),
        weight=(_weight(u, v) * near).astype(np.float32),
        chest=(_step(1.1, 3.0, v) * near).astype(np.float32),
        pivot=frame.place(0.0, _NECK_BASE),
        breath_px=_BREATH * mesh.height,
    )


_NECK_BASE = 0.95
"""Of a face's height below its middle: where the head sits on the shoulders."""
_JAW_END = 0.75
_GIVES_WAY = 0.55
"""How far from the person something still gives way to them, in widths of the face."""
_BREATH = 0.018
"""Rise of the chest in a full breath, in heights of the face."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The face's own axes: u along the eyes in widths, v downwards in heights, zero in the middle of the face."""

    x: float
    y: float
    turn_rad: float
    wide: float
    high: float

    @classmethod
    def of(cls, mesh: FaceMesh) -> _Frame:
        middle = (mesh.points[CHIN] + mesh.points[FOREHEAD])[:2] / 2
        return cls(float(middle[0]), float(middle[1]), float(np.radians(mesh.roll_deg)), mesh.width, mesh.height)

    def within(self, x: Points, y: Points) -> tuple[Points, Points]:
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return (
            (cos * (x - self.x) + sin * (y - self.y)) / self.wide,
            (-sin * (x - self.x) + cos * (y - self.y)) / self.high,
        )

    def place(self, u: float, v: float) -> tuple[float, float]:
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return (
            float(self.x + cos * u * self.wide - sin * v * self.high),
            float(self.y + sin * u * self.wide + cos * v * self.high),
        )

    def box(self, size: PixelSize) -> PixelRect:
        left, right = max(int(self.x - 2.6 * self.wide), 0), min(int(self.x + 2.6 * self.wide) + 1, size.width)
        top, bottom = max(int(self.y - 1.9 * self.high), 0), min(int(self.y + 3.4 * self.high) + 1, size.height)
        return PixelRect(left, top, right - left, bottom - top)


def _step(edge: float, end: float, values: Points) -> Points:
    """One up to `edge`, none from `end` on, smooth between."""
    share = np.clip((values - edge) / (end - edge), 0, 1)
    return np.asarray(1 - share * share * (3 - 2 * share))


def _usual(u: Points, v: Points) -> NDArray[np.bool_]:
    """A head of the usual shape, whose hair adds to the face above and at the sides, on shoulders."""
    head = np.hypot(u / 0.72, (v + 0.18) / 0.86) < 1
    return np.asarray(head | ((v > 0.75) & (np.abs(u) < 1.4)))


def _near(inside: NDArray[np.bool_]) -> Points:
    """One on the person, less the farther away from them."""
    away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5) / _CELLS
    return _step(0.02, _GIVES_WAY, np.asarray(away, np.float64))


def _weight(u: Points, v: Points) -> Points:
    """The head, and the neck below it, which turns less the nearer it is to the shoulders."""
    return np.maximum(_step(0.22, 0.58, v), _step(0.50, 0.95, np.abs(u)) * _step(0.45, 1.0, v))


def _pinned(shape: tuple[int, int]) -> Points:
    """One in the middle of the box, none at its edges: what lies there, or on the picture's edge, stays."""
    return np.asarray(_rim(shape[0])[:, None] * _rim(shape[1])[None])


def _rim(count: int) -> Points:
    from_edge = np.maximum(np.minimum(np.arange(count), np.arange(count)[::-1]) - 1, 0) / max(count / _RIM, 1)
    return 1 - _step(0, 1, from_edge)


def _on_grid(cover: Levels, box: PixelRect, shape: tuple[int, int]) -> Points:
    part = cover[box.y : box.bottom, box.x : box.right]
    return np.asarray(cv2.resize(part, shape[::-1], interpolation=cv2.INTER_AREA), np.float64)


def _relief(mesh: FaceMesh, box: PixelRect, shape: tuple[int, int], inside: NDArray[np.bool_]) -> Floats:
    """The mesh's heights, continued to nothing at the head's outline as a membrane is (Laplace's equation)."""
    ears = mesh.points[[LEFT_CHEEK, RIGHT_CHEEK], 2].mean()
    height = np.maximum(ears - mesh.points[:, 2], 0)
    column = np.clip((mesh.points[:, 0] - box.x + 0.5) * shape[1] / box.width, 0, shape[1] - 1).astype(int)
    row = np.clip((mesh.points[:, 1] - box.y + 0.5) * shape[0] / box.height, 0, shape[0] - 1).astype(int)
    known, total = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    np.add.at(known, (row, column), 1)
    np.add.at(total, (row, column), height.astype(np.float32))
    fixed = total / np.maximum(known, 1)
    free = inside & (known == 0)
    relief = push_pull(np.repeat((fixed * (known > 0))[..., None], 3, -1), (known > 0).astype(np.float32))[..., 0]
    relief = np.where(inside | (known > 0), relief, np.float32(0)).astype(np.float32)
    for _ in range(_ITERATIONS):
        relief[free] = cv2.filter2D(relief, cv2.CV_32F, _NEIGHBOURS)[free]
    # The points are a little off each other's surface.
    return np.asarray(cv2.GaussianBlur(relief, (0, 0), 1.6), np.float32)
