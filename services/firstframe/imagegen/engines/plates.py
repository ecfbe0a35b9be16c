"""Plates: the layers of a hero in linear light, before exposure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import LayerRole, PixelRect, PixelSize
from firstframe.render import denoise, layers
from firstframe.render.passes import Coverage, Samples

Floats = NDArray[np.float32]

_SMOOTHING = 0.16
"""Deviation of what smooths an edge that is out of focus, as a share of its blur; at least a pixel, at most a rendered one."""
_PAINT_FLOOR = 0.05
"""Added to the share of light that a surface scatters, so that what mirrors or is black can be divided by it."""


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """One layer in linear light over the whole bled frame."""

    role: LayerRole
    colour: Floats
    """Straight, shape (h, w, 3)."""
    alpha: Floats
    product: Floats
    """How much of each pixel is the product, shape (h, w)."""
    lacking: float = 1.0
    """Deviation of the grain that the product lacks, as a share of the set's, 0 to 1; a cut-out has some of its own."""


def backdrop(samples: Samples, full: PixelSize) -> Plate:
    """The farthest plate: opaque, and filled in where things stand on its floor.

    What is filled in is the light; what the floor shows, its grain or weave, is known there too.
    """
    colour, albedo, normal = _divided(samples)
    colour = denoise.denoise(colour, albedo, normal, blurred=True)
    paint = denoise.denoise_albedo(albedo) + _PAINT_FLOOR
    whole = paint * layers.filled(colour / paint, samples.coverage.footprint, feather_px=max(full.width // 120, 2))
    ones = np.ones((full.height, full.width), np.float32)
    return Plate(LayerRole.BACKGROUND, resized(whole, full), ones, np.zeros_like(ones))


def cut_out(
    role: LayerRole, samples: Samples, cover: Coverage, region: PixelRect, small: PixelSize, full: PixelSize
) -> Plate:
    """A nearer plate: straight colour over the whole frame, without noise, filled in where nearer things stand on its floor.

    Alpha is divided out before the denoiser sees the colour: it finds no edge to smear, and leaves no fringe at one.

    Args:
        role: The layer.
        samples: What was rendered.
        cover: Its edges, without noise.
        region: Where `samples` lie in the picture.
        small: Size of the picture that they were rendered for.
        full: Size of the plate.
    """
    own = samples.coverage.alpha
    clean = layers.filled(
        denoise.denoise(*_divided(samples), blurred=small != full), samples.coverage.footprint, feather_px=2
    )
    flat = layers.straight(clean * own[..., None], own)
    return Plate(
        role,
        resized(_framed(flat, region, small, edge=True), full),
        resized(_framed(cover.alpha, region, small), full).clip(0, 1),
        resized(_framed(cover.product, region, small), full).clip(0, 1),
    )


def _divided(samples: Samples) -> tuple[Floats, Floats, Floats]:
    """Colour, albedo and normal, straight."""
    own = samples.coverage.alpha
    return layers.divided(samples.colour, own), layers.divided(samples.albedo, own), layers.divided(samples.normal, own)


def in_focus(cover: Coverage) -> Coverage:
    """Edges of few samples, without their noise; exact where the samples of a neighbourhood agree."""
    noisy = np.stack([cover.alpha, cover.product, cover.footprint], -1)
    low, high = (change(noisy, np.ones((3, 3), np.uint8)) for change in (cv2.dilate, cv2.erode))
    clean = np.where(low <= 0, 0, np.where(high >= 1, 1, denoise.denoise_masks(noisy))).astype(np.float32)
    return Coverage(clean[..., 0], clean[..., 1], clean[..., 2])


def defocused(cover: Coverage, scale: int, blur_px: float) -> Coverage:
    """Edges that are wide with blur, smoothed by a sixth of it: by more, stems go pale; by less, wide edges have grain.

    Args:
        cover: Of many samples.
        scale: How many times smaller than the plate it is.
        blur_px: Diameter of the blur, pixels of the plate.
    """
    deviation = min(max(_SMOOTHING * blur_px, 1.0), float(scale)) / scale
    return Coverage(_softened(cover.alpha, deviation), _softened(cover.product, deviation), cover.footprint)


def _softened(mask: Floats, deviation: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), deviation), np.float32)


def resized(picture: Floats, size: PixelSize) -> Floats:
    """The picture at another size, shape (height, width, channels), by bicubic interpolation."""
    if picture.shape[:2] == (size.height, size.width):
        return picture
    return np.asarray(cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_CUBIC), np.float32)


def plate_of(part: Floats, region: PixelRect, size: PixelSize) -> Floats:
    """A part of a picture at its place in the whole, with nothing around it."""
    return _framed(part, region, size)


def _framed(part: Floats, region: PixelRect, size: PixelSize, *, edge: bool = False) -> Floats:
    """A part put at its place in a whole picture, with its edge repeated outwards or nothing around it."""
    top, left = region.y, region.x
    bottom, right = size.height - region.bottom, size.width - region.right
    kind = cv2.BORDER_REPLICATE if edge else cv2.BORDER_CONSTANT
    return np.asarray(cv2.copyMakeBorder(part, top, bottom, left, right, kind), np.float32)
