"""Heroes from photographs: reframed around their subject and, where it stands free, taken apart into two layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
from firstframe.imagegen import photo_findings
from firstframe.imagegen.photo_canvas import Canvas, cropped, paint, subject_rect
from firstframe.imagegen.photo_framing import Framing, frame
from firstframe.imagegen.photo_subject import Cut, Found, Known, find
from firstframe.imagegen.reframe import Reframe
from firstframe.imaging import matting
from firstframe.imaging.depth_guess import DepthGuess, guess_depth
from firstframe.imaging.subject import Subject
from firstframe.imaging.subject_matte import whole_rect
from firstframe.render import layers

__all__ = ["Known", "Reframe", "ingest"]

LAYERED = 0.5
"""Confidence from which the subject becomes a layer of its own."""
SUBJECT_M = 2.0
_LENS_DEG = 50.0
"""Field of view of the photograph's longer side, as of a normal lens: nothing is known about the true one."""
_FARTHEST_M = 8.0
"""Distance of a background layer at most: one that hardly moves would tear off the ground."""
_LEAST_BEHIND = 1.2
"""Distance of a background layer at least, over the subject's."""
_KEPT = 0.7
"""Share of the matte's confidence that stays when nothing is known about depth."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Depth:
    """How far away the parts of a hero are."""

    inverse: Floats
    """Over the hero, without its bleed, shape (h, w); any scale."""
    background_m: float
    confidence: float
    """0 to 1; 1 where it was given."""


def ingest(
    data: bytes,
    *,
    size: PixelSize,
    reframe: Reframe,
    known: Known,
    decode: Callable[[bytes], Rgb8],
) -> HeroPicture:
    """Makes a hero of a photograph. Same bytes, same models, same hero.

    The picture is never enlarged: when the crop is smaller than `size`, the hero has the crop's own resolution.
    Compositing the layers and cutting off the bleed gives the hero exactly.

    Args:
        data: The file.
        size: Size that is wanted; even.
        reframe: What to do when the subject does not fit the ratio.
        known: What its owner and models know about it.
        decode: Makes pixels of a file, within bounds, or raises InvalidInput.

    Raises:
        InvalidInput: The file is not a picture that can be used, or the owner's mask has nothing at the focus.
        FirstframeError: A model could not run; see `firstframe.ports.inference.Inference`.
    """
    photo = decode(data)
    return hero_of(photo, find(photo, known), size=size, reframe=reframe, known=known)


def hero_of(photo: Rgb8, found: Found, *, size: PixelSize, reframe: Reframe, known: Known) -> HeroPicture:
    """Makes a hero of a photograph whose subject is found; see `ingest`."""
    whole = PixelSize(photo.shape[1], photo.shape[0])
    subject = found.subject
    around = whole_rect(subject, whole) if found.clear else _salient_place(subject, whole)
    framing = frame(whole, size, around, subject.saliency, reframe, found.faces)
    layered = found.clear and subject.confidence >= LAYERED
    known.check()
    cover = subject.cover if found.clear else np.zeros_like(subject.cover)
    loose = found.cut is Cut.MODEL
    canvas = paint(photo, framing, cover, drawn=found.cut is not Cut.GUESS, loose=loose, check=known.check)
    known.check()
    depth = _depth(photo, framing, canvas, known, found) if layered else None
    seen = photo_findings.Seen(framing, whole, size, around if found.clear else None, subject.saliency, found)
    findings = photo_findings.of(seen, layered=layered, depth=None if depth is None else depth.confidence)
    shares = ((name, mask.astype(np.float32) / np.float32(255)) for name, mask in known.regions.items())
    regions = {name: _levels(cropped(mask, photo, framing)) for name, mask in shares}
    return replace(_hero(canvas, framing, whole, found, depth=depth, findings=findings), regions=regions)


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


def _depth(photo: Rgb8, framing: Framing, canvas: Canvas, known: Known, found: Found) -> Depth:
    """The owner's map, or a guess."""
    bleed = framing.bleed_px
    matte = canvas.matte[bleed : bleed + framing.size.height, bleed : bleed + framing.size.width]
    if known.inverse_depth is not None:
        return _given(cropped(known.inverse_depth, photo, framing), matte)
    guess = guess_depth(photo, found.subject.cover)
    return _guessed(guess, cropped(guess.background, photo, framing), matte)


def _given(inverse: Floats, matte: Floats) -> Depth:
    """A map as it was given; the layers stand where its middle values are."""
    near, far = (_median(inverse[part], other) for part, other in ((matte > 0.5, 1.0), (matte < 0.5, 0.5)))
    metres = SUBJECT_M * near / max(far, near * SUBJECT_M / _FARTHEST_M, 1e-6)
    return Depth(inverse, max(metres, _LEAST_BEHIND * SUBJECT_M), 1.0)


def _guessed(guess: DepthGuess, background: Floats, matte: Floats) -> Depth:
    """A guess, the subject upright at its distance in it."""
    return Depth(background * (1 - matte) + matte, SUBJECT_M / guess.behind, guess.confidence)


def _median(values: Floats, otherwise: float) -> float:
    return float(np.median(values)) if values.size else otherwise


def _hero(
    canvas: Canvas,
    framing: Framing,
    photo: PixelSize,
    found: Found,
    *,
    depth: Depth | None,
    findings: tuple[Finding, ...],
) -> HeroPicture:
    stack = _one_layer(canvas) if depth is None else _two_layers(canvas, depth.background_m)
    bleed = framing.bleed_px
    matte = _levels(canvas.matte)[bleed : bleed + framing.size.height, bleed : bleed + framing.size.width]
    across = framing.crop.width / max(photo.width, photo.height) * np.tan(np.radians(_LENS_DEG / 2))
    confidence = found.subject.confidence * (1.0 if depth is None else _KEPT + (1 - _KEPT) * depth.confidence)
    return HeroPicture(
        image=layers.composite([layer.rgba for layer in stack], bleed),
        layers=LayerPictures(stack, bleed, float(np.degrees(2 * np.arctan(across))), confidence),
        inverse_depth=None if depth is None else _sixteen_bits(depth.inverse),
        matte=None if depth is None else np.ascontiguousarray(matte),
        subject=subject_rect(canvas.matte, bleed) if found.clear else None,
        findings=findings,
        details=_details(framing, photo, found, depth) | _plate_details(canvas),
    )


def _one_layer(canvas: Canvas) -> tuple[LayerImage, ...]:
    return (LayerImage(LayerRole.BACKGROUND, _opaque(_levels(canvas.picture)), 2 * SUBJECT_M),)


def _two_layers(canvas: Canvas, background_m: float) -> tuple[LayerImage, ...]:
    """Background and subject; the one over the other is the picture."""
    cover = _levels(canvas.matte)
    alpha = cover.astype(np.float32) / np.float32(255)
    front, back = matting.unmixed(canvas.picture, alpha, canvas.plate, canvas.solid)
    back = np.where(alpha[..., None] > 0, back, canvas.picture)
    return (
        LayerImage(LayerRole.BACKGROUND, _opaque(_levels(back)), background_m),
        LayerImage(LayerRole.SUBJECT, np.dstack([_levels(front), cover]), SUBJECT_M),
    )


def _opaque(picture: Rgb8) -> Rgb8:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def _levels(values: Floats) -> NDArray[np.uint8]:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _sixteen_bits(inverse: Floats) -> Grey16:
    """Inverse depth with its nearest point at 65535."""
    levels: Grey16 = np.rint(np.clip(inverse / max(float(inverse.max()), 1e-6), 0, 1) * 65535).astype(np.uint16)
    return levels


def _plate_details(canvas: Canvas) -> dict[str, str]:
    quality = canvas.quality
    return {} if quality is None else {"plate_seam": f"{quality.seam:.2f}", "plate_texture": f"{quality.texture:.2f}"}


def _details(framing: Framing, photo: PixelSize, found: Found, depth: Depth | None) -> dict[str, str]:
    crop = framing.crop
    told = {} if depth is None else {"depth_confidence": f"{depth.confidence:.3f}"}
    return {
        "photograph": f"{photo.width}x{photo.height}",
        "crop": f"{crop.x},{crop.y},{crop.width},{crop.height}",
        "shrunk": f"{framing.scale:.4f}",
        "extended": str(framing.extended).lower(),
        "subject_by": found.cut.value,
        "subject_confidence": f"{found.subject.confidence:.3f}",
        "faces": str(len(found.faces)),
        "layers": "inferred",
        **told,
    }
