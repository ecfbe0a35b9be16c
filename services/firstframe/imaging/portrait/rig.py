"""A portrait that can be posed: the photograph with its head turned and its lids drawn, its paper where it was.

Every frame is the photograph plus the difference that the pose makes to the picture without its paper. Where nothing moves
that difference is nothing, and the photograph stays bit for bit.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, LayerRole, Levels, PixelSize
from firstframe.imaging.face_mesh import FaceMesh
from firstframe.imaging.portrait.head import Head, HeadPose, make_head
from firstframe.imaging.portrait.lids import Lid, lids_of
from firstframe.imaging.portrait.paper import Paper, told_apart

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_FEATURES = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 33, 263, 61, 291, 17, 18, 84, 314, 129, 358)
"""Points of the mesh around them."""
_LEVEL = np.float32(257)
TRUSTED = 0.5
"""Confidence of layers from which they tell who is a person."""


class Portrait:
    """A photograph and the person in it.

    Args:
        hero: The photograph.
        mesh: The face.
    """

    def __init__(self, hero: HeroPicture, mesh: FaceMesh) -> None:
        self.mesh = mesh
        self.head: Head = make_head(mesh, hero.size, _cover(hero))
        self.paper: Paper = told_apart(hero.image, self._eyes(hero.size), self._features(hero.size))
        self._photo = hero.image.astype(np.float32)
        grain = self._photo - self.paper.picture
        self.lids: tuple[Lid | None, ...] = lids_of(self.paper.picture, grain, mesh)

    def posed(self, pose: HeadPose, lids: float = 0.0) -> Floats:
        """The photograph in a pose, shape (h, w, 3), levels of 255.

        Args:
            pose: Of the head.
            lids: How far they are closed, 0 as in the photograph, to 1.
        """
        box = self.head.box
        rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
        part = self._lidded(lids)[rows, columns]
        out = self._photo.copy()
        out[rows, columns] += (part if pose == HeadPose() else _sampled(part, self.head.sources(pose))) - (
            self.paper.picture[rows, columns]
        )
        return np.clip(out, 0, 255, out=out)

    def _lidded(self, amount: float) -> Floats:
        """The photograph without its paper, its lids closed so far."""
        picture = self.paper.picture
        if amount > 0:
            picture = picture.copy()
            for lid in filter(None, self.lids):
                box = lid.box
                picture[box.y : box.bottom, box.x : box.right] += lid.closed(amount)
        return picture

    def _eyes(self, size: PixelSize) -> Mask:
        mask = np.zeros((size.height, size.width), np.uint8)
        for eye in self.mesh.eyes:
            cv2.fillPoly(mask, [np.rint(np.vstack([eye.upper, eye.lower[::-1]])).astype(np.int32)], 1)
        reach = 2 * round(0.15 * max(eye.width for eye in self.mesh.eyes)) + 1
        return np.asarray(cv2.dilate(mask, np.ones((reach, reach), np.uint8)) > 0)

    def _features(self, size: PixelSize) -> Mask:
        """Brows, eyes, nose and mouth."""
        mask = np.zeros((size.height, size.width), np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(self.mesh.points[list(_FEATURES), :2]).astype(np.int32)), 1)
        return mask > 0


def sixteen(picture: Floats) -> NDArray[np.uint16]:
    """Levels of 255, of any shape, as 16 bits; a whole level is exact."""
    return np.asarray(np.rint(picture * _LEVEL), np.uint16)


def _cover(hero: HeroPicture) -> Levels | None:
    """How much of each pixel is the person; None where the layers do not tell."""
    stack, bleed = hero.layers, hero.layers.bleed_px
    people = [layer for layer in stack.layers if layer.role is LayerRole.SUBJECT]
    if len(people) != 1 or stack.confidence < TRUSTED:
        return None
    alpha = people[0].rgba[..., 3]
    return np.asarray(alpha[bleed : alpha.shape[0] - bleed, bleed : alpha.shape[1] - bleed] / np.float32(255))


def _sampled(picture: Floats, sources: Floats) -> Floats:
    moved = cv2.remap(picture, sources[..., 0], sources[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.float32)
