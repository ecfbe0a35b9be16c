"""Where type stands on a label, as the picture shows it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from firstframe.core.media import PixelRect
from firstframe.imagegen.label_place import type_area
from firstframe.sets.bottle import LABEL_ARC_DEG
from firstframe.sets.label import TYPEFACES, print_label
from firstframe.sets.palettes import PALETTES

MAX_TURN_DEG = 7.0
"""As far as a set turns its bottle."""


def test_it_is_inside_of_the_label_between_mark_and_rule() -> None:
    label = np.zeros((200, 300), np.bool_)
    label[50:150, 100:200] = True
    assert type_area(label) == PixelRect(111, 76, 78, 60)


def test_the_arcs_of_its_edges_are_taken_from_the_middle() -> None:
    label = np.zeros((200, 300), np.uint8)
    label[50:150, 100:200] = 1
    cv2.ellipse(label, (150, 150), (50, 12), 0, 0, 180, 1, -1)
    area = type_area(label > 0)
    assert area is not None
    assert (area.y, area.bottom) == (50 + round(0.26 * 113), 50 + round(0.86 * 113))


def test_what_is_hidden_has_no_place() -> None:
    assert type_area(np.zeros((20, 30), np.bool_)) is None


@pytest.mark.parametrize("typeface", range(len(TYPEFACES)))
@pytest.mark.parametrize(
    ("copy", "tagline"), [("First Light", "morning serum"), ("M" * 24, ""), ("N° 5 Äther", "w" * 40)]
)
@pytest.mark.parametrize("turn_deg", [-MAX_TURN_DEG, MAX_TURN_DEG])
def test_all_type_is_in_it_however_the_bottle_is_turned(
    copy: str, tagline: str, typeface: int, turn_deg: float
) -> None:
    width, height = 600, 440
    boxes = print_label(PALETTES["sage-noon"], copy, tagline, width=width, height=height, typeface=typeface).text_boxes

    def across(texel: float) -> float:
        return float(100 + 90 * np.sin(np.radians((texel / width - 0.5) * LABEL_ARC_DEG + turn_deg)))

    label = np.zeros((height, 200), np.bool_)
    label[:, round(across(0)) : round(across(width))] = True
    area = type_area(label)
    assert area is not None
    slack = 0.02 * height
    assert all(area.x <= across(box[0]) + 1 and across(box[2]) - 1 <= area.right for box in boxes)
    assert all(area.y - slack <= box[1] and box[3] <= area.bottom + slack for box in boxes)
