"""The pinhole camera."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstframe.imaging.camera import Pose, focal_px, similarity


def test_the_focal_length_spans_the_field_of_view() -> None:
    assert focal_px(1000, 90) == pytest.approx(500)


def test_the_hero_is_seen_as_it_is() -> None:
    view = similarity(Pose(), 2.0, 900)
    assert (view.step, view.x, view.y) == (1, 0, 0)


@given(
    x=st.floats(-0.3, 0.3),
    y=st.floats(-0.3, 0.3),
    z=st.floats(-0.5, 0.5),
    depth=st.floats(1.0, 9.0),
    u=st.floats(-900, 900),
    v=st.floats(-500, 500),
)
def test_points_are_seen_where_a_pinhole_projects_them(
    x: float, y: float, z: float, depth: float, u: float, v: float
) -> None:
    focal = 1500.0
    world_x, world_y = u * depth / focal, v * depth / focal
    expected = (focal * (world_x - x) / (depth - z), focal * (world_y - y) / (depth - z))
    seen = similarity(Pose(x_m=x, y_m=y, z_m=z), depth, focal).seen_at(u, v)
    assert seen == pytest.approx(expected, abs=1e-6)


def test_zoom_and_film_shift_act_on_the_picture() -> None:
    seen = similarity(Pose(zoom=1.1, film_x_px=7, film_y_px=-3, z_m=0.2), 2.0, 900).seen_at(50, 20)
    plain = similarity(Pose(z_m=0.2), 2.0, 900).seen_at(50, 20)
    assert seen == pytest.approx((1.1 * (plain[0] + 7), 1.1 * (plain[1] - 3)))


def test_nearer_layers_move_more() -> None:
    far, near = (similarity(Pose(x_m=0.1), depth, 900).seen_at(0, 0)[0] for depth in (4.0, 1.0))
    assert near == pytest.approx(4 * far)
    assert near < 0
