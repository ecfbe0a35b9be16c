"""Cut-outs in three dimensions: a card that faces the camera, and behind it a body that only shadows know of."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.sets.design import Plugin
from firstframe.sets.framing import Camera
from firstframe.sets.shapes import Floats, Mesh, grid_faces

Alpha = NDArray[np.float32]

NAME = "card"
"""Name of the card among the items of a set."""
_GAP_M = 0.0004
"""Between the card and the body behind it."""
_ROUND = 0.8
"""Depth of the body as a share of its width."""
_FOOT = 0.05
"""Share of the height, from below, over which the body has the width of its foot."""
_ROWS, _AROUND = 72, 48


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A picture that stands upright and faces +z."""

    left: float
    bottom: float
    right: float
    top: float
    """World x and y of its edges, metres."""
    z: float
    colour: Rgb8
    """Shape (h, w, 3), sRGB; goes on beyond the edge of the product."""
    alpha: Alpha
    """0 to 1, shape (h, w)."""
    body: Mesh
    """Fills what the picture shows, behind the card."""
    enlarged: float
    """Pixels of the hero for each of the cut-out's own; more than 1 where there are too few."""

    def mesh(self) -> Mesh:
        """The card itself."""
        corners = np.array(
            [
                [x, y, self.z]
                for y, x in (
                    (self.bottom, self.left),
                    (self.bottom, self.right),
                    (self.top, self.right),
                    (self.top, self.left),
                )
            ]
        )
        faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
        uv = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        return Mesh(corners, np.tile([0.0, 0.0, 1.0], (4, 1)), uv, faces)

    def material(self) -> Plugin:
        """Matt paper, cut along everything that is not quite transparent: light sees no softer edge."""
        paper = {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": _bitmap(self.colour, raw=False)}}
        return {"type": "mask", "opacity": self.outline(), "bsdf": paper}

    def outline(self) -> Plugin:
        """Where there is any of the product, as a texture."""
        some = cv2.dilate((self.alpha > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
        return _bitmap(some * np.uint8(255), raw=True)

    def cover(self) -> Plugin:
        """The alpha as a texture."""
        return _bitmap(self.alpha, raw=True)

    def shade(self) -> tuple[Mesh, Plugin]:
        """What only light knows of: the body, of the product's mean colour."""
        return self.body, {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": self._tint()}}

    def _tint(self) -> Plugin:
        solid = self.colour[self.alpha > 0.5].astype(np.float64) / 255
        return {"type": "rgb", "value": [float(value) for value in (solid**2.2).mean(axis=0)]}


def projected(
    card: Card, picture: NDArray[np.float32], camera: Camera, width: int, height: int, *, alone: bool = False
) -> NDArray[np.float32]:
    """A picture on the card as the camera sees it; the axis of the lens is upright on it, so that it is only scaled.

    Args:
        card: Where the picture is.
        picture: Shape (h, w, …), rows from the top.
        camera: Camera whose frame is the result.
        width: Of the result, pixels.
        height: Of the result, pixels.
        alone: Whether there is nothing beyond the picture; else its edge is repeated.

    Returns:
        Shape (height, width, …).
    """
    corners = np.array([[card.left, card.top, card.z], [card.right, card.bottom, card.z]])
    (left, top), (right, bottom) = camera.project(corners) * (2 * width, 2 * height)
    rows, columns = picture.shape[:2]
    across, down = (right - left) / columns, (bottom - top) / rows
    matrix = np.array([[across, 0, left + (across - 1) / 2], [0, down, top + (down - 1) / 2]])
    beyond = cv2.BORDER_CONSTANT if alone else cv2.BORDER_REPLICATE
    large = cv2.warpAffine(picture, matrix, (2 * width, 2 * height), flags=cv2.INTER_LINEAR, borderMode=beyond)
    return np.asarray(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def depth_of(alpha: Alpha) -> float:
    """How deep the body is before its axis, in widths of the picture."""
    return float(_ROUND * _extents(alpha)[1].max())


def foot_of(alpha: Alpha) -> float:
    """Half the width of the product where it touches the ground, in widths of the picture."""
    return float(_extents(alpha)[1][-1])


def body(alpha: Alpha, left: float, bottom: float, width: float, height: float) -> Mesh:
    """A body of elliptical slices that fills the silhouette; its axis is at z = 0.

    Args:
        alpha: 0 to 1, shape (h, w), rows from the top.
        left: World x of the picture's left edge, metres.
        bottom: World y of its lower edge.
        width: Of the picture, metres.
        height: Of the picture, metres.
    """
    middle, half = _extents(alpha)
    y = bottom + height * (1 - np.linspace(0, 1, _ROWS))
    angle = np.linspace(0, 2 * np.pi, _AROUND + 1)
    sin, cos = np.sin(angle), np.cos(angle)
    x = left + width * (middle[:, None] + half[:, None] * sin[None])
    z = np.minimum(width * _ROUND * half[:, None] * cos[None], width * depth_of(alpha) - _GAP_M)
    points = np.stack([x, np.repeat(y[:, None], len(angle), 1), z], -1)
    normals = np.stack([np.broadcast_to(v, x.shape) for v in (sin, 0.0 * sin, cos)], -1)
    return Mesh(
        points.reshape(-1, 3),
        normals.reshape(-1, 3).copy(),
        np.zeros((points.shape[0] * points.shape[1], 2)),
        np.ascontiguousarray(grid_faces(_ROWS, _AROUND + 1)[:, ::-1]),
    )


def _extents(alpha: Alpha) -> tuple[Floats, Floats]:
    """Middle and half width of the widest run of each of `_ROWS` rows, in widths of the picture, from the top."""
    rows = np.clip(np.linspace(0, alpha.shape[0], _ROWS, endpoint=False).astype(int), 0, alpha.shape[0] - 1)
    runs = np.array([_widest(alpha[row] > 0.5) for row in rows], np.float64) / alpha.shape[1]
    foot = max(round(_FOOT * _ROWS), 1)
    runs[-foot:] = runs[-foot - 1 :][np.argmax(np.ptp(runs[-foot - 1 :], axis=1))]
    return runs.mean(axis=1), np.ptp(runs, axis=1) / 2


def _widest(solid: NDArray[np.bool_]) -> tuple[int, int]:
    """First and last-but-one column of the longest run; the middle of the row where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], solid, [False]]).astype(np.int8)))
    if not len(edges):
        return len(solid) // 2, len(solid) // 2
    starts, ends = edges[::2], edges[1::2]
    at = int(np.argmax(ends - starts))
    return int(starts[at]), int(ends[at])


def _bitmap(data: NDArray[np.generic], *, raw: bool) -> Plugin:
    """A texture; v runs upwards, so the rows are turned over."""
    return {"type": "bitmap", "data": data[::-1], "raw": raw, "wrap_mode": "clamp"}
