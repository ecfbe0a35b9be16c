"""The pixels of a framed photograph: shrunk, extended where it must be, with its matte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelRect, PixelSize, Rgb8
from firstframe.imagegen.photo_framing import Framing
from firstframe.imaging import fill, matting
from firstframe.imaging.resample import shrunk
from firstframe.imaging.seams import FillQuality, fill_quality
from firstframe.imaging.subject_matte import looseness

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in the photograph's pixels."""

_LEAST_GRAIN = 0.4 / 255
"""Noise of synthetic areas at least; less would show bands in 8 bits."""
_BESIDE = 0.06
"""How deep the grain of a continuation is looked for in the photograph, as a share of the longer side."""
_FRINGE = 0.025
"""How far beyond the matte fluff is looked for, as a share of the longer side."""
_FLUFF = 0.008
"""How far hair may stand off a subject that is not told by its detail, as a share of the longer side."""
_TRACE = 0.02
"""Cover from which a place may show something of the subject."""
_CLEARANCE = 0.002
"""Distance from the subject's fluff, as a share of the longer side, that the background is not taken from."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A hero with its bleed, as sRGB code values of 0 to 1."""

    picture: Floats
    """Shape (h, w, 3)."""
    matte: Floats
    """How much of each pixel is the subject, 0 to 1, shape (h, w)."""
    solid: Floats
    """The subject's own colour, spread beyond its edge, shape (h, w, 3)."""
    plate: Floats
    """What is behind the subject and its fluff, as far as it can be guessed, shape (h, w, 3)."""
    quality: FillQuality | None = None
    """How well the plate was filled; None where nothing was."""

    def part(self, rows: slice, columns: slice) -> Canvas:
        """A part of it."""
        at = rows, columns
        return Canvas(self.picture[at], self.matte[at], self.solid[at], self.plate[at], self.quality)


def paint(
    photo: Rgb8,
    framing: Framing,
    cover: Floats,
    *,
    drawn: bool = False,
    loose: bool = False,
    seed: int = 0,
    check: Callable[[], None] = lambda: None,
) -> Canvas:
    """Makes the pixels of a hero and its bleed.

    Args:
        photo: Shape (h, w, 3).
        framing: What becomes of it.
        cover: How much of each place is its subject, 0 to 1, over the whole photograph, of any size.
        drawn: Whether that is a matte with soft edges, which are kept; else it is an outline, whose edge is looked for.
        loose: Whether things may go on where the matte loses them, as a model's does: they stand in the plate there.
        seed: Of the patches behind the subject and the grain of synthetic areas.
        check: Called a few times a second; raises to stop.
    """
    inner, box, border = _placed(photo, framing)
    more = _beside_crop(photo, inner, box) if cover.any() else _Room(0, 0, 0, 0)
    wide, wide_box = more.around(inner, box)
    picture = shrunk(photo, wide_box, wide)
    coarse = _matte(picture, cover, wide_box, PixelSize(photo.shape[1], photo.shape[0]), drawn=drawn)
    rng = np.random.default_rng(seed)
    rows, columns = slice(more.top, more.top + inner.height), slice(more.left, more.left + inner.width)
    if coarse[rows, columns].any():
        canvas = (_cut_out if drawn else _apart)(picture, coarse, rng, check)
        canvas = (_with_ends(canvas) if loose else canvas).part(rows, columns)
    else:
        shown = picture[rows, columns]
        canvas = Canvas(shown, coarse[rows, columns], shown, shown)
    return _continued(canvas, border, rng) if any(border) else canvas


@dataclass(frozen=True, slots=True)
class _Room:
    """Pixels of the photograph, at the canvas' scale, that are looked at beside the canvas."""

    left: int
    top: int
    right: int
    bottom: int

    def around(self, size: PixelSize, box: Box) -> tuple[PixelSize, Box]:
        """The canvas with the room: its size, and its box in the photograph."""
        across, down = (box[2] - box[0]) / size.width, (box[3] - box[1]) / size.height
        wide = PixelSize(size.width + self.left + self.right, size.height + self.top + self.bottom)
        first = box[0] - self.left * across, box[1] - self.top * down
        return wide, (*first, box[2] + self.right * across, box[3] + self.bottom * down)


def _beside_crop(photo: Rgb8, size: PixelSize, box: Box) -> _Room:
    """What a narrow crop leaves out beside it, up to a square: the plate behind the subject is made of that as well."""
    across, down = (box[2] - box[0]) / size.width, (box[3] - box[1]) / size.height
    longest = max(size.width, size.height)
    left, right = _shared(longest - size.width, box[0] / across, (photo.shape[1] - box[2]) / across)
    top, bottom = _shared(longest - size.height, box[1] / down, (photo.shape[0] - box[3]) / down)
    return _Room(left, top, right, bottom)


def _shared(wanted: int, before: float, after: float) -> tuple[int, int]:
    """Pixels before and after that together come near `wanted`, as there are some: evenly, or more where there is more."""
    most = max(int(before + 1e-6), 0), max(int(after + 1e-6), 0)
    first = min(most[0], max(wanted // 2, wanted - most[1]))
    return first, min(most[1], wanted - first)


def _cut_out(picture: Floats, matte: Floats, rng: np.random.Generator, check: Callable[[], None]) -> Canvas:
    """The subject as its matte says, the hair along its edge told by colour."""
    fluff, clearance = (max(round(share * max(matte.shape)), 1) for share in (_FLUFF, _CLEARANCE))
    hole = matting.grown(matte > _TRACE, clearance)
    plate = fill.plate(picture, hole, rng, check)
    solid = matting.solid_colour(picture, matte)
    resolved = matting.resolved(picture, matte, plate, solid, fluff) * hole
    return Canvas(picture, resolved, solid, plate, fill_quality(plate, hole))


def _with_ends(canvas: Canvas) -> Canvas:
    """The subject without what its matte loses on its way, which fades into the plate and goes on there."""
    ends = looseness(canvas.matte)
    plate = canvas.plate * (1 - ends[..., None]) + canvas.picture * ends[..., None]
    return replace(canvas, matte=canvas.matte * (1 - ends), plate=plate)


def _apart(picture: Floats, coarse: Floats, rng: np.random.Generator, check: Callable[[], None]) -> Canvas:
    """The subject told from what is behind it: by its detail where that tells, else along the edges of the matte."""
    longest = max(coarse.shape)
    fringe, fluff, clearance = (max(round(share * longest), 1) for share in (_FRINGE, _FLUFF, _CLEARANCE))
    extent = matting.detailed(picture, coarse, max(fringe, 3))
    detailed = bool(extent.any())
    hole = matting.grown(extent, clearance) if detailed else matting.grown(coarse > 0, fluff)
    plate = fill.plate(picture, hole, rng, check)
    if detailed:
        return Canvas(picture, *matting.fluffy(picture, extent, plate, fringe), plate, fill_quality(plate, hole))
    solid = matting.solid_colour(picture, coarse)
    resolved = matting.resolved(picture, coarse, plate, solid, fluff)
    return Canvas(picture, resolved, solid, plate, fill_quality(plate, hole))


def _continued(canvas: Canvas, border: tuple[int, int, int, int], rng: np.random.Generator) -> Canvas:
    """The canvas with what the photograph lacks around it."""
    height, width = canvas.matte.shape
    top, _, left, _ = border
    grain = max(fill.grain_of(canvas.plate, _beside(canvas.matte, border)), _LEAST_GRAIN)
    plate = fill.extended(canvas.plate, border)
    plate = fill.grained(plate, _padded(np.zeros_like(canvas.matte), border, 1.0), grain, rng)
    shown = plate.copy()
    shown[top : top + height, left : left + width] = canvas.picture
    return Canvas(shown, _padded(canvas.matte, border, 0.0), _padded(canvas.solid, border, 0.0), plate, canvas.quality)


def _beside(matte: Floats, border: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """What is not the subject and lies along the edges that are continued, shape (h, w)."""
    height, width = matte.shape
    deep = round(_BESIDE * max(height, width))
    top, bottom, left, right = (deep if side else 0 for side in border)
    beside: NDArray[np.bool_] = matte == 0
    beside[top : height - bottom, left : width - right] = False
    return beside


def _padded(values: Floats, border: tuple[int, int, int, int], value: float) -> Floats:
    return np.asarray(cv2.copyMakeBorder(values, *border, cv2.BORDER_CONSTANT, value=value), np.float32)


def _placed(photo: Rgb8, framing: Framing) -> tuple[PixelSize, Box, tuple[int, int, int, int]]:
    """Size of the photograph's part of the canvas, its box in the photograph, and what is missing around it."""
    bleed, size = framing.bleed_px, framing.size
    x = _line(framing.crop.x, framing.crop.width, size.width, bleed, photo.shape[1])
    y = _line(framing.crop.y, framing.crop.height, size.height, bleed, photo.shape[0])
    inner = PixelSize(size.width + 2 * bleed - x[2] - x[3], size.height + 2 * bleed - y[2] - y[3])
    return inner, (x[0], y[0], x[1], y[1]), (y[2], y[3], x[2], x[3])


def _line(start: int, length: int, size: int, bleed: int, available: int) -> tuple[float, float, int, int]:
    """In one direction: first and last place in the photograph, and pixels of the canvas missing before and after."""
    scale = length / size
    first, last = start - bleed * scale, start + length + bleed * scale
    before = max(int(np.ceil(-first / scale - 1e-6)), 0)
    after = max(int(np.ceil((last - available) / scale - 1e-6)), 0)
    return max(first + before * scale, 0.0), min(last - after * scale, float(available)), before, after


def _matte(picture: Floats, cover: Floats, box: Box, photo: PixelSize, *, drawn: bool) -> Floats:
    """The cover's part over the picture, its edge drawn along the picture's edges."""
    if not cover.any():
        return np.zeros(picture.shape[:2], np.float32)
    height, width = picture.shape[:2]
    grow_x = cover.shape[1] / photo.width * (box[2] - box[0]) / width
    grow_y = cover.shape[0] / photo.height * (box[3] - box[1]) / height
    left, top = box[0] * cover.shape[1] / photo.width, box[1] * cover.shape[0] / photo.height
    place = np.array([[grow_x, 0, left + grow_x / 2 - 0.5], [0, grow_y, top + grow_y / 2 - 0.5]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    source = cover if grow_x <= 1 else cv2.GaussianBlur(cover, (0, 0), grow_x / 2)
    coarse = cv2.warpAffine(source, place, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if drawn:
        return matting.followed(np.asarray(coarse, np.float32), picture, max(round(1.5 / grow_x), 2))
    return matting.refined(np.asarray(coarse, np.float32), picture, max(round(2.5 / grow_x), 3))


def cropped(values: Floats, photo: Rgb8, framing: Framing) -> Floats:
    """A map over the whole photograph, of any size, over the hero without its bleed; continued where the hero is.

    Args:
        values: Shape (h, w).
        photo: The photograph.
        framing: What becomes of it.
    """
    scale_x, scale_y = values.shape[1] / photo.shape[1], values.shape[0] / photo.shape[0]
    grow_x, grow_y = (
        framing.crop.width / framing.size.width * scale_x,
        framing.crop.height / framing.size.height * scale_y,
    )
    place = np.array(
        [
            [grow_x, 0, framing.crop.x * scale_x + grow_x / 2 - 0.5],
            [0, grow_y, framing.crop.y * scale_y + grow_y / 2 - 0.5],
        ],
        np.float64,
    )
    source = values if grow_x <= 1 else cv2.GaussianBlur(values, (0, 0), grow_x / 2)
    size = (framing.size.width, framing.size.height)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(source, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


def subject_rect(matte: Floats, bleed_px: int) -> PixelRect | None:
    """Smallest rectangle, in the hero, around what is mostly subject; None when there is nothing."""
    height, width = matte.shape
    shown = matte[bleed_px : height - bleed_px, bleed_px : width - bleed_px] > 0.5
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    if not rows.size:
        return None
    x, y = int(columns[0]), int(rows[0])
    return PixelRect(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)
