"""A portrait that can be posed: the photograph with its head turned and its lids drawn, its paper where it was.

Every frame is the photograph plus the difference that the pose makes to the picture without its paper. Where nothing moves
that difference is nothing, and the photograph stays bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, LayerRole, Levels, PixelSize, Rgb8, Rgba8
from firstframe.imaging.face_mesh import FaceMesh
from firstframe.imaging.portrait.head import Head, HeadPose, make_head
from firstframe.imaging.portrait.lids import Lid, make_lid
from firstframe.imaging.portrait.paper import Paper, told_apart

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEFT_BROW, RIGHT_BROW = (46, 53, 52, 65, 55), (276, 283, 282, 295, 285)
"""Lower edges of the brows, points of the mesh."""
_LEVEL = np.float32(257)
TRUSTED = 0.5
"""Confidence of layers from which a head may be moved against what is behind it."""


class Portrait:
    """A photograph and the person in it.

    Args:
        hero: The photograph.
        mesh: The face.
    """

    def __init__(self, hero: HeroPicture, mesh: FaceMesh) -> None:
        self.mesh = mesh
        self.photo = hero.image
        person, behind = _taken_apart(hero)
        cover = None if person is None else person[..., 3].astype(np.float32) / 255
        self.loose = person is not None
        """Whether the person is a layer of its own."""
        self.head: Head = make_head(mesh, hero.size, cover, loose=self.loose)
        self.paper: Paper = told_apart(hero.image, self._eyes(hero.size))
        grain = hero.image - self.paper.picture
        self.lids: tuple[Lid | None, ...] = tuple(
            make_lid(self.paper.picture, grain, eye, mesh.points[list(brow), :2])
            for eye, brow in zip(mesh.eyes, (LEFT_BROW, RIGHT_BROW), strict=True)
        )
        self._cover, self._behind = cover, self._plate(behind)
        # Over the person's edge the photograph shows a mixture; what moves is the person alone.
        self._moving = self.paper.picture if person is None else person[..., :3] - grain * cover[..., None]
        self._still = self._composed(self._moving, HeadPose())
        self._levels = hero.image.astype(np.float32)

    def posed(self, pose: HeadPose, lids: float = 0.0) -> Floats:
        """The photograph in a pose, shape (h, w, 3), levels of 255.

        Args:
            pose: Of the head.
            lids: How far they are closed, 0 as in the photograph, to 1.
        """
        picture = self._moving
        if lids > 0:
            picture = picture.copy()
            for lid in filter(None, self.lids):
                box = lid.box
                picture[box.y : box.bottom, box.x : box.right] += lid.closed(lids)
        out = self._levels.copy()
        box = self.head.box
        change = self._composed(picture, pose) - self._still
        out[box.y : box.bottom, box.x : box.right] += change
        return np.clip(out, 0, 255, out=out)

    def _composed(self, picture: Floats, pose: HeadPose) -> Floats:
        """The box of the head in a pose, without its paper."""
        box = self.head.box
        part = picture[box.y : box.bottom, box.x : box.right]
        if pose == HeadPose():
            return self._over(part)
        sources = self.head.sources(pose)
        if self._cover is None or self._behind is None:
            return _sampled(part, sources)
        cover = self._cover[box.y : box.bottom, box.x : box.right]
        return self._over(_sampled(part, sources), np.clip(_sampled(cover, sources), 0, 1))

    def _over(self, colour: Floats, cover: Floats | None = None) -> Floats:
        box = self.head.box
        if self._cover is None or self._behind is None:
            return colour
        shown = self._cover[box.y : box.bottom, box.x : box.right] if cover is None else cover
        return np.asarray(self._behind + (colour - self._behind) * shown[..., None], np.float32)

    def _plate(self, behind: Rgb8 | None) -> Floats | None:
        """What is behind the person, without grain where the photograph shows it, on the head's box."""
        if behind is None:
            return None
        box = self.head.box
        part = behind[box.y : box.bottom, box.x : box.right].astype(np.float32)
        return np.asarray(cv2.bilateralFilter(part, 9, 2.6 * self.paper.grain_levels, 2.4), np.float32)

    def _eyes(self, size: PixelSize) -> Mask:
        mask = np.zeros((size.height, size.width), np.uint8)
        for eye in self.mesh.eyes:
            cv2.fillPoly(mask, [np.rint(np.vstack([eye.upper, eye.lower[::-1]])).astype(np.int32)], 1)
        reach = 2 * round(0.15 * max(eye.width for eye in self.mesh.eyes)) + 1
        return np.asarray(cv2.dilate(mask, np.ones((reach, reach), np.uint8)) > 0)


def sixteen(picture: Floats) -> NDArray[np.uint16]:
    """Levels of 255 as 16 bits; a whole level is exact."""
    return np.rint(picture * _LEVEL).astype(np.uint16)


def _taken_apart(hero: HeroPicture) -> tuple[Rgba8 | None, Rgb8 | None]:
    """The person and what is behind, on the frame; nothing where the layers are not to be trusted."""
    stack = hero.layers
    people = [layer for layer in stack.layers if layer.role is LayerRole.SUBJECT]
    if len(people) != 1 or len(stack.layers) != 2 or stack.confidence < TRUSTED:
        return None, None
    return _framed(people[0].rgba, stack.bleed_px), _framed(stack.layers[0].rgba, stack.bleed_px)[..., :3]


def _framed(picture: Rgba8, bleed: int) -> Rgba8:
    return picture[bleed : picture.shape[0] - bleed, bleed : picture.shape[1] - bleed]


def _sampled(picture: Floats, sources: Floats) -> Floats:
    moved = cv2.remap(picture, sources[..., 0], sources[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.float32)


def largest(meshes: Sequence[FaceMesh]) -> FaceMesh:
    """The face with the most pixels."""
    return max(meshes, key=lambda mesh: mesh.width * mesh.height)
