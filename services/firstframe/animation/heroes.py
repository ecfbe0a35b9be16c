"""What a motion needs of the store: a hero whose layers can part, masks, how a set was built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, HeroPicture, PixelSize
from firstframe.core.motion import Motion
from firstframe.core.references import HeroReference
from firstframe.core.solids import Solid
from firstframe.heroes.reading import read_hero, read_png
from firstframe.imaging import png
from firstframe.ports.blobstore import BlobStore
from firstframe.sets.description import MAX_BYTES, ModelNote, described
from firstframe.sets.requests import SetRequest


class DecodeMesh(Protocol):
    """Decodes the file of a model."""

    def __call__(self, data: bytes, *, field: str) -> Solid:
        """See `firstframe.adapters.meshes.decode_mesh`."""


def read_layered(hero: HeroReference, store: BlobStore, check: Callable[[], None]) -> HeroPicture:
    """Reads a hero whose farthest layer shows wherever nearer ones move away.

    Args:
        hero: What to read.
        store: Where from.
        check: Called before each picture; raises to stop.

    Raises:
        InvalidInput: As `read_hero`; or the farthest layer is not opaque everywhere. Else raises as `BlobStore.get_bytes`.
    """
    read = read_hero(hero, store, check)
    if read.layers.layers[0].rgba[..., 3].min() < 255:
        field = hero.layers[0].picture.field
        raise InvalidInput.at(field, "the farthest layer is not opaque everywhere", "fill it in behind nearer layers")
    return read


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


def read_set(hero: HeroReference, store: BlobStore, decode_mesh: DecodeMesh) -> SetRequest | None:
    """How the hero's set was built; None where nobody said it.

    Args:
        hero: What to read.
        store: Where from.
        decode_mesh: Decodes the model of a caller that stands on it.

    Raises:
        InvalidInput: It is no description of a set of this version, or its model is none. Else raises as `BlobStore.get_bytes`.
    """
    if hero.scene is None:
        return None
    field = hero.scene.field

    def read_mesh(model: ModelNote) -> Solid:
        return decode_mesh(store.get_bytes(model.digest, max_bytes=model.size_bytes), field=field)

    data = store.get_bytes(hero.scene.digest, max_bytes=MAX_BYTES)
    return described(data, field=field, read_mesh=read_mesh)
