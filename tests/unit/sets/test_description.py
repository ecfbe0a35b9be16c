"""A set that was written down is the same set; what is none, or of another version, is refused by its name."""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.core.solids import Part, Solid
from firstframe.sets.brands import Brand, BrandColours
from firstframe.sets.description import ModelNote, describe, described
from firstframe.sets.product_mesh import Finish, ModelProduct
from firstframe.sets.requests import VERSION, SetRequest

PLAIN = SetRequest(
    "water", "amber-dusk", "First Light", "serum", PixelSize(640, 360), 2**32 - 1, Quality.FINE, staging=2
)
MARK = np.random.default_rng(1).integers(0, 256, (9, 14, 4)).astype(np.uint8)
COLOURS = BrandColours("#101010", "#202020", "#303030", "#f0f0f0", "#0a0a0a")


NOTE = ModelNote("sha256:" + "a" * 64, 1234, "z", 30.0, 0.18, Finish("gloss", "lacquer"))
SOLID = Solid((Part(np.eye(3), np.array([[0, 1, 2]], np.int32)),))


def nothing(_: ModelNote) -> Solid:
    raise AssertionError("no model is named")


def written(request: SetRequest) -> bytes:
    data = describe(request)
    assert data is not None
    return data


def test_a_set_is_the_same_again() -> None:
    assert described(written(PLAIN), field="hero.scene", read_mesh=nothing) == PLAIN


def test_a_brand_and_its_mark_are_the_same_again() -> None:
    brand = Brand(COLOURS, "lato", 0.5, MARK)
    found = described(written(replace(PLAIN, brand=brand)), field="hero.scene", read_mesh=nothing).brand
    assert found is not None
    assert (found.colours, found.font, found.clear_space) == (COLOURS, "lato", 0.5)
    assert found.mark is not None
    np.testing.assert_array_equal(found.mark, MARK)
    bare = described(
        written(replace(PLAIN, brand=replace(brand, mark=None))), field="hero.scene", read_mesh=nothing
    ).brand
    assert bare is not None
    assert bare.mark is None


def test_a_cut_out_is_not_written_down() -> None:
    product: Any = object()
    assert describe(replace(PLAIN, product=product)) is None


def test_a_model_is_written_down_by_its_file_and_stands_there_again() -> None:
    asked: list[ModelNote] = []
    data = describe(replace(PLAIN, product=NOTE.product(SOLID)), NOTE)
    assert data is not None
    found = described(data, field="hero.scene", read_mesh=lambda note: (asked.append(note), SOLID)[1])
    assert asked == [NOTE]
    assert isinstance(found.product, ModelProduct)
    assert (found.product.solid, found.product.up, found.product.turn_deg) == (SOLID, "z", 30.0)
    assert (found.product.height_m, found.product.finish) == (0.18, NOTE.finish)
    assert replace(found, product=None) == PLAIN


def test_the_same_set_has_the_same_bytes() -> None:
    assert written(PLAIN) == written(replace(PLAIN))
    assert written(PLAIN) != written(replace(PLAIN, staging=0))


def changed(**values: object) -> bytes:
    return json.dumps(json.loads(written(PLAIN)) | values).encode()


def branded(**values: object) -> bytes:
    brand = json.loads(written(replace(PLAIN, brand=Brand(COLOURS, "lato", 0.5, MARK))))["brand"]
    return changed(brand=brand | values)


def with_model(**values: object) -> bytes:
    data = describe(replace(PLAIN, product=NOTE.product(SOLID)), NOTE)
    assert data is not None
    found = json.loads(data)
    return json.dumps(found | {"model": found["model"] | values}).encode()


def huge_mark() -> str:
    """Some bytes whose header promises more pixels than fit into memory."""
    text = json.loads(branded())["brand"]["mark"]
    data = base64.b64decode(text)
    return base64.b64encode(data[:16] + struct.pack(">II", 2**20, 2**20) + data[24:]).decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no description"),
        (b"\xff\xfe", "is no description"),
        (b"[]", "is no description"),
        (b"{}", "is no description"),
        (changed(version="0"), f"version '0' of the sets, and this server builds version {VERSION}"),
        (changed(size=[640]), "is damaged|is a damaged"),
        (changed(quality="best"), "is a damaged"),
        (changed(seed=None), "is a damaged"),
        (changed(brand={"ground": "#000000"}), "is a damaged"),
        (b"[" * 100_000, "is no description"),
        (changed(seed=float("inf")), "is a damaged"),
        (changed(seed=-1), "is a damaged"),
        (changed(copy="x" * 25), "is a damaged"),
        (changed(tagline="x" * 41), "is a damaged"),
        (changed(scene="moon"), "is not a scene"),
        (changed(palette="brand-day"), "made of a brand's colours"),
        (changed(staging=100), "out of range"),
        (changed(model={}), "is a damaged"),
        (changed(model=None), "is a damaged"),
        (with_model(up="x"), "is a damaged"),
        (with_model(turn_deg=361), "is a damaged"),
        (with_model(turn_deg=float("nan")), "is a damaged"),
        (with_model(height_m=2.0), "is a damaged"),
        (with_model(material="wood"), "wood"),
        (with_model(size_bytes=2**40), "hero.scene"),
        (branded(font="comic"), "is not a typeface"),
        (branded(paper="#202020"), "vanishes"),
        (branded(clear_space=float("nan")), "is a damaged"),
        (branded(mark=base64.b64encode(b"GIF89a").decode()), "is not a PNG"),
        (branded(mark=huge_mark()), "is a damaged"),
    ],
)
def test_what_is_none_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        described(data, field="hero.scene", read_mesh=nothing)
    assert caught.value.metadata["field"].startswith("hero.scene")
