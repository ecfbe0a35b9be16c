"""Heroes read from the store: bounded, and checked against what the request says of them."""

from __future__ import annotations

import struct
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.animation.decode import HeroReference, PictureReference
from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, PixelSize
from firstframe.ports.blobstore import BlobStore

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES = 26
_RGB, _RGBA = 2, 6
"""Colour types of PNG (ISO/IEC 15948:2004, 11.2.2)."""
_CHANNELS = {_RGB: 3, _RGBA: 4}
_OVERHEAD_BYTES = 1 << 20
"""More than the filters and chunks of an incompressible picture add to its pixels."""


def read_hero(hero: HeroReference, store: BlobStore, check: Callable[[], None]) -> HeroPicture:
    """Reads a hero's pictures.

    Args:
        hero: What to read.
        store: Where from.
        check: Called before each picture; raises to stop.

    Raises:
        InvalidInput: A picture is not the PNG that the request says it is. Else raises as `BlobStore.get_bytes`.
    """

    def read(reference: PictureReference, size: PixelSize, colour_type: int) -> NDArray[np.uint8]:
        check()
        return read_png(store, reference, size, colour_type)

    image = read(hero.image, hero.size, _RGB)
    layers = [
        LayerImage(layer.role, read(layer.picture, hero.layer_size, _RGBA), layer.depth_m) for layer in hero.layers
    ]
    if layers[0].rgba[..., 3].min() < 255:
        field = hero.layers[0].picture.field
        raise InvalidInput.at(field, "the farthest layer is not opaque everywhere", "fill it in behind nearer layers")
    return HeroPicture(
        image=image,
        layers=LayerPictures(tuple(layers), hero.bleed_px, hero.horizontal_fov_deg, hero.confidence),
        inverse_depth=None,
        matte=None,
        subject=hero.subject,
    )


def read_png(store: BlobStore, reference: PictureReference, size: PixelSize, colour_type: int) -> NDArray[np.uint8]:
    """A picture, shape (height, width, 3 or 4), RGB or RGBA.

    Raises:
        InvalidInput: It is no PNG of that size with 8 bits and those channels, or its length is not what was said.
    """
    channels = _CHANNELS[colour_type]
    data = store.get_bytes(reference.digest, max_bytes=size.pixels * channels + size.height + _OVERHEAD_BYTES)
    if len(data) != reference.size_bytes:
        problem = f"says {reference.size_bytes} bytes, the artifact has {len(data)}"
        raise InvalidInput.at(f"{reference.field}.size_bytes", problem, "send the reference as the stage gave it")
    _check_header(data, reference.field, size, colour_type)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.shape != (size.height, size.width, channels):
        raise InvalidInput.at(reference.field, "cannot be decoded as PNG", "make the hero again")
    order = cv2.COLOR_BGR2RGB if channels == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(picture, order), np.uint8)


def _check_header(data: bytes, field: str, size: PixelSize, colour_type: int) -> None:
    """Decoding starts only when the header promises what is expected, so that no small file becomes a huge picture."""
    if len(data) < _HEADER_BYTES or not data.startswith(_SIGNATURE) or data[12:16] != b"IHDR":
        raise InvalidInput.at(field, "is not a PNG", "send the reference as the stage gave it")
    width, height, depth, colours = struct.unpack(">IIBB", data[16:26])
    if (width, height) != (size.width, size.height):
        raise InvalidInput.at(
            field, f"is {PixelSize(width, height)} pixels, not {size}", "check hero.size and bleed_px"
        )
    if (depth, colours) != (8, colour_type):
        kind = "RGB" if colour_type == _RGB else "RGBA"
        raise InvalidInput.at(field, f"is not {kind} of 8 bits", "convert it")
