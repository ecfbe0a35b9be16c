"""Where the mesh's numbers lie in the picture, and what the networks are shown."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from firstframe.imaging.face_mesh import IRIS, IRIS_SIDE_PX, POINTS, FaceMesh, answered, look_at_face, look_at_faces
from firstframe.imaging.preflight.faces import DETECTOR, MESH, MESH_SIDE_PX, Face
from support.portraits import mesh

WIDE, HIGH = 300, 240
BOX = Face(100, 80, 180, 160, 0.9)


class Network:
    """Takes two bright dots for the outer corners of the eyes; all other points lie around them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def infer(self, model: str, inputs: dict[str, Any]) -> dict[str, Any]:
        shown = inputs["input_1"]
        self.asked.append((model, shown))
        return self.mesh(shown[0]) if model == MESH else self.iris(shown[0])

    def mesh(self, shown: np.ndarray) -> dict[str, Any]:
        left, right = (brightest(shown, half) for half in (0, 1))
        points = np.zeros((POINTS, 3), np.float32)
        points[:, :2] = (left + right) / 2 + np.random.default_rng(1).uniform(-50, 50, (POINTS, 2))
        for index, share in ((33, 0.0), (133, 0.4), (362, 0.6), (263, 1.0)):
            points[index, :2] = left + share * (right - left)
        points[:, 2] = 10
        return {"conv2d_21": points.reshape(1, 1, 1, -1), "conv2d_31": np.ones((1, 1, 1, 1), np.float32)}

    def iris(self, shown: np.ndarray) -> dict[str, Any]:
        contour = np.zeros((71, 3), np.float32)
        contour[:9, 0], contour[:9, 1] = np.linspace(16, 48, 9), 36
        contour[9:16, 0], contour[9:16, 1] = np.linspace(20, 44, 7), 28
        iris = np.array([[32, 32, 0], [38, 32, 0], [26, 32, 0], [32, 38, 0], [32, 26, 0]], np.float32)
        return {"output_eyes_contours_and_brows": contour.reshape(1, -1), "output_iris": iris.reshape(1, -1)}


def brightest(shown: np.ndarray, half: int) -> np.ndarray:
    part = shown.copy()
    part[:, : MESH_SIDE_PX // 2] *= 1 - half
    part[:, MESH_SIDE_PX // 2 :] *= half
    weight = np.maximum(part.sum(axis=-1) - 1.2, 0)
    rows, columns = np.mgrid[0:MESH_SIDE_PX, 0:MESH_SIDE_PX]
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


def picture(left: tuple[float, float], right: tuple[float, float]) -> np.ndarray:
    rows, columns = np.mgrid[0:HIGH, 0:WIDE]
    dots = sum(np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8) for x, y in (left, right))
    return np.clip(255 * dots, 0, 255).astype(np.uint8)[..., None].repeat(3, -1)


@pytest.mark.parametrize("fall", [0, 12, -15])
def test_points_come_back_to_their_place_whatever_the_heads_turn(fall: int) -> None:
    left, right = (118.0, 118.0 - fall), (162.0, 118.0 + fall)
    network = Network()
    found = answered(look_at_face(picture(left, right), BOX), network.infer)
    assert np.abs(found.points[33, :2] - left).max() < 1.2
    assert np.abs(found.points[263, :2] - right).max() < 1.2
    assert found.roll_deg == pytest.approx(np.degrees(np.arctan2(2 * fall, 44)), abs=1.5)


def test_the_second_look_has_the_eyes_level() -> None:
    network = Network()
    answered(look_at_face(picture((118, 104), (162, 132)), BOX), network.infer)
    first, second = (shown for model, shown in network.asked if model == MESH)
    ends = [brightest(second[0], half) for half in (0, 1)]
    assert abs(ends[1][1] - ends[0][1]) < 3
    ends = [brightest(first[0], half) for half in (0, 1)]
    assert abs(ends[1][1] - ends[0][1]) > 30
    assert 0 <= second.min() <= second.max() <= 1


def test_eyes_are_looked_at_one_by_one_the_second_in_the_mirror() -> None:
    network = Network()
    found = answered(look_at_face(picture((118, 118), (162, 118)), BOX), network.infer)
    shown = [one for model, one in network.asked if model == IRIS]
    assert [one.shape for one in shown] == [(1, IRIS_SIDE_PX, IRIS_SIDE_PX, 3)] * 2
    left, right = found.eyes
    assert left.lower[0][0] < left.lower[-1][0]  # from the outer corner to the inner one
    assert right.lower[0][0] > right.lower[-1][0]
    for eye in found.eyes:
        assert eye.upper[4][1] < eye.iris[1] < eye.lower[4][1]
        assert eye.openness == pytest.approx(8 / 32, rel=0.05)
        assert eye.iris[2] == pytest.approx(6 / 32 * eye.width, rel=0.05)


def test_faces_come_the_largest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = mesh(scale=0.5), mesh()
    boxes = iter([small, large])

    def two(_picture: np.ndarray) -> Any:
        yield DETECTOR, {}
        return (small.box, large.box)

    def one(_picture: np.ndarray, _face: Face) -> Any:
        yield MESH, {}
        return next(boxes)

    monkeypatch.setattr("firstframe.imaging.face_mesh.search", two)
    monkeypatch.setattr("firstframe.imaging.face_mesh.look_at_face", one)
    found: tuple[FaceMesh, ...] = answered(look_at_faces(np.zeros((9, 9, 3), np.uint8)), lambda *_: {})
    assert found == (large, small)


def test_a_turned_face_says_by_how_much() -> None:
    assert mesh(30).yaw_deg == pytest.approx(30, abs=1)
    assert mesh().yaw_deg == pytest.approx(0, abs=0.5)
    assert cv2.norm(mesh().points[454] - mesh().points[234]) == pytest.approx(mesh().width)
