"""What the detector's numbers mean, and what it is shown."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.faces import (
    DETECTOR,
    MESH,
    MESH_SIDE_PX,
    SIDE_PX,
    Face,
    Look,
    detector_input,
    distinct,
    faces_of,
    looks,
    mesh_input,
    search,
)


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


@pytest.mark.parametrize(("width", "height", "count"), [(1080, 1080, 2), (1920, 1080, 8), (1080, 1920, 8)])
def test_looks_see_every_pixel_twice(width: int, height: int, count: int) -> None:
    found = looks(width, height)
    assert len(found) == count
    assert found[0].side == max(width, height)
    plain, wider = found[: count // 2], found[count // 2 :]
    assert [look.mirrored for look in found] == [False] * len(plain) + [True] * len(wider)
    for some in (plain[1:] or plain, wider[1:] or wider):
        ranges = [
            range(look.x, look.x + look.side) if width >= height else range(look.y, look.y + look.side) for look in some
        ]
        assert {pixel for one in ranges for pixel in one} >= set(range(max(width, height)))
    for look, wide in zip(plain, wider, strict=True):
        assert wide.side == 1.5 * look.side
        assert (wide.x + wide.side / 2, wide.y + wide.side / 2) == (look.x + look.side / 2, look.y + look.side / 2)


def test_beyond_the_picture_a_mirrored_look_shows_its_mirror_image() -> None:
    picture = np.zeros((96, 96, 3), np.uint8)
    picture[:, :12] = 255
    plain, wider = (detector_input(picture, look) for look in looks(96, 96))
    edge = round(SIDE_PX / 6)
    assert wider[0, SIDE_PX // 2, edge - 8 : edge + 8].min() > 0.9, "the white strip and its mirror image"
    assert wider[0, SIDE_PX // 2, SIDE_PX // 2].max() == -1.0
    assert plain[0, SIDE_PX // 2, 4].min() == 1.0


def test_the_mesh_sees_the_face_with_half_as_much_again() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[60:140, 60:140] = 255
    shown = mesh_input(picture, Face(60, 60, 140, 140, 0.9))
    assert shown.shape == (1, MESH_SIDE_PX, MESH_SIDE_PX, 3)
    lit = np.flatnonzero(shown[0, MESH_SIDE_PX // 2, :, 0] > 0.5)
    assert (lit[0], lit[-1]) == (pytest.approx(32, abs=2), pytest.approx(159, abs=2))


class Models:
    """Sees a face at one anchor of one look, and confirms it or not."""

    def __init__(self, index: int, size: float, look: int, logit: float) -> None:
        self.answers = answers(index, (0, 0), (size, size))
        self.look, self.logit = look, logit
        self.asked: list[str] = []

    def faces(self, picture: Rgb8) -> tuple[Face, ...]:
        asking = search(picture)
        question = next(asking)
        while True:
            try:
                question = asking.send(self.answer(*question))
            except StopIteration as ended:
                return tuple(ended.value)

    def answer(self, model: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        self.asked.append(model)
        if model == MESH:
            assert inputs["input_1"].shape == (1, MESH_SIDE_PX, MESH_SIDE_PX, 3)
            return {"conv2d_31": np.full((1, 1, 1, 1), self.logit, np.float32)}
        seen = len(self.asked) - 1 == self.look
        return {"regressors": self.answers[0][None], "classificators": self.answers[1][None] - (0 if seen else 20)}


MIDDLE, CORNER = 2 * (8 * 16 + 8), 0


@pytest.mark.parametrize(("logit", "count"), [(5.0, 1), (-5.0, 0)])
def test_the_mesh_confirms_what_the_detector_proposes(logit: float, count: int) -> None:
    models = Models(MIDDLE, 40, 0, logit)
    assert len(models.faces(np.zeros((96, 96, 3), np.uint8))) == count
    assert models.asked == [DETECTOR, DETECTOR, MESH]


def test_a_face_of_the_mirror_image_alone_is_none() -> None:
    models = Models(CORNER, 10, 1, 5.0)
    assert models.faces(np.zeros((96, 96, 3), np.uint8)) == ()
    assert models.asked == [DETECTOR, DETECTOR]


def test_the_detector_sees_the_look_with_black_around_it() -> None:
    picture = np.full((60, 120, 3), 255, np.uint8)
    shown = detector_input(picture, looks(120, 60)[0])
    assert shown.shape == (1, SIDE_PX, SIDE_PX, 3)
    assert shown[0, SIDE_PX // 2, 2:-2].min() == pytest.approx(1.0, abs=0.02)
    assert shown[0, 4].max() == -1.0
