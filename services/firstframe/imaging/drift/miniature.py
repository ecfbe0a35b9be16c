"""A hero made small, and painted as a camera sees it: what a frame ought to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, LayerImage, LayerRole, PixelRect, PixelSize, Rgba8
from firstframe.imaging.camera import Similarity
from firstframe.imaging.compiled import compiled

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

Affine = Doubles
"""Where a point of a layer is seen, shape (2, 3): pixels of a small frame from its middle, there and here."""

SIDE_PX = 320
"""Longer side of a small frame."""
LEAST_PX = 16
"""Shorter side of one at least: there is no flow in less."""
_PRECISE = 64
"""What 8 bits are multiplied with before they are averaged."""
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
    subject: Floats | None
    """Cover of the subject, premultiplied, shape (h, w); None where the layer has none of it, or is the subject itself."""
    is_subject: bool
    nearness: float
    per_px: Doubles
    """Pixels of the plate for a pixel of a small frame, shape (2,): near one."""


def small_size(size: PixelSize) -> PixelSize:
    """Size at which frames of that size are measured; they are never enlarged."""
    scale = min(1.0, SIDE_PX / max(size.width, size.height))
    return PixelSize(max(round(size.width * scale), LEAST_PX), max(round(size.height * scale), LEAST_PX))


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
        nearness, subject, nothing = (np.zeros(shape, np.float32) for _ in range(3))
        for plate, view in zip(self._plates, views, strict=True):
            layer = self._warped(plate.paint, plate, view)
            more = nothing if plate.subject is None else self._warped(plate.subject, plate, view)
            _over(layer, more, plate.nearness, float(plate.is_subject), paint, nearness, subject)
        return Seen(np.ascontiguousarray(paint[..., :3]), nearness, subject, np.ascontiguousarray(paint[..., 3]))

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
        paint = _premultiplied(layer.rgba, shape)
        subject = None
        if index == 0 and self.subject_layer is None:
            subject = _reduced(_subject_in_bleed(hero), shape)
        per_px = np.array([shape[0] / (width * self.scale), shape[1] / (height * self.scale)])
        return _Plate(paint, subject, index == self.subject_layer, float(self.nearness[index]), per_px)


@compiled("(f4[:, :, ::1], f4[:, ::1], f4, f4, f4[:, :, ::1], f4[:, ::1], f4[:, ::1])")
def _over(
    layer: Floats, more: Floats, near: float, own: float, paint: Floats, nearness: Floats, subject: Floats
) -> None:
    """Paints a layer over what is farther.

    Args:
        layer: Premultiplied, shape (h, w, 4).
        more: Cover of the subject in it, shape (h, w).
        near: Its nearness.
        own: 1 where the layer is the subject, else 0.
        paint: What is painted so far, shape (h, w, 4); changed.
        nearness: Of what is painted so far, shape (h, w); changed.
        subject: How much of what is painted so far is the subject, shape (h, w); changed.
    """
    for y in range(nearness.shape[0]):
        for x in range(nearness.shape[1]):
            cover = layer[y, x, 3]
            rest = np.float32(1) - cover
            for channel in range(4):
                paint[y, x, channel] = layer[y, x, channel] + paint[y, x, channel] * rest
            nearness[y, x] = nearness[y, x] * rest + near * cover
            subject[y, x] = subject[y, x] * rest + own * cover + more[y, x]


def _premultiplied(rgba: Rgba8, shape: tuple[int, int]) -> Floats:
    """A layer at another size (width, height), its colours times its cover; 0 to 255 and 0 to 1."""
    cover = rgba[..., 3]
    weight = cv2.merge([cover, cover, cover, np.full_like(cover, 255)])
    # Before it is made small: what a transparent pixel has for a colour must not bleed into its neighbours.
    whole = cv2.multiply(rgba, weight, scale=_PRECISE / 255, dtype=cv2.CV_16U)
    return _reduced(np.asarray(whole), shape) / (np.float32(_PRECISE) * np.array([1, 1, 1, 255], np.float32))


def _reduced(plane: NDArray[Any], shape: tuple[int, int]) -> Floats:
    """A plane at another size (width, height)."""
    return np.asarray(cv2.resize(plane, shape, interpolation=cv2.INTER_AREA), np.float32)


def _subject_in_bleed(hero: HeroPicture) -> Floats:
    """How much of the farthest layer is the subject, where that is no layer: what a matte or a box of the hero says."""
    bleed, size = hero.layers.bleed_px, hero.size
    inside = np.zeros((size.height + 2 * bleed, size.width + 2 * bleed), np.float32)
    inside[bleed : bleed + size.height, bleed : bleed + size.width] = _subject_mask(hero)
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
    halved: NDArray[Any] = frame
    while frame.dtype == np.uint16 and _halves(halved.shape, size):
        # Means of two by two are by far the fastest, and with 16 bits nothing is lost on the way.
        halved = np.asarray(
            cv2.resize(halved, (halved.shape[1] // 2, halved.shape[0] // 2), interpolation=cv2.INTER_AREA)
        )
    if halved.shape[:2] == (size.height, size.width):
        return np.asarray(halved.astype(np.float32) * np.float32(255 / full))
    return _reduced(halved, (size.width, size.height)) * np.float32(255 / full)


def _halves(shape: tuple[int, ...], size: PixelSize) -> bool:
    height, width = shape[:2]
    return height % 2 == width % 2 == 0 and height >= 4 * size.height and width >= 4 * size.width
