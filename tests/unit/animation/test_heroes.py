"""What a motion needs of the store is read as the request describes it, or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firstframe.animation.heroes import read_layered, read_masks, read_set
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import LayerRole, PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, single
from firstframe.core.references import PictureReference
from firstframe.core.solids import Part, Solid
from firstframe.sets.description import ModelNote, describe
from firstframe.sets.product_mesh import Finish, ModelProduct
from firstframe.sets.requests import SetRequest
from support.stored_heroes import SIZE, Shelf


def idle() -> None:
    pass


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_background_with_holes_is_refused(shelf: Shelf) -> None:
    hero = shelf.hero()
    assert read_layered(hero, shelf.store, idle).layers.bleed_px == hero.bleed_px
    holed = replace(hero, layers=(shelf.layer(LayerRole.BACKGROUND, 254, 3.0), hero.layers[1]))
    with pytest.raises(InvalidInput, match="not opaque everywhere") as caught:
        read_layered(holed, shelf.store, idle)
    assert caught.value.metadata["field"] == "hero.layers.layers[0].image"


def test_masks_come_with_their_atmospheres(shelf: Shelf) -> None:
    drawn = shelf.put(np.full((SIZE.height, SIZE.width), 7, np.uint8), "motion.airs[1].mask")
    motion = single(CameraMove.PUSH, 0.5, Air(Atmosphere.DUST), Air(Atmosphere.WATER, mask=drawn))
    none, mask = read_masks(motion, SIZE, shelf.store, idle)
    assert none is None
    assert mask is not None
    assert (mask == 7).all()
    with pytest.raises(InvalidInput) as caught:
        read_masks(motion, PixelSize(16, 24), shelf.store, idle)
    assert caught.value.metadata["field"] == "motion.airs[1].mask"


def decoded(data: bytes, *, field: str) -> Solid:
    assert field == "hero.scene"
    assert data == b"a mesh"
    return Solid((Part(np.eye(3), np.array([[0, 1, 2]], np.int32)),))


def test_a_hero_of_nobody_s_set_has_none(shelf: Shelf) -> None:
    hero = shelf.hero()
    assert read_set(hero, shelf.store, decoded) is None
    with pytest.raises(InvalidInput) as caught:
        read_set(replace(hero, scene=replace(hero.image, field="hero.scene")), shelf.store, decoded)
    assert caught.value.metadata["field"] == "hero.scene"


def test_a_model_on_a_set_is_read_from_the_store(shelf: Shelf) -> None:
    digest = shelf.store.put_bytes(b"a mesh", "model/obj").digest
    note = ModelNote(digest, 6, "y", 0.0, 0.0, Finish())
    made = SetRequest("water", "amber-dusk", "", "", SIZE, 7, Quality.DRAFT)
    words = describe(made, note)
    assert words is not None
    reference = PictureReference("hero.scene", shelf.store.put_bytes(words, "json").digest, len(words))

    found = read_set(replace(shelf.hero(), scene=reference), shelf.store, decoded)

    assert found is not None
    assert isinstance(found.product, ModelProduct)
    assert found.product.solid.parts[0].faces.shape == (1, 3)
