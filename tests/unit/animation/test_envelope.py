"""How far a camera may go."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstframe.animation.envelope import INFERRED_PARALLAX, MAX_ZOOM, STEP_LIMITS, Envelope, Obstacle, parallax_px
from firstframe.core.media import PixelRect
from firstframe.core.motion import CameraMove, single
from firstframe.imaging.curves import eased
from support.animated_heroes import flat_hero, layered_hero

MOVING = [move for move in CameraMove if move is not CameraMove.LOCKED]


@settings(max_examples=150, deadline=None)
@given(
    move=st.sampled_from(list(CameraMove)),
    strength=st.floats(0, 1),
    fov=st.floats(8, 110),
    background=st.floats(1.3, 30),
    foreground=st.floats(0.15, 1.2),
    bleed=st.integers(0, 24),
    confidence=st.floats(0, 1),
    frames=st.integers(2, 90),
    subject=st.sampled_from([None, PixelRect(70, 20, 60, 70), PixelRect(0, 0, 192, 108), PixelRect(2, 50, 30, 56)]),
)
def test_no_frame_needs_what_the_layers_do_not_hold(
    move: CameraMove,
    strength: float,
    fov: float,
    background: float,
    foreground: float,
    bleed: int,
    confidence: float,
    frames: int,
    subject: PixelRect | None,
) -> None:
    hero = layered_hero(bleed=bleed, confidence=confidence, depths=(background, 1.25, foreground), subject=subject)
    hero = replace(hero, layers=replace(hero.layers, horizontal_fov_deg=fov))
    envelope = Envelope(hero)
    path = envelope.solve(single(move, strength), 4.0)
    assert 0 <= path.amount <= strength
    assert 1 <= path.zoom <= MAX_ZOOM
    half_x, half_y = 191 / 2, 107 / 2
    for index in range(frames):
        views = envelope.views(path.pose_at(path.moment(index, frames)))
        for view, room in zip(views, envelope.extents, strict=True):
            assert STEP_LIMITS[0] <= view.step <= STEP_LIMITS[1]
            assert view.x + half_x * view.step <= room.right + 1e-4
            assert view.x - half_x * view.step >= -room.left - 1e-4
            assert view.y + half_y * view.step <= room.bottom + 1e-4
            assert view.y - half_y * view.step >= -room.top - 1e-4


def test_a_layer_bounds_a_move_only_where_its_picture_cuts_it() -> None:
    wall, disc, post = Envelope(layered_hero(bleed=12)).extents
    assert (wall.left, wall.right, wall.top, wall.bottom) == (95.5 + 12, 95.5 + 12, 53.5 + 12, 53.5 + 12)
    assert (disc.left, disc.right, disc.top, disc.bottom) == (inf, inf, inf, inf)
    assert (post.left, post.right, post.top, post.bottom) == (inf, 95.5 + 12, 53.5 + 12, 53.5 + 12)


def test_exact_layers_with_room_get_what_was_asked() -> None:
    for move in MOVING:
        path = Envelope(layered_hero(bleed=40, depths=(1.4, 1.25, 1.1))).solve(single(move, 0.5), 4.0)
        assert (path.amount, path.zoom, path.obstacle) == (0.5, 1.0, None)


def test_a_pan_without_bleed_zooms_in_just_enough() -> None:
    hero = flat_hero(layered_hero().image)
    envelope = Envelope(hero)
    path = envelope.solve(single(CameraMove.PAN_RIGHT, 0.5), 4.0)
    assert path.amount == 0.5
    assert path.zoom == pytest.approx(1 + 2 * 0.025 * 192 / 191 / (1 - 0.05 * 192 / 191), abs=1e-3)
    touching = [
        95.5 - view.x - 95.5 * view.step for way in (0.2, 0.6, 1.0) for view in envelope.views(path.pose_at(way))
    ]
    assert min(touching) == pytest.approx(0, abs=1e-3)


def test_too_large_a_pan_is_reduced_to_what_the_zoom_allows() -> None:
    path = Envelope(flat_hero(layered_hero().image)).solve(single(CameraMove.PAN_LEFT, 1.0), 4.0)
    assert 0.85 < path.amount < 0.95
    assert path.zoom == pytest.approx(MAX_ZOOM, abs=1e-3)
    assert path.obstacle is Obstacle.BLEED


def test_a_flat_picture_without_bleed_cannot_be_pulled_back_from() -> None:
    path = Envelope(flat_hero(layered_hero().image)).solve(single(CameraMove.PULL, 0.5), 4.0)
    assert (path.zoom, path.obstacle) == (1.0, Obstacle.BLEED)
    assert path.amount < 1e-3


def test_more_bleed_allows_more_of_a_pull() -> None:
    amounts = [
        Envelope(layered_hero(bleed=bleed)).solve(single(CameraMove.PULL, 1.0), 4.0).amount for bleed in (2, 6, 12, 40)
    ]
    assert amounts == sorted(amounts)
    assert 0 < amounts[0] < amounts[2]


@pytest.mark.parametrize("move", [CameraMove.PUSH, CameraMove.PAN_LEFT, CameraMove.ORBIT])
def test_low_confidence_limits_motion(move: CameraMove) -> None:
    depths = (9.0, 1.25, 1.2)
    paths = [
        Envelope(layered_hero(bleed=60, confidence=confidence, depths=depths)).solve(single(move, 1.0), 4.0)
        for confidence in (1.0, 0.9, 0.4, 0.1)
    ]
    amounts = [path.amount for path in paths]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > amounts[2] > amounts[3] > 0
    assert paths[2].obstacle is Obstacle.CONFIDENCE
    envelope = Envelope(layered_hero(bleed=60, confidence=0.9, depths=depths))
    views = envelope.views(paths[1].pose_at(1.0))
    for view, room in zip(views[1:], envelope.extents[1:], strict=True):
        assert parallax_px(views[0], view, room.box) <= INFERRED_PARALLAX * 192 + 1e-6


def test_the_subject_is_not_pushed_out_of_the_frame() -> None:
    free = Envelope(layered_hero(bleed=40)).solve(single(CameraMove.PAN_LEFT, 1.0), 4.0)
    hero = layered_hero(bleed=40, subject=PixelRect(100, 30, 86, 40))
    held = Envelope(hero).solve(single(CameraMove.PAN_LEFT, 1.0), 4.0)
    assert held.obstacle is Obstacle.SUBJECT
    assert held.amount < 0.6 * free.amount


def test_the_zoom_follows_the_way() -> None:
    path = Envelope(flat_hero(layered_hero().image)).solve(single(CameraMove.PAN_LEFT, 0.5), 4.0)
    assert path.pose_at(0).zoom == 1
    assert path.pose_at(0.5).zoom == pytest.approx(1 + (path.zoom - 1) * eased(0.5))
    assert path.pose_at(1).zoom == pytest.approx(path.zoom)
