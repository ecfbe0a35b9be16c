"""A subject out of a matte: which parts belong to it, where it is, how far it can be trusted."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import PixelRect, PixelSize
from firstframe.imaging.subject_matte import looseness, matte_confidence, subject_of_matte, whole_rect

PHOTO = np.random.default_rng(1).integers(0, 255, (400, 600, 3), np.uint8)


def square_matte(*rects: tuple[float, float, float, float]) -> np.ndarray:
    """Rectangles (left, top, right, bottom as shares) in a matte that is stretched to a square."""
    matte = np.zeros((1024, 1024), np.float32)
    for left, top, right, bottom in rects:
        matte[round(top * 1024) : round(bottom * 1024), round(left * 1024) : round(right * 1024)] = 1
    return matte


def test_the_subject_lies_where_the_matte_has_it() -> None:
    found = subject_of_matte(PHOTO, square_matte((0.25, 0.25, 0.5, 0.75)))
    assert found is not None
    rect = whole_rect(found, PixelSize(600, 400))
    for side, wanted in ((rect.x, 150), (rect.y, 100), (rect.right, 300), (rect.bottom, 300)):
        assert abs(side - wanted) <= 2
    assert found.confidence > 0.95
    assert found.cover.shape == found.mask.shape == (400, 600)
    assert found.saliency.shape == (267, 400)
    inside = found.saliency[80:190, 110:190]
    assert inside.min() > 0.99


def test_a_large_photograph_is_worked_on_at_the_networks_resolution() -> None:
    photo = np.zeros((1500, 3000, 3), np.uint8)
    found = subject_of_matte(photo, square_matte((0.25, 0.25, 0.5, 0.75)))
    assert found is not None
    assert found.cover.shape == (512, 1024)
    assert whole_rect(found, PixelSize(3000, 1500)).contains(PixelRect(750, 375, 750, 750))


def test_specks_are_left_out_and_large_parts_are_kept() -> None:
    two = square_matte((0.1, 0.2, 0.3, 0.8), (0.6, 0.2, 0.8, 0.8), (0.9, 0.9, 0.92, 0.92))
    found = subject_of_matte(PHOTO, two)
    assert found is not None
    assert found.cover[200, 120] == found.cover[200, 420] == 1
    assert found.cover[360:370, 540:552].max() == 0


@pytest.mark.parametrize(("focus", "x"), [((0.2, 0.5), 120), ((0.62, 0.19), 420)])
def test_a_focus_chooses_its_part(focus: tuple[float, float], x: int) -> None:
    two = square_matte((0.1, 0.2, 0.3, 0.8), (0.6, 0.2, 0.8, 0.8))
    found = subject_of_matte(PHOTO, two, focus)
    assert found is not None
    assert found.cover[200, x] == 1
    assert found.cover[200, 540 - x] == 0


def test_nothing_at_the_focus_or_nothing_at_all_is_no_subject() -> None:
    assert subject_of_matte(PHOTO, square_matte((0.1, 0.2, 0.3, 0.8)), (0.8, 0.5)) is None
    assert subject_of_matte(PHOTO, square_matte()) is None
    assert subject_of_matte(PHOTO, 0.4 * square_matte((0.1, 0.2, 0.3, 0.8))) is None


def test_soft_edges_stay_with_their_part() -> None:
    matte = square_matte((0.2, 0.2, 0.6, 0.8))
    matte[300:700, 614:640] = 0.4
    found = subject_of_matte(PHOTO, matte)
    assert found is not None
    assert found.cover[200, 366] == pytest.approx(0.4, abs=0.05)


def test_pinholes_are_filled_and_a_handles_opening_is_not() -> None:
    matte = square_matte((0.2, 0.2, 0.8, 0.8))
    matte[500:520, 500:520] = 0.1
    matte[300:420, 300:420] = 0
    found = subject_of_matte(PHOTO, matte)
    assert found is not None
    assert found.cover[199, 299] == 1
    assert found.cover[140, 210] == 0


def test_a_stem_that_the_matte_loses_is_loose_and_hair_is_not() -> None:
    cover = np.zeros((200, 200), np.float32)
    cover[50:100, 60:140] = 1
    cover[100:160, 95:105] = 0.5
    loose = looseness(cover)
    assert loose[50:104, 60:140].max() == 0
    assert loose[111, 100] == pytest.approx(0.5, abs=0.05)
    assert loose[119:160, 100].min() > 0.95
    assert (np.diff(loose[100:160, 100]) < 0.08).all()
    assert looseness(np.float32(0.5) * (cover > 0)).max() == 0


def test_the_inside_of_a_glass_is_not_loose() -> None:
    cover = np.zeros((200, 200), np.float32)
    cover[40:160, 40:160] = 1
    cover[50:150, 50:150] = 0.3
    assert looseness(cover)[40:160, 40:160].max() == 0


@pytest.mark.parametrize(
    ("spoil", "most"),
    [
        (lambda matte: np.where(matte > 0, 0.7, 0), 0.2),  # undecided
        (lambda matte: np.maximum(matte, 0.3), 0.2),
        (np.ones_like, 0.0),
        (lambda matte: np.pad(np.ones((4, 4), np.float32), 254), 0.05),  # a speck
        (lambda matte: np.pad(np.ones((482, 512), np.float32), ((30, 0), (0, 0))), 0.1),  # all around
    ],
)
def test_doubts_lower_the_confidence(spoil: object, most: float) -> None:
    matte = np.zeros((512, 512), np.float32)
    matte[150:400, 150:350] = 1
    assert matte_confidence(matte) > 0.95
    assert matte_confidence(np.asarray(spoil(matte), np.float32)) <= most  # type: ignore[operator]
