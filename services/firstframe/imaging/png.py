"""PNG files that a hero is made of: decoded only when their header promises what is expected."""

from __future__ import annotations

import struct

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize

GREY, RGB, RGBA = 0, 2, 6
"""Colour types of PNG (ISO/IEC 15948:2004, 11.2.2)."""
OVERHEAD_BYTES = 1 << 20
"""More than the filters and chunks of an incompressible picture add to its pixels."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES = 26
_CHANNELS = {GREY: 1, RGB: 3, RGBA: 4}
_NAMES = {GREY: "grey", RGB: "RGB", RGBA: "RGBA"}


def most_bytes(size: PixelSize, colour_type: int, bits: int = 8) -> int:
    """Length that no PNG of that size with so many bits exceeds."""
    return size.pixels * _CHANNELS[colour_type] * bits // 8 + size.height + OVERHEAD_BYTES


def size_of(data: bytes, field: str) -> PixelSize:
    """The size that the header of a PNG tells; nothing is decoded.

    Raises:
        InvalidInput: It is no PNG.
    """
    width, height, _, _ = _header(data, field)
    return PixelSize(width, height)


def decoded_grey16(data: bytes, field: str, size: PixelSize) -> NDArray[np.uint16]:
    """A map, shape (height, width), 0 to 65535.

    Args:
        data: The file.
        field: Field of the request to name in errors.
        size: Size that it must have.

    Raises:
        InvalidInput: It is no grey PNG of that size with 16 bits.
    """
    _check_header(data, field, size, GREY, 16)
    levels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if levels is None or levels.shape != (size.height, size.width):
        raise InvalidInput.at(field, "cannot be decoded as PNG", "make the hero again")
    return np.asarray(levels, np.uint16)


def decoded(data: bytes, field: str, size: PixelSize, colour_type: int) -> NDArray[np.uint8]:
    """A picture, shape (height, width) for grey, else (height, width, 3 or 4), RGB or RGBA.

    Args:
        data: The file.
        field: Field of the request to name in errors.
        size: Size that it must have.
        colour_type: `GREY`, `RGB` or `RGBA`.

    Raises:
        InvalidInput: It is no PNG of that size with 8 bits and those channels.
    """
    _check_header(data, field, size, colour_type, 8)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    channels = _CHANNELS[colour_type]
    shape = (size.height, size.width) if channels == 1 else (size.height, size.width, channels)
    if picture is None or picture.shape != shape:
        raise InvalidInput.at(field, "cannot be decoded as PNG", "make the hero again")
    if channels == 1:
        return np.asarray(picture, np.uint8)
    order = cv2.COLOR_BGR2RGB if channels == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(picture, order), np.uint8)


def _check_header(data: bytes, field: str, size: PixelSize, colour_type: int, bits: int) -> None:
    """Decoding starts only when the header promises what is expected, so that no small file becomes a huge picture."""
    width, height, depth, colours = _header(data, field)
    if (width, height) != (size.width, size.height):
        raise InvalidInput.at(
            field, f"is {PixelSize(width, height)} pixels, not {size}", "check hero.size and bleed_px"
        )
    if (depth, colours) != (bits, colour_type):
        raise InvalidInput.at(field, f"is not {_NAMES[colour_type]} of {bits} bits", "convert it")


def _header(data: bytes, field: str) -> tuple[int, int, int, int]:
    """Width, height, bits and colour type."""
    if len(data) < _HEADER_BYTES or not data.startswith(_SIGNATURE) or data[12:16] != b"IHDR":
        raise InvalidInput.at(field, "is not a PNG", "send the reference as the stage gave it")
    width, height, bits, colours = struct.unpack(">IIBB", data[16:26])
    return width, height, bits, colours
