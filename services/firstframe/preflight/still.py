"""A still with what is known of it, from its maker or inferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, PixelRect, PixelSize, Rgb8
from firstframe.imaging import matting
from firstframe.imaging.preflight.faces import Face
from firstframe.imaging.preflight.room import flat_hero
from firstframe.imaging.resample import shrunk
from firstframe.imaging.saliency import lab_of
from firstframe.imaging.subject import find_subject

Floats = NDArray[np.float32]

CLEAR = 0.15
"""Confidence from which a subject that was looked for counts as found, as for photographs in the image stage."""
_RATIO_TOLERANCE = 0.01
_REFINE = 0.01
"""Radius in which the outline follows the picture, as a share of the longer side."""
_LEAST_AREA = 0.0005
_ON_THE_PRODUCT = 0.5
"""Share of a face that a product shows when the face is on it, as on a print."""


@dataclass(frozen=True, slots=True)
class Faces:
    """What is known of faces."""

    found: tuple[Face, ...] | None
    """None when nobody looked."""
    why_not: str = ""
    """Why nobody looked."""
    what_to_do: str = ""


NOBODY_LOOKED = Faces(
    None,
    "faces were not looked for: the pack face-landmarks is not installed",
    "install it: firstframe models pull face-landmarks",
)


@dataclass(frozen=True, eq=False)
class Still:
    """What the checks look at; all rectangles are pixels of `hero.image`."""

    hero: HeroPicture
    source: PixelSize
    """Size of the part of the original that the still shows; larger than the still when that was shrunk."""
    matte: Floats | None
    """0 to 1, shape of the image; None when there is no clear subject."""
    origin: str
    """Where the subject is known from: `layers`, `matting`, `outline`, or `` when there is none."""
    confidence: float = 1.0
    """How far the subject can be trusted, 0 to 1."""
    copy: tuple[PixelRect, ...] = ()
    """Where words stand."""
    printed: tuple[PixelRect, ...] = ()
    """Where words are printed on the subject itself, as on a label."""
    faces: Faces = NOBODY_LOOKED
    crop: PixelRect | None = None
    """The part of the original that was looked at, when that has another ratio."""

    @property
    def image(self) -> Rgb8:
        """The picture, shape (h, w, 3)."""
        return self.hero.image

    @property
    def subject(self) -> PixelRect | None:
        """Rectangle around the subject."""
        return self.hero.subject if self.matte is not None else None

    @cached_property
    def lab(self) -> Floats:
        """The picture in CIE Lab, shape (h, w, 3)."""
        return lab_of(self.image)


def still_of_hero(
    hero: HeroPicture,
    *,
    copy: Sequence[PixelRect] = (),
    printed: Sequence[PixelRect] = (),
    faces: Faces = NOBODY_LOOKED,
) -> Still:
    """A hero as the image stage makes it; its own matte and subject are taken.

    Args:
        hero: The hero.
        copy: Where words stand.
        printed: Where words are printed on the subject itself.
        faces: What is known of faces, in the hero's pixels.
    """
    matte = None if hero.matte is None else hero.matte.astype(np.float32) / np.float32(255)
    matte, subject = _checked(matte, hero.subject)
    origin = "layers" if matte is not None else ""
    return Still(
        hero=replace(hero, subject=subject),
        source=hero.size,
        matte=matte,
        origin=origin,
        confidence=hero.layers.confidence,
        copy=tuple(copy),
        printed=tuple(printed),
        faces=faces,
    )


def without_impossible_faces(still: Still) -> Still:
    """The still without faces beside the product of a generated set: what stands there is known, and none of it is a person.

    A rock and its mirror image at the frame have been taken for a face.
    """
    if still.hero.objects is None or still.matte is None or not still.faces.found:
        return still
    kept = tuple(face for face in still.faces.found if _covered(face, still.matte) >= _ON_THE_PRODUCT)
    return replace(still, faces=replace(still.faces, found=kept))


def _covered(face: Face, matte: Floats) -> float:
    """Share of what the frame shows of a face that is the subject."""
    top, bottom, left, right = (max(round(side), 0) for side in (face.top, face.bottom, face.left, face.right))
    part = matte[top:bottom, left:right]
    return float(part.mean()) if part.size else 0.0


def still_of_picture(
    picture: Rgb8,
    delivery: PixelSize,
    *,
    focus: tuple[float, float] | None = None,
    matte: Floats | None = None,
    copy: Sequence[PixelRect] = (),
) -> Still:
    """A picture of which nothing else is known: cropped to the format around its subject, shrunk to delivery.

    Args:
        picture: Any size and ratio.
        delivery: Size at which it is to be delivered.
        focus: A point on the subject, 0 to 1 from the left and from the top; None to look for it.
        matte: The subject as a matting model sees it, of the whole picture at any size; None to look for its outline.
        copy: Where words stand, pixels of the picture.
    """
    found, confidence, origin = _subject(picture, focus, matte)
    whole = PixelSize(picture.shape[1], picture.shape[0])
    crop = crop_around(whole, delivery, None if found is None else _in_picture(bounds_of(found), found, whole))
    size = delivery if crop.width > delivery.width else PixelSize(crop.width, crop.height)
    image = _shrunk(picture, crop, size)
    cut, box = _checked(None if found is None else _resized(found, whole, crop, size), None)
    if cut is not None and origin == "outline":
        cut = refined(cut, image)
    words = tuple(_moved(rect, crop, size) for rect in copy)
    other = None if (crop.width, crop.height) == (whole.width, whole.height) else crop
    known = PixelSize(crop.width, crop.height), cut, origin if box else "", confidence
    return Still(flat_hero(image, box), *known, words, crop=other)


def crop_around(whole: PixelSize, wanted: PixelSize, subject: PixelRect | None) -> PixelRect:
    """The largest part of a ratio, around the subject's middle; the whole when it has nearly that ratio."""
    if abs(whole.ratio / wanted.ratio - 1) <= _RATIO_TOLERANCE:
        return PixelRect(0, 0, whole.width, whole.height)
    width = min(whole.width, round(whole.height * wanted.ratio))
    height = min(whole.height, round(whole.width / wanted.ratio))
    centre_x = subject.x + subject.width / 2 if subject else whole.width / 2
    centre_y = subject.y + subject.height / 2 if subject else whole.height / 2
    x = min(max(round(centre_x - width / 2), 0), whole.width - width)
    y = min(max(round(centre_y - height / 2), 0), whole.height - height)
    return PixelRect(x, y, width, height)


def bounds_of(matte: Floats) -> PixelRect:
    """Smallest rectangle around the subject's own pixels."""
    return PixelRect(*cv2.boundingRect((matte > 0.5).astype(np.uint8)))


def _subject(
    picture: Rgb8, focus: tuple[float, float] | None, matte: Floats | None
) -> tuple[Floats | None, float, str]:
    """Matte of the whole picture at any size, how far it can be trusted, and where it is from."""
    if matte is not None:
        return matte, 1.0, "matting"
    found = find_subject(picture, focus)
    if found.confidence < CLEAR and focus is None:
        return None, found.confidence, ""
    return found.mask.astype(np.float32), found.confidence, "outline"


def _in_picture(box: PixelRect, matte: Floats, whole: PixelSize) -> PixelRect:
    scale = whole.width / matte.shape[1]
    return PixelRect(*(round(value * scale) for value in (box.x, box.y, box.width, box.height)))


def refined(mask: Floats, picture: Rgb8) -> Floats:
    """A coarse matte that follows the edges of the picture, shape of both."""
    guide = picture.astype(np.float32) / np.float32(255)
    return matting.refined(mask, guide, max(round(_REFINE * max(mask.shape)), 2))


def _checked(matte: Floats | None, subject: PixelRect | None) -> tuple[Floats | None, PixelRect | None]:
    """Both, or neither when the matte shows next to nothing."""
    if matte is None or float((matte > 0.5).mean()) < _LEAST_AREA:
        return None, None
    return matte, subject or bounds_of(matte)


def _shrunk(picture: Rgb8, crop: PixelRect, size: PixelSize) -> Rgb8:
    code = shrunk(picture, (crop.x, crop.y, crop.right, crop.bottom), size)
    return np.rint(np.clip(code, 0, 1) * 255).astype(np.uint8)


def _resized(matte: Floats, whole: PixelSize, crop: PixelRect, size: PixelSize) -> Floats:
    """The part of a matte of the whole picture that a still shows, at the still's size."""
    scale = size.width / crop.width
    full = max(round(whole.width * scale), size.width), max(round(whole.height * scale), size.height)
    way = cv2.INTER_AREA if full[0] < matte.shape[1] else cv2.INTER_LINEAR
    large = np.asarray(cv2.resize(matte, full, interpolation=way), np.float32)
    x, y = min(round(crop.x * scale), full[0] - size.width), min(round(crop.y * scale), full[1] - size.height)
    return np.ascontiguousarray(large[y : y + size.height, x : x + size.width])


def _moved(rect: PixelRect, crop: PixelRect, size: PixelSize) -> PixelRect:
    """A rectangle of the original in the still, cut by its frame."""
    scale = size.width / crop.width
    left, top = max(round((rect.x - crop.x) * scale), 0), max(round((rect.y - crop.y) * scale), 0)
    right = min(round((rect.right - crop.x) * scale), size.width)
    bottom = min(round((rect.bottom - crop.y) * scale), size.height)
    return PixelRect(left, top, max(right - left, 0), max(bottom - top, 0))
