"""Reads heroes, their pictures and other files that a request names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey16, HeroPicture, LayerImage, LayerPictures, PixelSize
from firstframe.core.references import HeroReference, PictureReference
from firstframe.imaging import png
from firstframe.ports.blobstore import BlobStore


def read_hero(hero: HeroReference, store: BlobStore, check: Callable[[], None]) -> HeroPicture:
    """Reads all pictures of a hero that are named.

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

    image = read(hero.image, hero.size, png.RGB)
    layers = [
        LayerImage(layer.role, read(layer.picture, hero.layer_size, png.RGBA), layer.depth_m) for layer in hero.layers
    ]
    return HeroPicture(
        image=image,
        layers=LayerPictures(tuple(layers), hero.bleed_px, hero.horizontal_fov_deg, hero.confidence),
        inverse_depth=_read_depth(hero, store, check),
        matte=read(hero.matte, hero.size, png.GREY) if hero.matte else None,
        subject=hero.subject,
        objects=read(hero.objects, hero.size, png.GREY) if hero.objects else None,
        object_names=hero.object_names,
        regions={name: read(mask, hero.size, png.GREY) for name, mask in hero.regions},
    )


def _read_depth(hero: HeroReference, store: BlobStore, check: Callable[[], None]) -> Grey16 | None:
    if hero.inverse_depth is None:
        return None
    check()
    data = read_file(store, hero.inverse_depth, png.most_bytes(hero.size, png.GREY, 16))
    return png.decoded_grey16(data, hero.inverse_depth.field, hero.size)


def read_png(store: BlobStore, reference: PictureReference, size: PixelSize, colour_type: int) -> NDArray[np.uint8]:
    """A picture, shape (height, width) for grey, else (height, width, 3 or 4), RGB or RGBA.

    Raises:
        InvalidInput: It is no PNG of that size with 8 bits and those channels, or its length is not what was said.
    """
    data = read_file(store, reference, png.most_bytes(size, colour_type))
    return png.decoded(data, reference.field, size, colour_type)


def read_file(
    store: BlobStore, reference: PictureReference, most: int, fix: str = "send the reference as the stage gave it"
) -> bytes:
    """The bytes of a file that a request names.

    Args:
        store: Where it is.
        reference: What is said of it.
        most: Its greatest length in bytes.
        fix: What to do about a length that is not true.

    Raises:
        InvalidInput: Its length is not what was said. Else raises as `BlobStore.get_bytes`.
    """
    data = store.get_bytes(reference.digest, max_bytes=most)
    if len(data) != reference.size_bytes:
        problem = f"says {reference.size_bytes} bytes, the artifact has {len(data)}"
        raise InvalidInput.at(f"{reference.field}.size_bytes", problem, fix)
    return data
