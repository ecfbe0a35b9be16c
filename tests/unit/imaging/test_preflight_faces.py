"""What the detector's numbers mean, and what it is shown."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.imaging.preflight.faces import SIDE_PX, Face, Look, detector_input, distinct, faces_of, looks


def answers(index: int, offset: tuple[float, float], size: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    regressors, logits = np.zeros((896, 16), np.float32), np.full((896, 1), -9, np.float32)
    regressors[index, :4] = (*offset, *size)
    logits[index] = 4
    return regressors, logits


@pytest.mark.parametrize(
    ("index", "anchor"), [(0, (4, 4)), (3, (12, 4)), (33, (4, 12)), (512, (8, 8)), (895, (120, 120))]
)
def test_boxes_count_from_their_anchor(index: int, anchor: tuple[int, int]) -> None:
    face, *others = faces_of(*answers(index, (2, -1), (32, 40)), Look(100, -50, 256))
    assert not others
    assert (face.left + face.right) / 2 == pytest.approx(100 + 2 * (anchor[0] + 2))
    assert (face.top + face.bottom) / 2 == pytest.approx(-50 + 2 * (anchor[1] - 1))
    assert (face.right - face.left, face.bottom - face.top) == (64, 80)


def test_what_is_no_face_is_left_out() -> None:
    regressors, logits = answers(7, (0, 0), (30, 30))
    assert faces_of(regressors, logits - 6, Look(0, 0, 128)) == []


def test_one_face_in_two_looks_is_one() -> None:
    near = Face(10, 10, 60, 60, 0.9), Face(13, 12, 62, 61, 0.8), Face(200, 10, 250, 60, 0.7)
    assert distinct(near) == (near[0], near[2])


def test_a_head_is_larger_than_its_face_most_of_all_above() -> None:
    left, top, right, bottom = Face(100, 100, 200, 200, 1.0).head
    assert (left < 100, right > 200) == (True, True)
    assert 100 - top > bottom - 200 > 0


@pytest.mark.parametrize(("width", "height", "count"), [(1080, 1080, 1), (1920, 1080, 4), (1080, 1920, 4)])
def test_looks_see_every_pixel(width: int, height: int, count: int) -> None:
    found = looks(width, height)
    assert len(found) == count
    assert found[0].side == max(width, height)
    seen = {pixel for look in found[1:] or found for pixel in range(look.x + look.y, look.x + look.y + look.side)}
    assert seen >= set(range(max(width, height)))


def test_the_detector_sees_the_look_with_black_around_it() -> None:
    picture = np.full((60, 120, 3), 255, np.uint8)
    shown = detector_input(picture, looks(120, 60)[0])
    assert shown.shape == (1, SIDE_PX, SIDE_PX, 3)
    assert shown[0, SIDE_PX // 2, 2:-2].min() == pytest.approx(1.0, abs=0.02)
    assert shown[0, 4].max() == -1.0
