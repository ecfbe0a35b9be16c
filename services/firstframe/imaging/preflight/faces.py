"""Faces as the pack `face-landmarks` finds them: what its detector's numbers mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.colour import Floats

SIDE_PX = 128
_GRIDS = ((16, 2), (8, 6))
"""Cells a side and anchors a cell, in the detector's order."""
_LEAST_SCORE = 0.6
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


def looks(width: int, height: int) -> tuple[Look, ...]:
    """Squares that show a picture to the detector: the whole of it, and squares along its longer side for small faces."""
    long, short = max(width, height), min(width, height)
    whole = Look((width - long) // 2, (height - long) // 2, long)
    if long < 1.2 * short:
        return (whole,)
    steps = [round(at * (long - short)) for at in (0, 0.5, 1)]
    return (whole, *(Look(at, 0, short) if width > height else Look(0, at, short) for at in steps))


def detector_input(picture: Rgb8, look: Look) -> Floats:
    """The detector's input, -1 to 1, shape (1, 128, 128, 3); black beyond the picture."""
    scale = SIDE_PX / look.side
    matrix = np.array([[scale, 0, -look.x * scale], [0, scale, -look.y * scale]], np.float64)
    blur = max(0.5 / scale - 0.5, 1e-3)
    soft = cv2.GaussianBlur(picture, (0, 0), blur) if scale < 0.7 else picture
    square = cv2.warpAffine(soft, matrix, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(square[None].astype(np.float32) / np.float32(127.5) - 1, np.float32)


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
