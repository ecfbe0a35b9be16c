"""Heroes read from the store: bounded, and checked against what the request says of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, Grey16, HeroPicture, LayerImage, LayerPictures, PixelSize
from firstframe.core.motion import Motion
from firstframe.core.references import HeroReference, PictureReference
from firstframe.imaging import png
from firstframe.ports.blobstore import BlobStore
from firstframe.sets.description import MAX_BYTES, described
from firstframe.sets.requests import SetRequest


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
        inverse_depth=_read_depth(hero, store, check),
        matte=read(hero.matte, hero.size, png.GREY) if hero.matte else None,
        subject=hero.subject,
        objects=read(hero.objects, hero.size, png.GREY) if hero.objects else None,
        object_names=hero.object_names,
        regions={name: read(mask, hero.size, png.GREY) for name, mask in hero.regions},
    )


def read_masks(
    motion: Motion, size: PixelSize, store: BlobStore, check: Callable[[], None]
) -> tuple[Grey8 | None, ...]:
    """The owner's mask of each atmosphere of a motion, None where there is none.

    Args:
        motion: What asks for them.
        size: The hero's.
        store: Where from.
        check: Called before each picture; raises to stop.

    Raises:
        InvalidInput: A mask is no grey PNG of that size. Else raises as `BlobStore.get_bytes`.
    """
    masks = []
    for air in motion.airs:
        check()
        masks.append(read_png(store, air.mask, size, png.GREY) if air.mask else None)
    return tuple(masks)


def _read_depth(hero: HeroReference, store: BlobStore, check: Callable[[], None]) -> Grey16 | None:
    if hero.inverse_depth is None:
        return None
    check()
    data = _bytes(store, hero.inverse_depth, png.most_bytes(hero.size, png.GREY, 16))
    return png.decoded_grey16(data, hero.inverse_depth.field, hero.size)


def read_set(hero: HeroReference, store: BlobStore) -> SetRequest | None:
    """How the hero's set was built; None where nobody said it.

    Raises:
        InvalidInput: It is no description of a set of this version. Else raises as `BlobStore.get_bytes`.
    """
    if hero.scene is None:
        return None
    return described(store.get_bytes(hero.scene.digest, max_bytes=MAX_BYTES), field=hero.scene.field)


def read_png(store: BlobStore, reference: PictureReference, size: PixelSize, colour_type: int) -> NDArray[np.uint8]:
    """A picture, shape (height, width) for grey, else (height, width, 3 or 4), RGB or RGBA.

    Raises:
        InvalidInput: It is no PNG of that size with 8 bits and those channels, or its length is not what was said.
    """
    data = _bytes(store, reference, png.most_bytes(size, colour_type))
    return png.decoded(data, reference.field, size, colour_type)


def _bytes(store: BlobStore, reference: PictureReference, most: int) -> bytes:
    data = store.get_bytes(reference.digest, max_bytes=most)
    if len(data) != reference.size_bytes:
        problem = f"says {reference.size_bytes} bytes, the artifact has {len(data)}"
        raise InvalidInput.at(f"{reference.field}.size_bytes", problem, "send the reference as the stage gave it")
    return data
