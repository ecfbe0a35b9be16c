"""The names that plans are held to are those of the stage's tables, both ways."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import get_args

import pytest

from firstframe.core import sets
from firstframe.sets.brands import BRAND_PALETTES, FONTS
from firstframe.sets.palettes import PALETTES, Palette
from firstframe.sets.product_mesh import FINISHES, MaterialName
from firstframe.sets.scenes import SCENES


@pytest.mark.parametrize(
    ("names", "table"),
    [
        (sets.SCENES, SCENES),
        (sets.PALETTES, PALETTES),
        (sets.BRAND_PALETTES, BRAND_PALETTES),
        (sets.MATERIALS, FINISHES),
        (("", *sets.MATERIALS), get_args(MaterialName)),
        (sets.FONTS, FONTS),
    ],
)
def test_names_are_those_of_the_table(names: tuple[str, ...], table: Collection[str]) -> None:
    assert names == tuple(table)


def test_colours_are_a_palettes_own() -> None:
    assert set(sets.COLOURS) <= {field.name for field in fields(Palette)}
