"""Eyelids that close over a drawn eye: skin, whatever is dark on their edge."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from firstframe.imaging.portrait.lids import Lid, lids_of
from support.portraits import mesh, portrait

SKIN = np.array((214, 172, 146), float)
SCALE = 4


def eyes(liner: float = 0.0, *, rim: bool = False) -> tuple[np.ndarray, tuple[Lid | None, ...]]:
    """The portrait, enlarged, with a dark band of so many widths of the eye on each upper lid, and its lids."""
    face = mesh(scale=SCALE, at=(480.0, 520.0))
    picture = cv2.resize(portrait().image, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    for eye in face.eyes:
        band = np.array([0, liner * eye.width])
        edge = np.vstack([eye.upper, (eye.upper - band)[::-1]])
        if liner:
            cv2.fillPoly(picture, [np.rint(edge).astype(np.int32)], (26, 18, 16), cv2.LINE_AA)
        if rim:
            high = np.rint(eye.upper[4] - [0, 0.35 * eye.width]).astype(int)
            cv2.line(picture, (high[0] - 50, high[1]), (high[0] + 50, high[1]), (26, 18, 16), 6, cv2.LINE_AA)
    colour = picture.astype(np.float32)
    return colour, lids_of(colour, np.zeros_like(colour), face)


def closed(colour: np.ndarray, lids: tuple[Lid | None, ...], amount: float = 1.0) -> np.ndarray:
    out = colour.copy()
    for lid in filter(None, lids):
        box = lid.box
        out[box.y : box.bottom, box.x : box.right] += lid.closed(amount)
    return out


def where_the_eye_was(picture: np.ndarray, *, up: float = 0.0) -> np.ndarray:
    """The middle half of what the left eye showed, above the line where the lids meet; `up` in widths of the eye."""
    eye = mesh(scale=SCALE, at=(480.0, 520.0)).eyes[0]
    top, low = eye.upper[4][1] - up * eye.width, eye.lower[4][1]
    left, right = sorted((eye.lower[2][0], eye.lower[6][0]))
    meet = eye.upper[4][1] + 0.62 * (low - eye.upper[4][1])
    return picture[round(top) : round(meet), round(left) : round(right)]


def test_a_closed_lid_is_skin() -> None:
    colour, lids = eyes()
    assert np.abs(where_the_eye_was(closed(colour, lids)).mean(axis=(0, 1)) - SKIN).max() < 18


@pytest.mark.parametrize("liner", [0.12, 0.2])
def test_what_is_painted_on_the_edge_goes_down_with_it_and_is_not_smeared_over_the_lid(liner: float) -> None:
    colour, lids = eyes(liner)
    shown = where_the_eye_was(closed(colour, lids), up=liner)
    assert np.median(shown, axis=(0, 1)) == pytest.approx(SKIN, abs=12)
    assert (shown.mean(axis=-1) < 100).mean() < 0.25


def test_a_painted_edge_is_still_there_below_a_lid_half_closed() -> None:
    colour, lids = eyes(0.15)
    half = closed(colour, lids, 0.5)
    eye = mesh(scale=SCALE, at=(480.0, 520.0)).eyes[0]
    column = half[round(eye.upper[4][1] - 0.1 * eye.width) : round(eye.lower[4][1]), round(eye.upper[4][0])]
    dark = np.flatnonzero(column.mean(axis=-1) < 80)
    assert dark.size >= 0.05 * eye.width
    assert dark[0] > 0.1 * eye.width


def test_nothing_of_the_painted_edge_is_left_where_it_was() -> None:
    """Also what is finer than the picture that lids are drawn in."""
    colour, lids = eyes(0.15)
    eye = mesh(scale=SCALE, at=(480.0, 520.0)).eyes[0]
    rows = slice(round(eye.upper[4][1] - 0.22 * eye.width), round(eye.upper[4][1]))
    shown = closed(colour, lids)[rows, round(eye.upper[4][0]) - 4 : round(eye.upper[4][0]) + 5]
    assert np.abs(shown - SKIN).max() < 25


def test_the_rim_of_glasses_stays_where_it_is() -> None:
    colour, lids = eyes(rim=True)
    eye = mesh(scale=SCALE, at=(480.0, 520.0)).eyes[0]
    row, column = round(eye.upper[4][1] - 0.35 * eye.width), round(eye.upper[4][0])
    after = closed(colour, lids)
    assert np.abs(after - colour)[row - 3 : row + 3, column - 10 : column + 10].max() < 12
    assert (where_the_eye_was(after).mean(axis=-1) < 100).mean() < 0.05


def test_skin_above_an_eye_keeps_what_is_finer_than_the_picture_that_lids_are_drawn_in() -> None:
    """Of a face so large that an eye has more pixels than its own picture."""
    face = mesh(scale=12, at=(1440.0, 1560.0))
    eye = face.eyes[0]
    assert eye.width > 200
    plain = cv2.resize(portrait().image, None, fx=12, fy=12, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    fine = plain + np.random.default_rng(1).normal(0, 8, plain.shape).astype(np.float32)
    lids = lids_of(fine, np.zeros_like(fine), face)
    rows = slice(round(eye.upper[4][1] - 0.12 * eye.width), round(eye.upper[4][1] - 0.06 * eye.width))
    column = round(eye.upper[4][0])
    before, after = (picture[rows, column - 20 : column + 20] for picture in (fine, closed(fine, lids, 0.02)))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.98
