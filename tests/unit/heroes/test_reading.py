"""Heroes and files are read as the request describes them, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from firstframe.core.errors import FirstframeError, InvalidInput
from firstframe.core.media import PixelSize
from firstframe.core.references import HeroReference
from firstframe.heroes.reading import read_file, read_hero
from support.stored_heroes import BLEED, SIZE, Shelf


def idle() -> None:
    pass


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
    assert found.objects is not None
    assert (found.matte[0, 0], found.inverse_depth[0, 0], found.objects[0, 0]) == (9, 40000, 2)
    assert found.regions["water"][0, 0] == 70
    assert found.object_names == ("floor", "label")
    assert len(checked) == 7, "asked before each picture whether anybody still wants it"


def test_pictures_that_are_not_named_are_not_read(shelf: Shelf) -> None:
    bare = replace(shelf.hero(), matte=None, inverse_depth=None, objects=None, regions=())
    checked: list[int] = []
    found = read_hero(bare, shelf.store, lambda: checked.append(1))
    assert (found.matte, found.inverse_depth, found.objects, found.regions, len(checked)) == (None, None, None, {}, 3)


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


def test_the_words_for_a_wrong_length_are_the_caller_s(shelf: Shelf) -> None:
    image = shelf.hero().image
    with pytest.raises(InvalidInput, match=f"says 1 bytes, the artifact has {image.size_bytes}; look again"):
        read_file(shelf.store, replace(image, size_bytes=1), image.size_bytes, "look again")


def test_a_file_is_read_no_further_than_it_may_be_long(shelf: Shelf) -> None:
    image = shelf.hero().image
    assert len(read_file(shelf.store, image, image.size_bytes)) == image.size_bytes
    with pytest.raises(FirstframeError, match="bytes"):
        read_file(shelf.store, image, image.size_bytes - 1)
