"""A set's camera on its way sees planes where flat layers would be seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstframe.imaging.camera import Pose, focal_px, similarity
from firstframe.render.filming import posed
from firstframe.sets.framing import Camera

WIDTH, HEIGHT = 320, 180
CAMERA = Camera(
    position=(0.1, 0.4, 1.2), left=-0.30, right=0.22, bottom=-0.21, top=0.0825, focus_m=0.9, aperture_m=0.004
)
SHIFT = st.floats(-0.08, 0.08)
POSES = st.builds(
    Pose, SHIFT, SHIFT, SHIFT, st.floats(0.8, 1.25), film_x_px=st.floats(-9, 9), film_y_px=st.floats(-9, 9)
)


def world(u: float, v: float, depth: float) -> np.ndarray:
    """The point that the hero shows `u` and `v` pixels from its middle, at a depth."""
    px = (CAMERA.right - CAMERA.left) / WIDTH
    x = (CAMERA.left + CAMERA.right) / 2 + u * px
    y = (CAMERA.bottom + CAMERA.top) / 2 - v * px
    return np.asarray(CAMERA.position) + np.array([x * depth, y * depth, -depth])


@given(POSES, st.floats(-150, 150), st.floats(-80, 80), st.floats(0.4, 6.0))
def test_a_plane_is_seen_where_a_layer_is(pose: Pose, u: float, v: float, depth: float) -> None:
    wanted = similarity(pose, depth, focal_px(WIDTH, CAMERA.horizontal_fov_deg)).seen_at(u, v)
    ((across, down),) = posed(CAMERA, pose, WIDTH).project(world(u, v, depth)[None])
    assert ((across - 0.5) * WIDTH, (down - 0.5) * HEIGHT) == pytest.approx(wanted, abs=1e-6)


def test_what_was_in_focus_stays_in_focus() -> None:
    moved = posed(CAMERA, Pose(z_m=0.3, x_m=0.05), WIDTH)
    focal_plane = CAMERA.position[2] - CAMERA.focus_m
    assert moved.position[2] - moved.focus_m == pytest.approx(focal_plane)
    assert moved.aperture_m == CAMERA.aperture_m


def test_nothing_moves_in_the_pose_of_the_hero() -> None:
    still = posed(CAMERA, Pose(), WIDTH)
    assert still.position == CAMERA.position
    assert (still.left, still.right, still.bottom, still.top) == pytest.approx(
        (CAMERA.left, CAMERA.right, CAMERA.bottom, CAMERA.top)
    )
