"""A person who is a layer of their own: leans as from the waist, and moves their head besides."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelSize, Rgba8
from firstframe.imaging.face_mesh import FaceMesh, Points
from firstframe.imaging.portrait.head import Head, HeadPose, make_head
from firstframe.imaging.portrait.lids import Lid, lids_of

Floats = NDArray[np.float32]

_SOLVE = 5
_GRID_PX = 4
_STAYS = 0.1
"""Share of a lean that the lower edge of the picture makes."""
_CUT = 0.5
"""Cover along the picture's edge from which the edge cuts a person."""
_HOLD = 0.22
"""How far from such an edge a lean begins, in widths of the picture."""


@dataclass(frozen=True, slots=True)
class BodyPose:
    """How far a person has moved."""

    lean_x: float = 0.0
    """Pixels by which the head goes to the picture's right."""
    lean_y: float = 0.0
    """Pixels by which it goes down."""
    head: HeadPose = field(default_factory=HeadPose)
    lids: float = 0.0
    """How far the lids are closed."""


class Body:
    """A person in a layer.

    Args:
        rgba: The layer, shape (h, w, 4).
        mesh: Their face, in pixels of the layer.
    """

    def __init__(self, rgba: Rgba8, mesh: FaceMesh) -> None:
        self.mesh = mesh
        self._rgba = rgba
        cover = np.asarray(rgba[..., 3] / 255, np.float32)
        size = PixelSize(rgba.shape[1], rgba.shape[0])
        self._head: Head = make_head(mesh, size, cover, loose=True)
        self._colour = rgba[..., :3].astype(np.float32)
        self._lids: tuple[Lid | None, ...] = lids_of(self._colour, np.zeros_like(self._colour), mesh)
        self._shape = -(-rgba.shape[0] // _GRID_PX), -(-rgba.shape[1] // _GRID_PX)
        self._lean = self._weights(cover)

    def posed(self, pose: BodyPose) -> Floats:
        """The layer in a pose: colour times cover, then cover, levels of 255; shape (h, w, 4)."""
        colour = self._colour
        if pose.lids > 0:
            colour = colour.copy()
            for lid in filter(None, self._lids):
                box = lid.box
                colour[box.y : box.bottom, box.x : box.right] += lid.closed(pose.lids)
        cover = self._rgba[..., 3:].astype(np.float32)
        layer = np.dstack([colour * (cover / 255), cover])
        if pose == BodyPose(lids=pose.lids):
            return layer
        at = self._sources(pose)
        moved = cv2.remap(layer, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        moved[..., 3:] = np.clip(moved[..., 3:], 0, 255)
        return np.asarray(np.clip(moved, 0, moved[..., 3:]), np.float32)

    def carried(self, pose: BodyPose) -> Points:
        """Where the points of the face go, shape (468, 2)."""
        shift = self._shift(pose)
        column, row = ((self.mesh.points[:, axis] + 0.5) / _GRID_PX - 0.5 for axis in (0, 1))
        at = column.astype(np.float32)[:, None], row.astype(np.float32)[:, None]
        moved = cv2.remap(shift, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(self.mesh.points[:, :2] + np.asarray(moved)[:, 0], np.float64)

    def _shift(self, pose: BodyPose) -> Floats:
        """Where each place of the grid goes, pixels."""
        lean = self._lean[..., None] * np.array([pose.lean_x, pose.lean_y], np.float32)
        box = self._head.box
        own = self._head.shift(pose.head)
        scale = np.array([[box.width / own.shape[1], 0, box.x], [0, box.height / own.shape[0], box.y]], np.float64)
        scale[:, :2] /= _GRID_PX
        scale[:, 2] = scale[:, 2] / _GRID_PX + np.diag(scale[:, :2]) / 2 - 0.5
        return np.asarray(lean + cv2.warpAffine(own, scale, self._shape[::-1], flags=cv2.INTER_LINEAR), np.float32)

    def _sources(self, pose: BodyPose) -> Floats:
        shift = self._shift(pose)
        rows, columns = np.mgrid[0 : shift.shape[0], 0 : shift.shape[1]].astype(np.float32)
        back = shift
        for _ in range(_SOLVE):
            at = columns - back[..., 0] / _GRID_PX, rows - back[..., 1] / _GRID_PX
            back = np.asarray(cv2.remap(shift, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        size = self._shape[1] * _GRID_PX, self._shape[0] * _GRID_PX
        height, width = self._rgba.shape[:2]
        full = cv2.resize(back, size, interpolation=cv2.INTER_LINEAR)[:height, :width]
        at_y, at_x = np.mgrid[0:height, 0:width].astype(np.float32)
        return np.dstack([at_x - full[..., 0], at_y - full[..., 1]])

    def _weights(self, cover: Floats) -> Floats:
        """How much each place leans: the head wholly, the lower edge hardly, and nothing where the picture cuts the person."""
        height, width = cover.shape
        chin, low = float(self.mesh.points[:, 1].max()), float(height)
        rows = (np.arange(self._shape[0]) + 0.5) * _GRID_PX
        columns = (np.arange(self._shape[1]) + 0.5) * _GRID_PX
        down = np.clip((rows - chin) / max(low - chin, 1), 0, 1)
        upright = _STAYS + (1 - _STAYS) * (1 + np.cos(np.pi * down)) / 2
        free = np.ones(self._shape[1])
        if cover[:, 1].max() > _CUT:
            free = np.minimum(free, _ramp(columns / (_HOLD * width)))
        if cover[:, -2].max() > _CUT:
            free = np.minimum(free, _ramp((width - columns) / (_HOLD * width)))
        beside = np.clip(down * 4, 0, 1)[:, None]
        return np.asarray(upright[:, None] * (1 - beside * (1 - free[None])), np.float32)


def _ramp(share: Points) -> Points:
    s = np.clip(share, 0, 1)
    return np.asarray(s * s * (3 - 2 * s))
