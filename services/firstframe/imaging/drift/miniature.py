"""A hero made small, and painted as a camera sees it: what a frame ought to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, LayerImage, LayerRole, PixelRect, PixelSize
from firstframe.imaging.camera import Similarity

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

Affine = Doubles
"""Where a point of a layer is seen, shape (2, 3): pixels of a small frame from its middle, there and here."""

SIDE_PX = 320
"""Longer side of a small frame."""
STILL = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The hero as a camera sees it, at the size of a small frame."""

    rgb: Floats
    """Shape (h, w, 3), R'G'B', 0 to 255."""
    nearness: Floats
    """Shape (h, w): 0 is the farthest layer, 1 the nearest, by inverse distance."""
    subject: Floats
    """Shape (h, w): how much of each pixel is the subject, 0 to 1."""
    known: Floats
    """Shape (h, w): 1 where the hero's layers have something, 0 beyond them."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plate:
    """A layer made small."""

    paint: Floats
    """Premultiplied, shape (h, w, 4), 0 to 255 and alpha 0 to 1."""
    subject: Floats
    """Cover of the subject, premultiplied, shape (h, w)."""
    nearness: float
    per_px: Doubles
    """Pixels of the plate for a pixel of a small frame, shape (2,): near one."""


def small_size(size: PixelSize) -> PixelSize:
    """Size at which frames of that size are measured; they are never enlarged."""
    scale = min(1.0, SIDE_PX / max(size.width, size.height))
    return PixelSize(max(round(size.width * scale), 16), max(round(size.height * scale), 16))


def affine_of(view: Similarity, scale: float) -> Affine:
    """Where a view of the camera model shows a layer, in small frames of `scale` of the hero's size."""
    (x, y), (right, _), (_, down) = view.seen_at(0.0, 0.0), view.seen_at(1.0, 0.0), view.seen_at(0.0, 1.0)
    return np.array([[right - x, 0.0, x * scale], [0.0, down - y, y * scale]])


def joined(after: Affine, before: Affine) -> Affine:
    """One affine map after another."""
    return np.concatenate([after[:, :2] @ before[:, :2], after[:, :2] @ before[:, 2:] + after[:, 2:]], axis=1)


class Miniature:
    """A small hero.

    Args:
        hero: The still and its layers, as they are animated.
    """

    def __init__(self, hero: HeroPicture) -> None:
        self.size = small_size(hero.size)
        self.scale = self.size.width / hero.size.width
        layers = hero.layers.layers
        inverse = np.array([1 / layer.depth_m for layer in layers])
        reach = float(np.ptp(inverse))
        self.nearness = (inverse - inverse.min()) / reach if reach > 0 else np.zeros(len(layers))
        self.subject_layer = next((i for i, layer in enumerate(layers) if layer.role is LayerRole.SUBJECT), None)
        self._plates = [self._plate(index, layer, hero) for index, layer in enumerate(layers)]

    @property
    def has_depth(self) -> bool:
        """Whether layers lie at different distances."""
        return bool(np.ptp(self.nearness) > 0)

    def seen(self, views: Sequence[Affine]) -> Seen:
        """What a camera sees.

        Args:
            views: Of each layer, from far to near.
        """
        shape = self.size.height, self.size.width
        paint = np.zeros((*shape, 4), np.float32)
        nearness, subject = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for plate, view in zip(self._plates, views, strict=True):
            layer = self._warped(plate.paint, plate, view)
            rest = 1 - layer[..., 3]
            paint = layer + paint * rest[..., None]
            nearness = nearness * rest + np.float32(plate.nearness) * layer[..., 3]
            subject = subject * rest + self._warped(plate.subject, plate, view)
        return Seen(paint[..., :3], nearness, subject, paint[..., 3])

    def _warped(self, plane: Floats, plate: _Plate, view: Affine) -> Floats:
        """A plane of a plate as a frame shows it."""
        back = np.linalg.inv(view[:, :2])
        onto = plate.per_px[:, None] * np.concatenate([back, -back @ view[:, 2:]], axis=1)
        frame_middle = np.array([(self.size.width - 1) / 2, (self.size.height - 1) / 2])
        plate_middle = np.array([(plane.shape[1] - 1) / 2, (plane.shape[0] - 1) / 2])
        onto[:, 2] += plate_middle - onto[:, :2] @ frame_middle
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(plane, onto, (self.size.width, self.size.height), flags=flags), np.float32)

    def _plate(self, index: int, layer: LayerImage, hero: HeroPicture) -> _Plate:
        height, width = layer.rgba.shape[:2]
        shape = max(round(width * self.scale), 1), max(round(height * self.scale), 1)
        cover = layer.rgba[..., 3:].astype(np.float32) / np.float32(255)
        premultiplied = np.concatenate([layer.rgba[..., :3] * cover, cover], -1)
        paint = np.asarray(cv2.resize(premultiplied, shape, interpolation=cv2.INTER_AREA), np.float32)
        whole = self._subject_of(index, layer, hero, cover[..., 0])
        subject = np.asarray(cv2.resize(whole, shape, interpolation=cv2.INTER_AREA), np.float32)
        per_px = np.array([shape[0] / (width * self.scale), shape[1] / (height * self.scale)])
        return _Plate(paint, subject, float(self.nearness[index]), per_px)

    def _subject_of(self, index: int, layer: LayerImage, hero: HeroPicture, cover: Floats) -> Floats:
        """How much of a layer is the subject: its own layer, else what a matte or a box of the hero says."""
        if self.subject_layer is not None:
            return cover if layer.role is LayerRole.SUBJECT else np.zeros_like(cover)
        inside = np.zeros_like(cover)
        if index == 0:
            bleed = hero.layers.bleed_px
            frame = np.s_[bleed : bleed + hero.size.height, bleed : bleed + hero.size.width]
            inside[frame] = _subject_mask(hero)
        return inside


def _subject_mask(hero: HeroPicture) -> Floats:
    if hero.matte is not None:
        return hero.matte.astype(np.float32) / np.float32(255)
    mask = np.zeros(hero.image.shape[:2], np.float32)
    if hero.subject is not None:
        mask[rows_and_columns(hero.subject)] = 1
    return mask


def rows_and_columns(box: PixelRect) -> tuple[slice, slice]:
    """A rectangle as a place in an array."""
    return slice(box.y, box.bottom), slice(box.x, box.right)


def small_frame(frame: NDArray[np.uint8] | NDArray[np.uint16], size: PixelSize) -> Floats:
    """A frame at the size at which it is measured, shape (h, w, 3), 0 to 255.

    Args:
        frame: Shape (height, width, 3), 8 or 16 bits.
        size: From `small_size`.
    """
    full = 255.0 if frame.dtype == np.uint8 else 65535.0
    if frame.shape[:2] == (size.height, size.width):
        return np.asarray(frame.astype(np.float32) * np.float32(255 / full))
    small = cv2.resize(frame, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return np.asarray(np.asarray(small, np.float32) * np.float32(255 / full))
