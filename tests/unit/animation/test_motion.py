"""Camera moves and their speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firstframe.core.motion import CameraMove
from firstframe.imaging.camera import Pose, similarity
from firstframe.imaging.curves import eased
from firstframe.imaging.moves import HANDHELD, PUSH_SCALE, SLIDE, Stage, pose, reach

STAGE = Stage(width_px=1920, height_px=1080, focal_px=4000.0, subject_m=1.25, subject_x_px=-120, subject_y_px=40)


def seen(move: CameraMove, depth: float, x: float = 0.0, y: float = 0.0, amount: float = 1.0) -> tuple[float, float]:
    return similarity(pose(move, amount, STAGE), depth, STAGE.focal_px).seen_at(x, y)


@pytest.mark.parametrize("frames", [2, 24, 90, 150, 600])
def test_the_way_starts_and_ends_at_rest_and_never_stops_between(frames: int) -> None:
    way = np.array([eased(index / (frames - 1)) for index in range(frames)])
    assert way[0] == 0
    assert way[-1] == pytest.approx(1)
    assert (np.diff(way) > 0).all()


def test_speed_has_no_corner() -> None:
    """From rest, steady in the middle, to rest; acceleration is bounded and changes little from frame to frame."""
    frames = 120
    way = np.array([eased(index / (frames - 1)) for index in range(frames)])
    speed, acceleration = np.diff(way) * frames, np.diff(way, 2) * frames**2
    assert speed[0] < 0.02
    assert speed[-1] < 0.02
    assert np.ptp(speed[40:75]) < 1e-9
    assert speed.max() < 1.5
    assert np.abs(acceleration).max() < 8
    assert np.abs(np.diff(acceleration)).max() < 1.2


@pytest.mark.parametrize("move", list(CameraMove))
def test_nothing_of_a_move_is_the_hero(move: CameraMove) -> None:
    assert pose(move, 0.0, STAGE) == Pose()


@pytest.mark.parametrize(
    ("move", "x", "y"),
    [
        (CameraMove.PAN_LEFT, 1, 0),
        (CameraMove.PAN_RIGHT, -1, 0),
        (CameraMove.TILT_UP, 0, 1),
        (CameraMove.TILT_DOWN, 0, -1),
    ],
)
def test_content_moves_as_the_contract_says(move: CameraMove, x: int, y: int) -> None:
    assert seen(move, 1.25) == pytest.approx((x * SLIDE * 1920, y * SLIDE * 1080))
    near, far = np.array(seen(move, 1.0)), np.array(seen(move, 3.0))
    assert (near * (x, y)).sum() > (far * (x, y)).sum() > 0


def test_a_push_enlarges_the_subject_where_it_is() -> None:
    assert seen(CameraMove.PUSH, 1.25, -120, 40) == pytest.approx((-120, 40))
    assert seen(CameraMove.PUSH, 2.5, -120, 40) == pytest.approx((-120, 40))
    edge = seen(CameraMove.PUSH, 1.25, 80, 40)
    assert edge[0] + 120 == pytest.approx(200 * (1 + PUSH_SCALE))
    assert seen(CameraMove.PUSH, 2.5, 80, 40)[0] < edge[0]


def test_a_pull_makes_it_smaller() -> None:
    assert seen(CameraMove.PULL, 1.25, 80, 40)[0] + 120 == pytest.approx(200 / (1 + PUSH_SCALE))


@pytest.mark.parametrize(
    ("move", "axis"),
    [(CameraMove.ORBIT, 0), (CameraMove.ORBIT_LEFT, 0), (CameraMove.CRANE_UP, 1), (CameraMove.CRANE_DOWN, 1)],
)
def test_the_reach_of_an_arc_is_the_backgrounds(move: CameraMove, axis: int) -> None:
    stage = replace(STAGE, background_m=3.0, subject_x_px=0, subject_y_px=0)
    went = similarity(pose(move, 1.0, stage), 3.0, stage.focal_px).seen_at(0, 0)[axis]
    assert reach(move, stage) == pytest.approx(abs(went) / (1920, 1080)[axis], rel=0.02)


@pytest.mark.parametrize("move", [CameraMove.DOLLY_ZOOM, CameraMove.DOLLY_ZOOM_OUT])
def test_the_reach_of_a_dolly_zoom_is_the_backgrounds(move: CameraMove) -> None:
    stage = replace(STAGE, background_m=3.0)
    grown = similarity(pose(move, 1.0, stage), 3.0, stage.focal_px).scale
    assert reach(move, stage) == pytest.approx(abs(grown - 1), rel=0.2)


def test_the_reach_of_other_moves_is_the_subjects() -> None:
    assert reach(CameraMove.PUSH, STAGE) == reach(CameraMove.PULL, STAGE) == PUSH_SCALE
    assert reach(CameraMove.PAN_LEFT, STAGE) == reach(CameraMove.TILT_UP, STAGE) == SLIDE
    assert (reach(CameraMove.LOCKED, STAGE), reach(CameraMove.HANDHELD, STAGE)) == (0.0, HANDHELD)


def test_an_orbit_keeps_the_subject_and_moves_the_rest_apart() -> None:
    assert seen(CameraMove.ORBIT, 1.25, -120, 40) == pytest.approx((-120, 40))
    assert seen(CameraMove.ORBIT, 2.5, -120, 40)[0] > -110
    assert seen(CameraMove.ORBIT, 0.9, -120, 40)[0] < -130
