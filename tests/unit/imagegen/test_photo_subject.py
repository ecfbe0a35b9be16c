"""Whose word counts: the owner's, the model's, the depth map's, or a guess."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from firstframe.core.errors import Cancelled, InvalidInput
from firstframe.core.media import Levels, PixelSize
from firstframe.imagegen.photo_maps import checked_depth, checked_matte, near_part
from firstframe.imagegen.photo_subject import CLEAR, Cut, Known, find
from firstframe.imaging.preflight.faces import Face
from support.known_mattes import Models

PHOTO = np.random.default_rng(4).integers(0, 255, (200, 300, 3), np.uint8)
PHOTO[40:160, 20:100] = (90, 20, 20)
SIZE = PixelSize(300, 200)


def box(left: int, top: int, right: int, bottom: int) -> Levels:
    levels = np.zeros((200, 300), np.float32)
    levels[top:bottom, left:right] = 1
    return levels


OWN, LEARNED, NEAR = box(20, 40, 100, 160), box(150, 40, 250, 160), box(200, 20, 290, 180)


@pytest.mark.parametrize(
    ("known", "cut", "x"),
    [
        (Known(matte=OWN, inverse_depth=NEAR, mattes=Models(LEARNED)), Cut.OWNER, 20),
        (Known(inverse_depth=NEAR, mattes=Models(LEARNED)), Cut.MODEL, 150),
        (Known(inverse_depth=NEAR), Cut.DEPTH, 200),
        (Known(inverse_depth=NEAR, mattes=Models(np.zeros((64, 64), np.float32))), Cut.DEPTH, 200),
    ],
)
def test_who_knows_best_is_asked_first(known: Known, cut: Cut, x: int) -> None:
    found = find(PHOTO, known)
    assert found.cut is cut
    assert abs(found.subject.rect.x - x) <= 1
    assert found.clear
    assert found.subject.confidence >= 0.5


def test_without_anybody_it_is_a_guess() -> None:
    assert find(PHOTO, Known()).cut is Cut.GUESS


def test_where_the_model_sees_nothing_nothing_is_made_up() -> None:
    found = find(PHOTO, Known(mattes=Models(np.zeros((64, 64), np.float32))))
    assert (found.cut, found.subject.confidence, found.clear) == (Cut.MODEL, 0.0, False)


def test_a_focus_that_the_model_does_not_see_is_guessed_around() -> None:
    found = find(PHOTO, Known(focus=(0.1, 0.9), mattes=Models(LEARNED)))
    assert found.cut is Cut.GUESS
    assert found.clear
    assert found.subject.confidence >= CLEAR


def test_a_focus_beside_the_owners_mask_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nothing white at the focus") as caught:
        find(PHOTO, Known(focus=(0.9, 0.9), matte=OWN))
    assert caught.value.metadata == {"field": "photograph.matte"}


def test_sure_faces_of_the_subject_count() -> None:
    inside = Face(180, 70, 210, 100, 0.93)
    models = Models(LEARNED, inside, Face(190, 110, 220, 140, 0.7), Face(10, 70, 40, 100, 0.95))
    found = find(PHOTO, Known(mattes=models))
    (head,) = found.faces
    assert head.x < 180 and head.right > 210
    assert head.y < 70 and head.bottom > 100
    assert found.subject.saliency[85, 195] == 3
    assert found.subject.saliency.max() == 3
    assert found.subject.saliency[85, 100] < 1


def test_a_face_at_the_edge_ends_with_the_photograph() -> None:
    corner = box(200, 0, 300, 120)
    (head,) = find(PHOTO, Known(mattes=Models(corner, Face(230, -10, 310, 60, 0.9)))).faces
    assert (head.y, head.right) == (0, 300)


def test_work_that_nobody_waits_for_ends() -> None:
    def check() -> None:
        raise Cancelled("gone")

    with pytest.raises(Cancelled):
        find(PHOTO, Known(mattes=Models(LEARNED), check=check))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: checked_matte(np.ones((200, 280), np.float32), SIZE), "is 280×200 px, the photograph is 300×200"),
        (lambda: checked_matte(np.zeros((200, 300), np.float32), SIZE), "nothing in it is white"),
        (lambda: checked_matte(np.ones((100, 150), np.float32), SIZE), "is white everywhere"),
        (lambda: checked_depth(np.ones((100, 100), np.float32), SIZE), "is 100×100 px"),
        (lambda: checked_depth(np.full((100, 150), 0.5, np.float32), SIZE), "one value everywhere"),
    ],
)
def test_maps_that_cannot_be_used_say_why(make: Callable[[], Levels], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        make()
    assert caught.value.metadata["field"] in ("photograph.matte", "photograph.inverse_depth")
    assert "; " in caught.value.message


def test_a_depth_map_is_scaled_to_its_nearest_point() -> None:
    assert checked_depth(0.5 * OWN + 0.1, SIZE).max() == pytest.approx(1)
    assert checked_matte(OWN, SIZE) is OWN


def test_near_and_far_part_or_they_do_not() -> None:
    near = near_part(0.2 + 0.6 * OWN)
    assert near is not None
    assert np.array_equal(near, OWN)
    assert near_part(np.pad(np.ones((2, 2), np.float32), 99)) is None
    assert near_part(1 - 0.7 * box(0, 0, 20, 200)) is None
