"""Heroes read from the store: bounded, and checked against what the request says of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, PixelSize
from firstframe.core.references import HeroReference, PictureReference
from firstframe.imaging import png
from firstframe.ports.blobstore import BlobStore


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

    image = read(hero.image, hero.size, png.RGB)
    layers = [
        LayerImage(layer.role, read(layer.picture, hero.layer_size, png.RGBA), layer.depth_m) for layer in hero.layers
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
    data = store.get_bytes(reference.digest, max_bytes=png.most_bytes(size, colour_type))
    if len(data) != reference.size_bytes:
        problem = f"says {reference.size_bytes} bytes, the artifact has {len(data)}"
        raise InvalidInput.at(f"{reference.field}.size_bytes", problem, "send the reference as the stage gave it")
    return png.decoded(data, reference.field, size, colour_type)
