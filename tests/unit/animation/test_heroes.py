"""Heroes are read as the request describes them, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from firstframe.adapters.memory import MemoryStore
from firstframe.animation.heroes import read_hero, read_masks, read_set
from firstframe.core.errors import InvalidInput
from firstframe.core.media import LayerRole, PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, single
from firstframe.core.references import HeroReference, LayerReference, PictureReference

SIZE, BLEED = PixelSize(24, 16), 2
RNG = np.random.default_rng(3)


def idle() -> None:
    pass


class Shelf:
    """A store with the pictures of a hero."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def put(self, picture: np.ndarray, field: str = "hero.image") -> PictureReference:
        data = cv2.imencode(".png", picture)[1].tobytes()
        return PictureReference(field, self.store.put_bytes(data, "image/png").digest, len(data))

    def layer(self, role: LayerRole, alpha: int, depth_m: float) -> LayerReference:
        rgba = RNG.integers(0, 256, (SIZE.height + 2 * BLEED, SIZE.width + 2 * BLEED, 4), np.uint8)
        rgba[..., 3] = alpha
        return LayerReference(role, self.put(rgba, "hero.layers.layers[0].image"), depth_m)

    def hero(self) -> HeroReference:
        return HeroReference(
            image=self.put(RNG.integers(0, 256, (SIZE.height, SIZE.width, 3), np.uint8)),
            size=SIZE,
            layers=(self.layer(LayerRole.BACKGROUND, 255, 3.0), self.layer(LayerRole.SUBJECT, 90, 1.0)),
            bleed_px=BLEED,
            horizontal_fov_deg=40.0,
            confidence=0.9,
            subject=None,
            matte=self.put(np.full((SIZE.height, SIZE.width), 9, np.uint8), "hero.matte"),
            inverse_depth=self.put(np.full((SIZE.height, SIZE.width), 40000, np.uint16), "hero.inverse_depth"),
            regions=(("water", self.put(np.full((SIZE.height, SIZE.width), 70, np.uint8), "hero.regions[0].mask")),),
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_hero_is_what_was_stored(shelf: Shelf) -> None:
    checked: list[int] = []
    found = read_hero(shelf.hero(), shelf.store, lambda: checked.append(1))
    assert found.image.shape == (SIZE.height, SIZE.width, 3)
    assert [layer.rgba[0, 0, 3] for layer in found.layers.layers] == [255, 90]
    assert (found.layers.bleed_px, found.layers.confidence) == (BLEED, 0.9)
    assert found.matte is not None
    assert found.inverse_depth is not None
    assert (found.matte[0, 0], found.inverse_depth[0, 0], found.regions["water"][0, 0]) == (9, 40000, 70)
    assert len(checked) == 6, "asked before each picture whether anybody still wants it"


WRONG: dict[str, tuple[Callable[[Shelf, HeroReference], HeroReference], str]] = {
    "a length that is not the file's": (
        lambda _, hero: replace(hero, image=replace(hero.image, size_bytes=hero.image.size_bytes + 1)),
        "hero.image.size_bytes",
    ),
    "a size that is not the picture's": (lambda _, hero: replace(hero, size=PixelSize(25, 16)), "hero.image"),
    "a bleed that is not the layers'": (
        lambda _, hero: replace(hero, bleed_px=3),
        "hero.layers.layers[0].image",
    ),
    "a background with holes": (
        lambda shelf, hero: replace(hero, layers=(shelf.layer(LayerRole.BACKGROUND, 254, 3.0), hero.layers[1])),
        "hero.layers.layers[0].image",
    ),
    "a matte in colours": (lambda _, hero: replace(hero, matte=replace(hero.image, field="hero.matte")), "hero.matte"),
    "a region in colours": (
        lambda _, hero: replace(hero, regions=(("sky", replace(hero.image, field="hero.regions[0].mask")),)),
        "hero.regions[0].mask",
    ),
    "a depth of eight bits": (
        lambda _, hero: replace(hero, inverse_depth=hero.matte and replace(hero.matte, field="hero.inverse_depth")),
        "hero.inverse_depth",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_as_it_is_said_to_be_is_refused(shelf: Shelf, name: str) -> None:
    change, field = WRONG[name]
    with pytest.raises(InvalidInput) as caught:
        read_hero(change(shelf, shelf.hero()), shelf.store, idle)
    assert caught.value.metadata["field"] == field


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


def test_a_hero_of_nobody_s_set_has_none(shelf: Shelf) -> None:
    hero = shelf.hero()
    assert read_set(hero, shelf.store) is None
    with pytest.raises(InvalidInput) as caught:
        read_set(replace(hero, scene=replace(hero.image, field="hero.scene")), shelf.store)
    assert caught.value.metadata["field"] == "hero.scene"
