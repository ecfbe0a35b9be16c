"""A part of a layer whose picture moves within itself, as water does: its outline stays, and nothing comes in over it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Sheet
from firstframe.imaging.bounds import shown_box
from firstframe.imaging.compiled import compiled
from firstframe.imaging.fill import push_pull

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

FINE = 4
"""Pixels, along a side, to one of a field of motion."""

_FEATHER = 0.006
"""Width, over the picture's shorter side, in which the moving picture goes over into the standing one."""
_LEAST = 0.02
OPAQUE = 255
"""Alpha of what moves within itself: through anything less, what is farther would be seen to stand still."""
_AROUND = 0.015
"""Size of the surroundings of which means are taken, over the picture's shorter side."""


@compiled(
    "(u1[:, :, ::1], i8, i8, u1[:, :, ::1], u1[:, :, ::1], u1[:, :, ::1], u1[:, :, ::1], f4, f4[:, ::1], f4[:, ::1])"
)
def lay(
    planes: Bytes,
    left: int,
    top: int,
    still: Bytes,
    one: Bytes,
    other: Bytes,
    mean: Bytes,
    mix: float,
    gain: Floats,
    mask: Floats,
) -> None:
    """Lays a moved picture over a standing one.

    Two pictures that are mixed keep the contrast of one: the mix is drawn away from the mean as far as mixing drew it there
    (Heitz and Neyret, "High-Performance By-Example Noise using a Histogram-Preserving Blending Operator", 2018, section 3).

    Args:
        planes: Result: planes of a plate, of which red, green and blue are written.
        left: Where in them the picture begins.
        top: The same.
        still: The picture as it was, shape (h, w, 3).
        one: The moved picture, shape (h, w, 3).
        other: Another moved picture.
        mean: Means of the surroundings, shape (h, w, 3).
        mix: Share of the other one.
        gain: By how much more than once its light is, shape (h / FINE, w / FINE), rounded up.
        mask: How much of it is laid over, 0 to 1, shape (h, w).
    """
    keep = np.float32(1) / np.sqrt(mix * mix + (np.float32(1) - mix) * (np.float32(1) - mix))
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            share = mask[row, column]
            if share <= 0:
                continue
            y, x = (row - 1.5) / FINE, (column - 1.5) / FINE
            y0, x0 = max(int(np.floor(y)), 0), max(int(np.floor(x)), 0)
            y1, x1 = min(y0 + 1, gain.shape[0] - 1), min(x0 + 1, gain.shape[1] - 1)
            fy, fx = np.float32(max(y - y0, 0.0)), np.float32(max(x - x0, 0.0))
            above = gain[y0, x0] + fx * (gain[y0, x1] - gain[y0, x0])
            below = gain[y1, x0] + fx * (gain[y1, x1] - gain[y1, x0])
            light = np.float32(1) + above + fy * (below - above)
            for channel in range(3):
                moved = np.float32(one[row, column, channel])
                moved += mix * (np.float32(other[row, column, channel]) - moved)
                middle = np.float32(mean[row, column, channel])
                moved = (middle + (moved - middle) * keep) * light
                was = np.float32(still[row, column, channel])
                value = was + (moved - was) * share
                planes[channel, top + row, left + column] = np.uint8(min(max(value, 0.0), 255.0) + 0.5)


class Skin:
    """The moving part of one sheet.

    Args:
        sheet: The sheet; its plate is written.
        region: What moves, 0 to 1, shape of the sheet's picture; more than half somewhere where the sheet is opaque.
        reach_px: How far at most a place of it is fetched from.
    """

    def __init__(self, sheet: Sheet, region: Floats, reach_px: int) -> None:
        self._sheet = sheet
        opaque = np.where(sheet.rgba[..., 3] == OPAQUE, region, np.float32(0))
        box = shown_box(np.repeat((opaque > _LEAST).astype(np.uint8)[..., None] * np.uint8(255), 4, -1))
        if box is None:
            raise ValueError("the region is empty")
        height, width = region.shape
        self.left, self.top = max(box.x - reach_px, 0), max(box.y - reach_px, 0)
        self.right, self.bottom = min(box.right + reach_px, width), min(box.bottom + reach_px, height)
        part = np.s_[self.top : self.bottom, self.left : self.right]
        self.inside = np.ascontiguousarray(opaque[part])
        self._still = np.ascontiguousarray(sheet.rgba[part][..., :3])
        self._texture = _spread(self._still, self.inside)
        self._mean = np.asarray(cv2.GaussianBlur(self._texture, (0, 0), _AROUND * min(height, width)), np.uint8)
        self._mask = self._feathered(min(height, width))
        rows, columns = np.mgrid[0 : self.inside.shape[0], 0 : self.inside.shape[1]].astype(np.float32)
        self._rows, self._columns = rows, columns

    @property
    def fine_shape(self) -> tuple[int, int]:
        """Shape of a field of motion."""
        return -(-self.inside.shape[0] // FINE), -(-self.inside.shape[1] // FINE)

    @property
    def texture(self) -> Bytes:
        """The picture that moves, shape (h, w, 3)."""
        return self._texture

    def lay(self, moves: Sequence[tuple[Floats, Floats]], mix: float, gain: Floats) -> None:
        """Writes the plate.

        Args:
            moves: One or two fields: how far to its right and how far below it each place is fetched from, in pixels, shape
                `fine_shape`.
            mix: Share of the second.
            gain: By how much more than once its light is, shape `fine_shape`.
        """
        plate = self._sheet.plate
        if plate is None:
            return
        pictures = [self._fetched(*move) for move in moves]
        left, top = self.left - plate.x, self.top - plate.y
        lay(plate.planes, left, top, self._still, pictures[0], pictures[-1], self._mean, mix, gain, self._mask)

    def _fetched(self, right: Floats, down: Floats) -> Bytes:
        size = self.inside.shape[1], self.inside.shape[0]
        x = cv2.resize(right, size, interpolation=cv2.INTER_LINEAR) + self._columns
        y = cv2.resize(down, size, interpolation=cv2.INTER_LINEAR) + self._rows
        found = cv2.remap(self._texture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(found, np.uint8)

    def _feathered(self, side: int) -> Floats:
        distance = self.depth()
        return np.asarray(np.clip(distance / max(_FEATHER * side, 1.0), 0, 1) * (self.inside > 0.5), np.float32)

    def depth(self) -> Floats:
        """How far inside of the region each pixel is, from edges that are not those of the picture, in pixels."""
        padded = np.pad((self.inside > 0.5).astype(np.uint8), 1, "edge")
        height, width = self._sheet.rgba.shape[:2]
        padded[0] *= self.top == 0
        padded[-1] *= self.bottom == height
        padded[:, 0] *= self.left == 0
        padded[:, -1] *= self.right == width
        return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1], np.float32)


def _spread(still: Bytes, inside: Floats) -> Bytes:
    """The picture inside of a region, continued beyond it, so that nothing from beyond is drawn in."""
    sure = (inside > 0.5).astype(np.float32)
    filled = push_pull(still.astype(np.float32), sure)
    return np.clip(np.rint(filled), 0, 255).astype(np.uint8)
