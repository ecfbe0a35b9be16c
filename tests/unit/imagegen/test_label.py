from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from firstframe.core.errors import InvalidInput
from firstframe.core.sets import MAX_COPY
from firstframe.sets.label import TYPEFACES, check_text, font_path, print_label
from firstframe.sets.palettes import PALETTES, encoded, label_ink

PALETTE = PALETTES["amber-dusk"]
LIVE = 0.62


def inked(label_colour: np.ndarray) -> np.ndarray:
    """Where the copy's ink is."""
    ink = np.array(encoded(label_ink(PALETTE))) * 255
    return np.abs(label_colour.astype(float) - ink).max(axis=-1) < 24


@pytest.mark.parametrize("typeface", range(len(TYPEFACES)))
@pytest.mark.parametrize("copy", ["I", "AURORA", "MMMMMMMMMMMMMMMMMMMMMMMM", "Maison du Soleil Levant", "N° 5 Äther"])
def test_type_stays_inside_the_front_of_the_label(copy: str, typeface: int) -> None:
    label = print_label(PALETTE, copy, "first light serum", width=700, height=460, typeface=typeface)
    rows, columns = np.nonzero(inked(label.colour))
    assert columns.min() >= 700 * (0.5 - LIVE / 2) - 8
    assert columns.max() <= 700 * (0.5 + LIVE / 2) + 8
    assert rows.min() >= 460 * 0.24, "clear of the ring"
    assert rows.max() <= 460 * 0.87, "clear of the lower rule"


def test_lines_do_not_touch() -> None:
    label = print_label(PALETTE, "NIGHT OIL No. 4", "a slow restorative", width=900, height=560, typeface=3)
    boxes = sorted(label.text_boxes, key=lambda box: box[1])
    assert len(boxes) == 3
    assert all(upper[3] < lower[1] for upper, lower in pairwise(boxes))


def test_short_copy_is_set_larger_than_long_copy() -> None:
    short, long = (
        print_label(PALETTE, copy, "", width=700, height=460, typeface=0) for copy in ("OUD", "INCOMPREHENSIBILITIES")
    )
    heights = [box[3] - box[1] for label in (short, long) for box in label.text_boxes]
    assert heights[0] > 1.5 * heights[1]


def test_two_words_go_on_two_lines_when_that_makes_them_larger() -> None:
    assert len(print_label(PALETTE, "SOLEIL LEVANT", "", width=700, height=460, typeface=0).text_boxes) == 2
    assert len(print_label(PALETTE, "SOLEIL", "", width=700, height=460, typeface=0).text_boxes) == 1


def test_foil_is_where_the_rules_are_and_not_under_the_type() -> None:
    label = print_label(PALETTE, "AURORA", "serum", width=700, height=460, typeface=0)
    assert label.foil.max() == 255
    assert not (label.foil[inked(label.colour)] > 0).any()


def test_the_fonts_are_where_their_packages_keep_them() -> None:
    for face in TYPEFACES:
        assert font_path(face.package, face.copy_file).is_file()
        assert font_path(face.package, face.tagline_file).is_file()


@pytest.mark.parametrize(("text", "problem"), [("x" * 25, "25 characters"), ("日本", "no typeface")])
def test_copy_that_cannot_be_set_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as caught:
        check_text(text, field="set.copy", limit=MAX_COPY)
    assert caught.value.metadata["field"] == "set.copy"


def test_spaces_are_tidied_and_an_empty_tagline_is_fine() -> None:
    assert check_text("  two   words ", field="set.copy", limit=24) == "two words"
    assert check_text("", field="set.tagline", limit=40) == ""
