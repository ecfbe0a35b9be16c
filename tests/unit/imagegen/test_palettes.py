from __future__ import annotations

from dataclasses import replace

import pytest

from firstframe.core.errors import InvalidInput
from firstframe.sets.brands import worn
from firstframe.sets.palettes import (
    MIN_LABEL_CONTRAST,
    PALETTES,
    WHITE,
    contrast,
    label_ink,
    linear,
)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


def test_linear_light_of_middle_grey() -> None:
    assert linear("#808080")[0] == pytest.approx(0.2159, abs=1e-4)
    assert linear("#0A0000")[0] == pytest.approx(10 / 255 / 12.92)


@pytest.mark.parametrize("name", PALETTES)
def test_every_label_can_be_read(name: str) -> None:
    palette = PALETTES[name]
    assert contrast(label_ink(palette), palette.paper) >= MIN_LABEL_CONTRAST
    assert contrast(palette.paper, palette.lacquer) >= 3, "the label stands out from the bottle"


def test_an_ink_that_vanishes_is_replaced() -> None:
    palette = replace(PALETTES["ink-night"], paper="#101820", ink="#182028")
    assert label_ink(palette) == WHITE


def test_an_unknown_palette_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        worn("mauve", None)
    assert caught.value.metadata["field"] == "set.palette"
    assert all(name in caught.value.message for name in PALETTES)
