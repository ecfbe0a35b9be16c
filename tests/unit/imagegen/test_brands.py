"""A brand's colours, typeface and mark: palettes made of them, and labels that can be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firstframe.core.errors import InvalidInput
from firstframe.core.sets import check_font
from firstframe.sets.brands import (
    BRAND_PALETTES,
    FONTS,
    MIN_COPY_CONTRAST,
    Brand,
    BrandColours,
    check_colours,
    check_mark,
    readable,
    worn,
)
from firstframe.sets.label import print_label
from firstframe.sets.oklab import chroma, hue_deg, lightness, mixed, toned
from firstframe.sets.palettes import PALETTES, contrast, label_ink

COLOURS = BrandColours(ground="#C9D6C3", product="#1D4E44", accent="#B4703C", paper="#F6F1E4", ink="#1D4E44")


def mark(height: int = 40, width: int = 80, colour: tuple[int, int, int] = (20, 60, 50)) -> np.ndarray:
    """A block of one colour with a transparent margin of ten pixels."""
    whole = np.zeros((height + 20, width + 20, 4), np.uint8)
    whole[10:-10, 10:-10] = (*colour, 255)
    return whole


def printed(clear_space: float, *, copy: str = "First Light") -> tuple[np.ndarray, tuple[tuple[int, ...], ...]]:
    """A label of 700 × 460 pixels with a red mark, and its boxes of type."""
    red = check_mark(mark(colour=(200, 0, 0)), COLOURS.paper, field="m")
    palette = worn("brand-day", Brand(COLOURS, "manrope", clear_space, red))
    label = print_label(palette, copy, "serum", width=700, height=460, typeface=0)
    return label.colour, label.text_boxes


def test_every_palette_of_any_brand_keeps_the_label_readable() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        drawn = [f"#{value:06X}" for value in rng.integers(0, 1 << 24, 5)]
        for name in (*BRAND_PALETTES, "ink-night"):
            palette = worn(name, Brand(BrandColours(*drawn)))
            assert contrast(label_ink(palette), palette.paper) >= MIN_COPY_CONTRAST
            assert 0.2 <= palette.key <= 0.66


def test_the_moods_are_told_apart_and_keep_the_hue_of_the_ground() -> None:
    day, tint, night = (worn(name, Brand(COLOURS)) for name in BRAND_PALETTES)
    assert lightness(day.backdrop) > lightness(tint.backdrop) + 0.05 > lightness(night.backdrop) + 0.25
    assert abs(hue_deg(tint.backdrop) - hue_deg(COLOURS.ground)) < 3
    assert len({day.key, tint.key, night.key}) == 3
    assert (night.fill, night.name) == (0.34, "brand-night")


def test_the_product_is_the_brands_on_a_shipped_set_as_well() -> None:
    palette = worn("amber-dusk", Brand(COLOURS, "manrope"))
    assert (palette.backdrop, palette.lacquer) == (PALETTES["amber-dusk"].backdrop, COLOURS.product)
    assert (palette.paper, palette.foil, palette.ink) == (COLOURS.paper, COLOURS.accent, COLOURS.ink)
    assert palette.house is not None
    assert palette.house.typeface == FONTS["manrope"]


def test_without_a_brand_palettes_are_what_they_were() -> None:
    assert worn("sage-noon", None) is PALETTES["sage-noon"]


@pytest.mark.parametrize(
    ("accent", "metal"), [("#C98F3C", "Au"), ("#B4603C", "Cu"), ("#3C6CB4", "Ag"), ("#888888", "Ag"), ("#B43C70", "Cu")]
)
def test_the_metal_is_that_of_the_accents_hue(accent: str, metal: str) -> None:
    assert worn("brand-day", Brand(replace(COLOURS, accent=accent))).metal == metal


def test_an_ink_is_darkened_in_its_hue_until_it_can_be_read() -> None:
    ink = readable("#8FB7A0", "#F6F1E4")
    assert contrast(ink, "#F6F1E4") >= 7
    assert contrast(ink, "#F6F1E4") < 8, "no more than it takes"
    assert abs(hue_deg(ink) - hue_deg("#8FB7A0")) < 4
    assert readable("#8FB7A0", "#101410") == "#8FB7A0"
    assert contrast(readable("#808080", "#777777"), "#777777") >= MIN_COPY_CONTRAST


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"ground": "green"}, "b.ground", "# and six hexadecimal digits"),
        ({"ink": "#12345"}, "b.ink", "'#12345' is not a colour"),
        ({"paper": "#1F5046"}, "b.paper", "the label vanishes on it"),
    ],
)
def test_colours_that_will_not_do_are_refused(change: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        check_colours(replace(COLOURS, **change), field="b")
    assert caught.value.metadata["field"] == field


def test_names_that_are_not_known_are_refused() -> None:
    with pytest.raises(InvalidInput, match="use one of caladea, hanken-grotesk, manrope, lato"):
        check_font("helvetica", field="f")
    with pytest.raises(InvalidInput, match="is made of a brand's colours"):
        worn("brand-day", None)
    with pytest.raises(InvalidInput, match="use one of brand-day, brand-tint, brand-night, amber-dusk"):
        worn("brand-dusk", Brand(COLOURS))


def test_a_mark_is_cut_to_what_is_visible() -> None:
    assert check_mark(mark(), COLOURS.paper, field="m").shape == (40, 80, 4)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((9, 9, 4), np.uint8), "nothing that is not transparent"),
        (mark(height=10, width=80), "8 times as wide as high"),
        (mark(colour=(240, 235, 220)), "contrast of 1.0"),
    ],
)
def test_a_mark_that_will_not_do_is_refused(picture: np.ndarray, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check_mark(picture, COLOURS.paper, field="m")


@pytest.mark.parametrize("copy", ["First Light", "Incomprehensible Seas", "OUD"])
@pytest.mark.parametrize("clear_space", [0.0, 0.5, 1.0, 2.0])
def test_nothing_enters_the_clear_space_of_the_mark(clear_space: float, copy: str) -> None:
    colour, boxes = printed(clear_space, copy=copy)
    red = (colour[..., 0] > 150) & (colour[..., 1] < 90) & (colour[..., 2] < 90)
    rows, columns = np.nonzero(red)
    space = clear_space * (np.ptp(rows) + 1) - 2
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    assert bottom + space < boxes[0][1], "the type begins below it"
    assert top - space > 0
    around = colour[round(max(top - space, 0)) : round(bottom + space), round(left - space) : round(right + space)]
    inside = np.abs(around.astype(int) - np.array([246, 241, 228])).max(axis=-1) > 40
    assert inside.sum() <= red.sum() + 4 * (np.ptp(rows) + np.ptp(columns)), "only the mark and its edge are in it"
    assert np.ptp(rows) > 0.04 * 460, "and it can still be seen"


def test_the_brands_typeface_goes_before_the_seeds() -> None:
    palette = worn("brand-day", Brand(COLOURS, "caladea"))
    labels = [print_label(palette, "AURORA", "", width=700, height=460, typeface=seed).colour for seed in range(4)]
    assert all(np.array_equal(labels[0], other) for other in labels)
    free = worn("brand-day", Brand(COLOURS))
    assert not np.array_equal(
        print_label(free, "AURORA", "", width=700, height=460, typeface=0).colour,
        print_label(free, "AURORA", "", width=700, height=460, typeface=1).colour,
    )


def test_colour_arithmetic() -> None:
    assert toned("#C9D6C3", lightness("#C9D6C3")) == "#C9D6C3"
    assert chroma("#808080") < 1e-4
    assert chroma(toned("#C9D6C3", 0.6, 0.0)) < 0.002
    assert (mixed("#000000", "#FFFFFF", 0.0), mixed("#000000", "#FFFFFF", 1.0)) == ("#000000", "#FFFFFF")
    assert abs(lightness(mixed("#000000", "#FFFFFF", 0.5)) - 0.5) < 0.01
    assert abs(hue_deg("#FF0000") - 29.2) < 0.5, "Ottosson's own figure"
