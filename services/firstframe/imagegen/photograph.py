"""Heroes from photographs: reframed around their subject and, where it stands free, taken apart into two layers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import (
    Finding,
    Grey16,
    HeroPicture,
    LayerImage,
    LayerPictures,
    LayerRole,
    PixelRect,
    PixelSize,
    Rgb8,
)
from firstframe.imagegen import layers, photo_findings
from firstframe.imagegen.photo_canvas import Canvas, paint, subject_rect
from firstframe.imagegen.photo_framing import Framing, Reframe, frame
from firstframe.imaging import matting
from firstframe.imaging.subject import Subject, find_subject

__all__ = ["Reframe", "ingest"]

CLEAR = 0.15
"""Confidence from which a subject counts as found."""
LAYERED = 0.5
"""Confidence from which the subject becomes a layer of its own."""
SUBJECT_M = 2.0
BACKGROUND_M = 4.0
_FAR_M = 8.0
"""Depth of the background at the top of the picture; its foot is as near as the subject."""
_LENS_DEG = 50.0
"""Field of view of the photograph's longer side, as of a normal lens: nothing is known about the true one."""

Floats = NDArray[np.float32]


def ingest(
    data: bytes,
    *,
    size: PixelSize,
    reframe: Reframe,
    focus: tuple[float, float] | None,
    decode: Callable[[bytes], Rgb8],
) -> HeroPicture:
    """Makes a hero of a photograph. Same bytes, same hero.

    The picture is never enlarged: when the crop is smaller than `size`, the hero has the crop's own resolution.
    Compositing the layers and cutting off the bleed gives the hero exactly.

    Args:
        data: The file.
        size: Size that is wanted; even.
        reframe: What to do when the subject does not fit the ratio.
        focus: A point on the subject, 0 to 1 from the left and from the top; None to look for it.
        decode: Makes pixels of a file, within bounds, or raises InvalidInput.

    Raises:
        InvalidInput: The file is not a picture that can be used.
    """
    photo = decode(data)
    whole = PixelSize(photo.shape[1], photo.shape[0])
    subject = find_subject(photo, focus)
    clear = subject.confidence >= CLEAR or focus is not None
    around = _in_photo(subject, whole) if clear else _salient_place(subject, whole)
    framing = frame(whole, size, around, subject.saliency, reframe)
    layered = clear and subject.confidence >= LAYERED
    canvas = paint(photo, framing, subject.mask if clear else np.zeros_like(subject.mask))
    findings = photo_findings.of(framing, whole, size, around if clear else None, layered=layered)
    return _hero(canvas, framing, whole, subject, clear=clear, layered=layered, findings=findings)


def _in_photo(subject: Subject, photo: PixelSize) -> PixelRect:
    """The subject's rectangle in the photograph's pixels, rounded outwards."""
    height, width = subject.mask.shape
    rect = subject.rect
    left, top = rect.x * photo.width // width, rect.y * photo.height // height
    right, bottom = -(-rect.right * photo.width // width), -(-rect.bottom * photo.height // height)
    return PixelRect(left, top, right - left, bottom - top)


def _salient_place(subject: Subject, photo: PixelSize) -> PixelRect:
    """A square around the middle of all saliency, for a photograph without a clear subject."""
    weight = subject.saliency.astype(np.float64) + 1e-6
    height, width = weight.shape
    x = float((weight.sum(axis=0) @ (np.arange(width) + 0.5)) / weight.sum()) / width * photo.width
    y = float((weight.sum(axis=1) @ (np.arange(height) + 0.5)) / weight.sum()) / height * photo.height
    side = max(int(0.4 * min(photo.width, photo.height)), 1)
    left = min(max(round(x - side / 2), 0), photo.width - side)
    top = min(max(round(y - side / 2), 0), photo.height - side)
    return PixelRect(left, top, side, side)


def _hero(
    canvas: Canvas,
    framing: Framing,
    photo: PixelSize,
    subject: Subject,
    *,
    clear: bool,
    layered: bool,
    findings: tuple[Finding, ...],
) -> HeroPicture:
    stack = _two_layers(canvas) if layered else _one_layer(canvas)
    bleed = framing.bleed_px
    matte = _levels(canvas.matte)[bleed : bleed + framing.size.height, bleed : bleed + framing.size.width]
    across = framing.crop.width / max(photo.width, photo.height) * np.tan(np.radians(_LENS_DEG / 2))
    return HeroPicture(
        image=layers.composite([layer.rgba for layer in stack], bleed),
        layers=LayerPictures(stack, bleed, float(np.degrees(2 * np.arctan(across))), subject.confidence),
        inverse_depth=_inverse_depth(matte) if layered else None,
        matte=np.ascontiguousarray(matte) if layered else None,
        subject=subject_rect(canvas.matte, bleed) if clear else None,
        findings=findings,
        details=_details(framing, photo, subject),
    )


def _one_layer(canvas: Canvas) -> tuple[LayerImage, ...]:
    return (LayerImage(LayerRole.BACKGROUND, _opaque(_levels(canvas.picture)), BACKGROUND_M),)


def _two_layers(canvas: Canvas) -> tuple[LayerImage, ...]:
    """Background and subject; the one over the other is the picture."""
    cover = _levels(canvas.matte)
    alpha = cover.astype(np.float32) / np.float32(255)
    front, back = matting.unmixed(canvas.picture, alpha, canvas.plate, canvas.solid)
    back = np.where(alpha[..., None] > 0, back, canvas.picture)
    return (
        LayerImage(LayerRole.BACKGROUND, _opaque(_levels(back)), BACKGROUND_M),
        LayerImage(LayerRole.SUBJECT, np.dstack([_levels(front), cover]), SUBJECT_M),
    )


def _opaque(picture: Rgb8) -> Rgb8:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def _levels(values: Floats) -> NDArray[np.uint8]:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _inverse_depth(matte: NDArray[np.uint8]) -> Grey16:
    """A floor that comes nearer towards the bottom, with the subject upright at its distance."""
    ramp = np.linspace(1 / _FAR_M, 1 / SUBJECT_M, matte.shape[0])[:, None]
    cover = matte.astype(np.float64) / 255
    inverse = ramp * (1 - cover) + cover / SUBJECT_M
    return np.rint(inverse * SUBJECT_M * 65535).astype(np.uint16)


def _details(framing: Framing, photo: PixelSize, subject: Subject) -> dict[str, str]:
    crop = framing.crop
    return {
        "photograph": f"{photo.width}x{photo.height}",
        "crop": f"{crop.x},{crop.y},{crop.width},{crop.height}",
        "shrunk": f"{framing.scale:.4f}",
        "extended": str(framing.extended).lower(),
        "subject_confidence": f"{subject.confidence:.3f}",
        "layers": "inferred",
    }
