"""Picture files of strangers: looked at by their header, decoded within bounds, rid of everything but their pixels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps

from firstframe.adapters.picture_kinds import HEAD_BYTES, foreign, kind_of
from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, PixelSize, Rgb8, Rgba8

FIELD = "photograph.image"
MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 80_000_000
MAX_SIDE = 30_000
MIN_SIDE = 64
MAX_CUT_OUT_SIDE = 4096
"""Longest side of a cut-out as it is worked on, pixels; no set shows more of one."""

_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff"}
_USE = "use a JPEG, PNG, WebP or TIFF photograph"
_ORIENTATION = 0x0112
# What Pillow raises on broken files, apart from its own UnidentifiedImageError, which is an OSError.
_BROKEN = (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError, struct.error, zlib.error)


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the header of a picture file says."""

    media_type: str
    size: PixelSize
    """As the picture is shown: orientation applied."""


def inspect(source: Path | bytes, *, field: str = "", least_px: int = MIN_SIDE) -> PictureFacts:
    """Checks a picture file by its header; no pixel is decoded, so a file that is cut off later may pass.

    Args:
        source: The file, or its bytes.
        field: Field to name in errors; empty when the caller names the file itself.
        least_px: Shortest side that is of use.

    Raises:
        InvalidInput: It is not a still JPEG, PNG, WebP or TIFF of usable size; the message says what to do.
        OSError: The file cannot be read.
    """
    with _opened(source) as stream:
        return _facts(_header(stream, field), field, least_px)


def decode(data: bytes, *, field: str = FIELD) -> Rgb8:
    """Decodes a picture file to 8-bit sRGB.

    Orientation is applied, an embedded colour profile converted, transparency laid on white, 16 bits rounded to 8, and
    all metadata dropped. A profile that is broken, or not of the picture's kind, is ignored.

    Args:
        data: The file.
        field: Field to name in errors.

    Raises:
        InvalidInput: As `inspect`; also when the file is cut off or damaged.
    """
    colour, alpha = _planes(loaded(data, field))
    if alpha is not None:
        colour = Image.composite(colour, Image.new("RGB", colour.size, "white"), alpha)
    return np.array(colour, np.uint8)


def decode_mark(data: bytes, *, field: str = FIELD) -> Rgba8:
    """Decodes a mark: a picture with transparency, in sRGB.

    Args:
        data: The file.
        field: Field to name in errors.

    Returns:
        Shape (h, w, 4), alpha not multiplied in.

    Raises:
        InvalidInput: As `decode`; also when there is no transparency.
    """
    colour, alpha = _planes(loaded(data, field))
    if alpha is None:
        raise wrong(field, "has no transparency", "export the mark as a PNG without its ground")
    return np.dstack([np.array(colour, np.uint8), np.array(alpha, np.uint8)])


def decode_cut_out(data: bytes, *, field: str = FIELD) -> tuple[Rgb8, Grey8 | None]:
    """Decodes a picture file to 8-bit sRGB with its transparency; a larger one is shrunk to `MAX_CUT_OUT_SIDE`.

    Args:
        data: The file.
        field: Field to name in errors.

    Returns:
        Colour, shape (h, w, 3), not multiplied with the transparency; alpha, shape (h, w), None where there is none or all is
        opaque.

    Raises:
        InvalidInput: As `decode`.
    """
    colour, alpha = _at_most(*_planes(loaded(data, field)), MAX_CUT_OUT_SIDE)
    levels = None if alpha is None else np.array(alpha, np.uint8)
    return np.array(colour, np.uint8), None if levels is None or levels.min() == 255 else levels


def loaded(data: bytes, field: str) -> Image.Image:
    """A picture with all its pixels, upright, in its own mode.

    Raises:
        InvalidInput: As `inspect`; also when the file is cut off or damaged, or has floating-point pixels.
    """
    with _opened(data) as stream:
        picture = _header(stream, field)
        _facts(picture, field)
        try:
            picture.load()
        except (*_BROKEN, MemoryError) as error:
            raise wrong(field, f"is cut off or damaged ({error})", "export it again") from None
        if picture.mode == "F" or (picture.mode == "I" and picture.format == "TIFF"):
            raise wrong(field, "has 32 bits per channel", "save it with 8 or 16 bits")
        return _upright(picture)


@contextmanager
def _opened(source: Path | bytes) -> Iterator[BinaryIO]:
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        yield stream


def _header(stream: BinaryIO, field: str) -> ImageFile.ImageFile:
    """The picture with its header read, within all bounds."""
    length = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if length == 0:
        raise wrong(field, "is an empty file", _USE)
    if length > MAX_BYTES:
        raise wrong(field, f"has {length / 2**20:.0f} MiB", "use a file of at most 64 MiB")
    head = stream.read(HEAD_BYTES)
    kind = kind_of(head)
    if kind not in _MEDIA_TYPES:
        raise wrong(field, f"is {kind}", _USE)
    stream.seek(max(length - HEAD_BYTES, 0))
    hidden = foreign(head, stream.read(HEAD_BYTES))
    if hidden:
        raise wrong(field, f"is a {kind} with {hidden} in it", "export it again")
    stream.seek(0)
    return _parsed(stream, kind, field)


def _parsed(stream: BinaryIO, kind: str, field: str) -> ImageFile.ImageFile:
    # Not Image.open: it warns of large pictures process-wide, before their size can be asked for.
    Image.init()
    try:
        picture = Image.OPEN[kind][0](stream, "")
    except (*_BROKEN, Image.DecompressionBombError) as error:
        problem = f"begins like a {kind} but has no valid header ({error})"
        raise wrong(field, problem, "export it again") from None
    assert isinstance(picture, ImageFile.ImageFile)  # noqa: S101 - every plugin of Pillow that reads files
    return picture


def _facts(picture: ImageFile.ImageFile, field: str, least_px: int = MIN_SIDE) -> PictureFacts:
    width, height = picture.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        problem = f"is {width}×{height} pixels"
        raise wrong(field, problem, f"use at most 80 megapixels and {MAX_SIDE} pixels a side")
    if min(width, height) < least_px:
        raise wrong(field, f"is {width}×{height} pixels", f"use a picture of at least {least_px} pixels a side")
    _check_still(picture, field)
    if _turned(picture):
        width, height = height, width
    kind = "JPEG" if picture.format == "MPO" else str(picture.format)
    return PictureFacts(_MEDIA_TYPES[kind], PixelSize(width, height))


def _check_still(picture: ImageFile.ImageFile, field: str) -> None:
    # Phones put a second view or a gain map behind a JPEG (MPO); the first picture is the photograph.
    if picture.format == "MPO":
        return
    try:
        count = getattr(picture, "n_frames", 1)
    except _BROKEN as error:
        raise wrong(field, f"is damaged ({error})", "export it again") from None
    if count > 1:
        what = "pages" if picture.format == "TIFF" else "frames"
        raise wrong(field, f"has {count} {what}", "save the one that you want as a still picture")


def _turned(picture: ImageFile.ImageFile) -> bool:
    """Whether width and height change places when the picture is shown; Pillow does it for TIFF by itself."""
    return picture.format != "TIFF" and _orientation(picture) in (5, 6, 7, 8)


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except (*_BROKEN, Warning):  # Pillow warns of damaged metadata; where warnings are errors, it is ignored as well
        return 1


def _upright(picture: Image.Image) -> Image.Image:
    if _orientation(picture) == 1:
        return picture
    return ImageOps.exif_transpose(picture)


def _planes(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colour in sRGB, and transparency where there is any."""
    if picture.mode.startswith("I"):
        picture = _eight_bits(picture)
    profile = picture.info.get("icc_profile")
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    return _srgb(_without_alpha(picture), profile), alpha


def _at_most(colour: Image.Image, alpha: Image.Image | None, longest: int) -> tuple[Image.Image, Image.Image | None]:
    """Both planes, shrunk where they are longer; what is transparent gives nothing to the colour of its neighbours."""
    scale = longest / max(colour.size)
    if scale >= 1:
        return colour, alpha
    size = max(round(colour.width * scale), 1), max(round(colour.height * scale), 1)
    if alpha is None:
        return colour.resize(size, Image.Resampling.BOX), None
    colour.putalpha(alpha)  # Pillow multiplies RGBA with its alpha before it resizes
    small = colour.resize(size, Image.Resampling.BOX)
    return small.convert("RGB"), small.getchannel("A")


def _without_alpha(picture: Image.Image) -> Image.Image:
    plain = {"RGBA": "RGB", "RGBX": "RGB", "LA": "L", "1": "L"}
    return picture.convert(plain[picture.mode]) if picture.mode in plain else picture


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A 16-bit grey picture with 8 bits, rounded; Pillow's own conversion clips."""
    levels = np.clip(np.asarray(picture).astype(np.float32) / 257, 0, 255)
    small = Image.fromarray(np.rint(levels).astype(np.uint8))
    small.info = {key: value for key, value in picture.info.items() if key == "icc_profile"}
    return small


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB, by its profile where it has a fitting one."""
    if picture.mode == "LAB":
        return _converted(picture, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    spaces = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
    if profile and picture.mode in spaces:
        try:
            opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if opened.profile.xcolor_space == spaces[picture.mode]:
                return _converted(picture, opened)
        except (ImageCms.PyCMSError, *_BROKEN):
            pass
    return picture.convert("RGB")


def _converted(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(
        picture,
        profile,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return picture.convert("RGB") if converted is None else converted


def wrong(field: str, problem: str, fix: str) -> InvalidInput:
    """What is wrong with a file, with its field where there is one."""
    return InvalidInput.at(field, problem, fix) if field else InvalidInput(f"{problem}; {fix}")
