"""Faces as the pack `face-landmarks` finds them: how its models are asked, and what their numbers mean.

The detector proposes, the mesh confirms: a bottle beside a ball is a face to the one and none to the other. A face that the
frame cuts is found in the picture continued by its mirror image, where it is whole again.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.colour import Floats

DETECTOR = "face-landmarks-detector"
MESH = "face-landmarks-mesh"
SIDE_PX = 128
MESH_SIDE_PX = 192
_GRIDS = ((16, 2), (8, 6))
"""Cells a side and anchors a cell, in the detector's order."""
_LEAST_SCORE = 0.6
_MESH_REACH = 1.5
"""Side of the square that the mesh is shown, in sides of the face's box."""
_WIDER = 1.5
"""How much more than the picture the mirrored looks show."""
_INSIDE = 0.2
"""Share of a face that lies in the picture, at least; less is its mirror image."""
_SAME = 0.3
"""Overlap (intersection over union) from which two boxes are one face."""
_HEAD = (0.15, 0.55, 0.15, 0.12)
"""What a head adds to its face's box on the left, above, on the right and below; shares of the box. The box spans brow to
chin, and hair belongs into the frame."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face, pixels of the picture; it may reach beyond the frame."""

    left: float
    top: float
    right: float
    bottom: float
    score: float
    """0 to 1."""

    @property
    def head(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the head around it."""
        wide, high = self.right - self.left, self.bottom - self.top
        left, above, right, below = _HEAD
        return self.left - left * wide, self.top - above * high, self.right + right * wide, self.bottom + below * high


@dataclass(frozen=True, slots=True)
class Look:
    """A square of the picture that the detector is shown; it may reach beyond the picture."""

    x: int
    y: int
    side: int
    mirrored: bool = False
    """Whether the picture goes on as its mirror image; else it is black beyond."""


Question = tuple[str, dict[str, Floats]]
"""A model and its inputs."""
Answer = Mapping[str, NDArray[Any]]


def search(picture: Rgb8) -> Generator[Question, Answer, tuple[Face, ...]]:
    """Finds faces, the surest first: yields what to ask the models and is sent their answers, however they are run."""
    found: list[Face] = []
    for look in looks(picture.shape[1], picture.shape[0]):
        answer = yield DETECTOR, {"input": detector_input(picture, look)}
        found += faces_of(answer["regressors"][0], answer["classificators"][0], look)
    confirmed = []
    for face in distinct([face for face in found if _is_inside(face, picture)]):
        answer = yield MESH, {"input_1": mesh_input(picture, face)}
        if float(answer["conv2d_31"].reshape(-1)[0]) > 0:
            confirmed.append(face)
    return tuple(confirmed)


def _is_inside(face: Face, picture: Rgb8) -> bool:
    height, width = picture.shape[:2]
    wide = min(face.right, width) - max(face.left, 0)
    high = min(face.bottom, height) - max(face.top, 0)
    area = (face.right - face.left) * (face.bottom - face.top)
    return bool(wide > 0 and high > 0 and wide * high >= _INSIDE * area)


def looks(width: int, height: int) -> tuple[Look, ...]:
    """Squares that show a picture to the detector: the whole of it, and squares along its longer side for small faces.

    Each of them twice: as it is, and wider with the picture's mirror image around it.
    """
    long, short = max(width, height), min(width, height)
    plain = [Look((width - long) // 2, (height - long) // 2, long)]
    if long >= 1.2 * short:
        steps = [round(at * (long - short)) for at in (0, 0.5, 1)]
        plain += [Look(at, 0, short) if width > height else Look(0, at, short) for at in steps]
    return (*plain, *map(_wider, plain))


def _wider(look: Look) -> Look:
    side = round(_WIDER * look.side)
    out = (side - look.side) // 2
    return Look(look.x - out, look.y - out, side, mirrored=True)


def detector_input(picture: Rgb8, look: Look) -> Floats:
    """The detector's input, -1 to 1, shape (1, 128, 128, 3)."""
    return _square(picture, look, SIDE_PX) * np.float32(2) - np.float32(1)


def mesh_input(picture: Rgb8, face: Face) -> Floats:
    """The mesh's input, 0 to 1, shape (1, 192, 192, 3): a square around a face, mirrored beyond the picture."""
    side = max(round(_MESH_REACH * max(face.right - face.left, face.bottom - face.top)), 1)
    x, y = (face.left + face.right - side) / 2, (face.top + face.bottom - side) / 2
    return _square(picture, Look(round(x), round(y), side, mirrored=True), MESH_SIDE_PX)


def _square(picture: Rgb8, look: Look, side_px: int) -> Floats:
    """A look in so many pixels, 0 to 1, shape (1, side, side, 3)."""
    scale = side_px / look.side
    matrix = np.array([[scale, 0, -look.x * scale], [0, scale, -look.y * scale]], np.float64)
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.5 / scale - 0.5, 1e-3)) if scale < 0.7 else picture
    border = cv2.BORDER_REFLECT_101 if look.mirrored else cv2.BORDER_CONSTANT
    square = cv2.warpAffine(soft, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(square[None].astype(np.float32) / np.float32(255), np.float32)


def faces_of(regressors: Floats, logits: Floats, look: Look) -> list[Face]:
    """Faces in one look.

    Args:
        regressors: Shape (896, 16): offset of the centre from the anchor, width and height, in the detector's pixels.
        logits: Shape (896, 1).
        look: What was shown.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits[:, 0].astype(np.float64), -60, 60)))
    found = []
    for index in np.flatnonzero(scores > _LEAST_SCORE):
        x, y, wide, high = regressors[index, :4] / SIDE_PX + np.array([*_ANCHORS[index], 0, 0])
        sides = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        left, top, right, bottom = (float(value) * look.side for value in sides)
        face = Face(left + look.x, top + look.y, right + look.x, bottom + look.y, float(scores[index]))
        found.append(face)
    return found


def distinct(faces: Sequence[Face]) -> tuple[Face, ...]:
    """Each face once, the surest first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda one: -one.score):
        if all(_overlap(face, other) < _SAME for other in kept):
            kept.append(face)
    return tuple(kept)


def _overlap(one: Face, other: Face) -> float:
    wide = max(min(one.right, other.right) - max(one.left, other.left), 0.0)
    high = max(min(one.bottom, other.bottom) - max(one.top, other.top), 0.0)
    areas = sum((face.right - face.left) * (face.bottom - face.top) for face in (one, other))
    return wide * high / max(areas - wide * high, 1e-9)


def _anchors() -> Floats:
    centres = [
        ((column + 0.5) / cells, (row + 0.5) / cells)
        for cells, count in _GRIDS
        for row in range(cells)
        for column in range(cells)
        for _ in range(count)
    ]
    return np.array(centres, np.float32)


_ANCHORS = _anchors()
