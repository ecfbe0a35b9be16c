"""Chains of moves, solved: every frame fits, nothing jumps, and any part of a motion is the very same motion."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import HeroPicture, PixelRect
from firstframe.core.motion import CameraMove, CameraPhase, Ease, Keyframe, Motion, Repeat, Window, single
from firstframe.imaging.camera import Pose
from firstframe.imaging.envelope import MAX_PARTING, MAX_ZOOM, STEP_LIMITS, Envelope
from firstframe.imaging.moves import DOLLY_ZOOM_SCALE, HANDHELD, PUSH_SCALE, SLIDE
from firstframe.imaging.path import CameraPath, Obstacle
from support.animated_heroes import Watched, flat_hero, layered_hero

PUSH, PULL, LEFT, RIGHT = CameraMove.PUSH, CameraMove.PULL, CameraMove.PAN_LEFT, CameraMove.PAN_RIGHT
ROOMY = layered_hero(bleed=40, depths=(1.4, 1.25, 1.1))


def chain(*phases: CameraPhase, strength: float = 1.0, repeat: Repeat = Repeat.ONCE) -> Motion:
    share = 1 / len(phases)
    even = tuple(replace(phase, share=share) if phase.share == 1 else phase for phase in phases)
    return Motion(even, strength, repeat=repeat)


def solve(motion: Motion, hero: HeroPicture = ROOMY, seconds: float = 4.0, seed: int = 0) -> CameraPath:
    return Envelope(hero).solve(motion, seconds, seed)


def scale(path: CameraPath, share: float, depth: float = 1.25) -> float:
    at = path.pose_at(share)
    return at.zoom * depth / (depth - at.z_m)


def numbers(pose: Pose) -> np.ndarray:
    return np.array([pose.x_m, pose.y_m, pose.z_m, pose.zoom, pose.film_x_px, pose.film_y_px])


PHASES = st.lists(
    st.builds(
        CameraPhase,
        st.sampled_from(list(CameraMove)),
        amount=st.floats(0, 1),
        share=st.floats(0.1, 1),
        ease=st.sampled_from(list(Ease)),
        keys=st.sampled_from(
            [(), (), (Keyframe(0.3, 1.0), Keyframe(0.8, -0.5)), (Keyframe(0.0, 0.0), Keyframe(0.5, 0.2))]
        ),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(
    phases=PHASES,
    strength=st.floats(0, 1),
    bleed=st.integers(0, 24),
    confidence=st.floats(0, 1),
    repeat=st.sampled_from(list(Repeat)),
    subject=st.sampled_from([None, PixelRect(70, 20, 60, 70), PixelRect(2, 50, 30, 56)]),
    depths=st.sampled_from([(2.4, 1.25, 0.8), (30.0, 1.25, 0.3), (1.3, 1.25, 1.2)]),
)
def test_no_frame_of_a_chain_needs_what_the_layers_do_not_hold(
    phases: list[CameraPhase],
    strength: float,
    bleed: int,
    confidence: float,
    repeat: Repeat,
    subject: PixelRect | None,
    depths: tuple[float, float, float],
) -> None:
    total = sum(phase.share for phase in phases)
    motion = Motion(tuple(replace(phase, share=phase.share / total) for phase in phases), strength, repeat=repeat)
    envelope = Envelope(layered_hero(bleed=bleed, confidence=confidence, depths=depths, subject=subject))
    path = envelope.solve(motion, 3.0, 4)
    assert 0 <= path.amount <= strength + 1e-12
    assert 1 <= path.zoom <= MAX_ZOOM + 1e-6
    assert np.abs(numbers(path.pose_at(0)) - numbers(Pose())).max() == 0
    for index in range(173):
        views = envelope.views(path.pose_at(path.moment(index, 173)))
        for view, room in zip(views, envelope.extents, strict=True):
            assert STEP_LIMITS[0] - 1e-5 <= view.step <= STEP_LIMITS[1] + 1e-5
            assert view.x + 95.5 * view.step <= room.right + 5e-3
            assert view.x - 95.5 * view.step >= -room.left - 5e-3
            assert view.y + 53.5 * view.step <= room.bottom + 5e-3
            assert view.y - 53.5 * view.step >= -room.top - 5e-3


def test_a_move_begins_where_the_one_before_ended() -> None:
    path = solve(chain(CameraPhase(PUSH, 0.8), CameraPhase(PULL, 0.2), CameraPhase(RIGHT, 0.5)))
    assert [scale(path, share) for share in (1 / 3, 2 / 3, 1)] == pytest.approx(
        [1 + 0.8 * PUSH_SCALE, 1 + 0.6 * PUSH_SCALE, 1 + 0.6 * PUSH_SCALE]
    )
    before, after = (numbers(path.pose_at(1 / 3 + step)) for step in (-1e-7, 1e-7))
    assert np.abs(after - before).max() < 1e-9
    assert path.pose_at(1).x_m > 0


def test_push_in_then_settle_has_no_jump_of_speed() -> None:
    path = solve(chain(CameraPhase(PUSH, 0.9, 0.7), CameraPhase(PULL, 0.1, 0.3)))
    scales = np.array([scale(path, index / 240) for index in range(241)])
    assert np.abs(np.diff(scales, 2)).max() < 3e-5
    assert scales.argmax() == pytest.approx(168, abs=1)


def test_moves_that_join_at_speed_are_limited_together() -> None:
    hero = layered_hero(bleed=4)
    halves = CameraPhase(PULL, 0.5, 0.5, Ease.IN), CameraPhase(PULL, 0.5, 0.5, Ease.OUT)
    path = solve(chain(*halves), hero)
    shares = [leg.amount / leg.asked for leg in path.legs]
    assert shares[0] == shares[1] < 0.9
    assert [limit.phase for limit in path.limits] == [0, 1]
    apart = solve(chain(*(replace(half, ease=Ease.SMOOTH) for half in halves)), hero)
    assert apart.legs[0].amount > 1.2 * apart.legs[1].amount


def test_the_move_that_was_limited_is_named() -> None:
    path = solve(chain(CameraPhase(PUSH, 0.5), CameraPhase(LEFT, 0.2), CameraPhase(PULL)), layered_hero(bleed=2))
    assert [(limit.phase, limit.move, limit.obstacle) for limit in path.limits] == [(2, PULL, Obstacle.BLEED)]
    assert path.legs[0].amount == 0.5
    assert 0.5 < path.legs[2].amount < 1
    assert path.amount == pytest.approx(sum(leg.amount for leg in path.legs) / 1.7)
    request = ClipRequest(layered_hero(bleed=2), chain(CameraPhase(PUSH, 0.2), CameraPhase(PULL)), 8, Fraction(4), 0)
    (found,) = PrevizAnimator().take(request).findings
    assert found.reason == "MOTION_LIMITED"
    assert found.message.startswith("pull, move 2 of 2: strength 0.")


def test_shadows_that_part_from_the_subject_are_told_of() -> None:
    hero = layered_hero(bleed=40, depths=(6.0, 1.25, 1.1), subject=PixelRect(70, 20, 50, 70))
    envelope = Envelope(hero)
    path = envelope.solve(single(CameraMove.CRANE_UP, 0.38), 4.0)
    wall, disc, _ = envelope.views(path.pose_at(1))
    foot = 70 + 24.5 - 95.5, 89 - 53.5
    parted = np.subtract(wall.seen_at(*foot), disc.seen_at(*foot))
    assert envelope.parting(path) == pytest.approx(np.linalg.norm(parted) / 108)
    assert envelope.parting(envelope.solve(single(CameraMove.PUSH, 0.0), 4.0)) == 0
    take = PrevizAnimator().take(ClipRequest(hero, single(CameraMove.CRANE_UP, 0.38), 12, Fraction(4), 0))
    assert f"{100 * envelope.parting(path):.0f} %" in take.findings[-1].message
    assert take.findings[-1].reason == "SHADOWS_PART"
    gentle = PrevizAnimator().take(ClipRequest(hero, single(CameraMove.PUSH, 0.5), 12, Fraction(4), 0))
    assert gentle.findings == ()
    assert Envelope(replace(hero, subject=None)).parting(path) == 0
    far = envelope.solve(single(CameraMove.CRANE_UP, 1.0), 4.0)
    assert far.obstacle is Obstacle.PARTING
    assert envelope.parting(far) == pytest.approx(MAX_PARTING, rel=0.02)


def test_zoom_that_one_move_needs_is_not_taken_back_by_the_next() -> None:
    path = solve(chain(CameraPhase(LEFT, 0.5), CameraPhase(RIGHT, 0.5)), flat_hero(ROOMY.image))
    zooms = [path.pose_at(index / 50).zoom for index in range(51)]
    assert (np.diff(zooms) >= -1e-12).all()
    assert zooms[-1] == pytest.approx(zooms[25]) == path.zoom


@pytest.mark.parametrize("move", [move for move in CameraMove if move is not CameraMove.LOCKED])
@pytest.mark.parametrize("repeat", [Repeat.PING_PONG, Repeat.LOOP])
def test_the_last_frame_joins_the_first(move: CameraMove, repeat: Repeat) -> None:
    path = solve(replace(single(move, 0.8), repeat=repeat), seconds=4.0)
    poses = np.array([numbers(pose) for pose in path.poses(96)])
    steps = np.abs(np.diff(np.concatenate([poses, poses[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= max(1.6 * steps[0], 0.05 * steps.max())
    assert (poses[0] == numbers(Pose())).all()
    assert steps.max() > 0


@pytest.mark.parametrize("move", [PUSH, LEFT, CameraMove.ORBIT, CameraMove.CRANE_UP])
def test_the_last_picture_of_a_loop_is_as_near_to_the_first_as_the_second_is(move: CameraMove) -> None:
    motion = replace(single(move, 1.0), repeat=Repeat.LOOP)
    take = PrevizAnimator().take(ClipRequest(ROOMY, motion, 36, Fraction(12), 3))
    frames = [frame.astype(float) for frame in take.frames(Watched())]
    steps = [float(np.abs(a - b).mean()) for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    assert steps[-1] == pytest.approx(steps[0], rel=0.15)
    assert steps[-1] < max(steps)


def test_a_ping_pong_goes_back_the_way_it_came() -> None:
    path = solve(replace(chain(CameraPhase(PUSH, 0.5), CameraPhase(RIGHT)), repeat=Repeat.PING_PONG))
    for share in (0.1, 0.3, 0.45):
        assert numbers(path.pose_at(share)) == pytest.approx(numbers(path.pose_at(1 - share)))
    assert scale(path, 0.5) == pytest.approx(1 + 0.5 * PUSH_SCALE)


@pytest.mark.parametrize("move", [PUSH, CameraMove.ORBIT_LEFT, CameraMove.HANDHELD])
@pytest.mark.parametrize("parts", [3, 7, 15])
def test_windows_that_join_are_the_whole_to_the_bit(move: CameraMove, parts: int) -> None:
    whole = replace(chain(CameraPhase(move, 0.7), CameraPhase(PULL, 0.3)), strength=0.9)
    path = solve(whole, layered_hero(bleed=5), 4.0 * parts, 9)
    one = list(path.poses(24 * parts))
    joined = []
    for part in range(parts):
        window = Window(part / parts, (part + 1) / parts)
        joined += solve(replace(whole, window=window), layered_hero(bleed=5), 4.0, 9).poses(24)
    assert joined == one


def test_windows_that_join_give_the_very_frames_of_the_whole() -> None:
    def frames(window: Window, count: int) -> list[np.ndarray]:
        motion = replace(chain(CameraPhase(PUSH), CameraPhase(CameraMove.HANDHELD)), window=window)
        take = PrevizAnimator().take(ClipRequest(layered_hero(), motion, count, Fraction(10), 3))
        return [frame.copy() for frame in take.frames(Watched())]

    parts = frames(Window(0, 1 / 3), 10) + frames(Window(1 / 3, 2 / 3), 10) + frames(Window(2 / 3, 1), 10)
    assert np.array_equal(np.array(parts), np.array(frames(Window(), 30)))


@pytest.mark.parametrize(
    ("move", "share"), [(PUSH, PUSH_SCALE), (LEFT, SLIDE), (CameraMove.TILT_UP, SLIDE), (CameraMove.ORBIT, 0.0)]
)
def test_speed_is_the_subjects_at_full_speed(move: CameraMove, share: float) -> None:
    motion = Motion((CameraPhase(move, ease=Ease.LINEAR),), 0.0, speed=0.5)
    path = solve(motion, layered_hero(bleed=40), seconds=5.0)
    if share:
        assert path.strength == pytest.approx(0.005 * 5 / share)
    else:
        view = [Envelope(layered_hero(bleed=40)).views(path.pose_at(at))[0].x / 192 for at in (0.4, 0.6)]
        assert abs(view[1] - view[0]) == pytest.approx(0.005, rel=0.02)
    assert path.slowed is None
    slower = solve(replace(motion, phases=(CameraPhase(move),)), layered_hero(bleed=40), seconds=5.0)
    assert slower.strength == pytest.approx(path.strength * (1 - 0.14 - 0.16), rel=1e-3)


def test_speed_beyond_the_largest_move_is_told() -> None:
    motion = Motion((CameraPhase(PUSH, ease=Ease.LINEAR),), 0.0, speed=11.0)
    path = solve(motion, seconds=2.0)
    assert (path.strength, path.slowed) == (1.0, pytest.approx((11.0, 5.5)))
    found = PrevizAnimator().take(ClipRequest(ROOMY, motion, 20, Fraction(10), 0)).findings
    assert [item.reason for item in found] == ["MOTION_LIMITED"]
    assert found[0].message.startswith("speed 5.5 of 11.0 % of the frame per second is reached")
    back = solve(replace(motion, speed=2.0, repeat=Repeat.PING_PONG), seconds=2.0)
    assert back.strength == pytest.approx(0.02 / PUSH_SCALE)


@pytest.mark.parametrize("parts", [3, 7, 11])
def test_parts_of_a_piece_know_one_length_of_it(parts: int) -> None:
    """Of 10 s in thirds, 3.3333 s over 1/3 come to 9.9999…, 10.0000… for each part otherwise: a hand would sway otherwise."""
    motion, seconds = single(CameraMove.HANDHELD, 0.3), 10.0
    paths = [
        solve(replace(motion, window=Window(index / parts, (index + 1) / parts)), seconds=seconds / parts)
        for index in range(parts)
    ]
    assert {path.seconds for path in paths} == {10.0}


def test_speed_of_a_window_is_that_of_the_whole() -> None:
    motion = Motion((CameraPhase(PUSH),), 0.0, speed=1.0)
    whole = solve(motion, seconds=8.0)
    part = solve(replace(motion, window=Window(0.25, 0.75)), seconds=4.0)
    assert (part.strength, part.seconds) == (whole.strength, whole.seconds)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_dolly_zoom_keeps_the_subject_and_moves_the_background(sign: int) -> None:
    move = CameraMove.DOLLY_ZOOM if sign > 0 else CameraMove.DOLLY_ZOOM_OUT
    hero = layered_hero(bleed=40, subject=PixelRect(30, 20, 40, 60))
    path, envelope = solve(single(move, 1.0), hero), Envelope(hero)
    wall, disc, post = envelope.views(path.pose_at(1))
    subject = envelope.stage.subject_x_px, envelope.stage.subject_y_px
    assert disc.scale == pytest.approx(1)
    assert disc.seen_at(*subject) == pytest.approx(subject)
    assert (wall.scale - 1) * sign < -0.03
    assert (post.scale - 1) * sign > 0.03
    assert path.pose_at(1).zoom ** -sign == pytest.approx(1 + DOLLY_ZOOM_SCALE * path.amount)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_crane_looks_at_the_subject_from_higher_up(sign: int) -> None:
    hero = layered_hero(bleed=40, subject=PixelRect(30, 20, 40, 60))
    move = CameraMove.CRANE_UP if sign > 0 else CameraMove.CRANE_DOWN
    path, envelope = solve(single(move, 0.5), hero), Envelope(hero)
    wall, disc, _ = envelope.views(path.pose_at(1))
    subject = envelope.stage.subject_x_px, envelope.stage.subject_y_px
    assert path.pose_at(1).y_m * sign < 0
    assert disc.seen_at(*subject) == pytest.approx(subject)
    assert (wall.seen_at(*subject)[1] - subject[1]) * sign < -1


def test_an_orbit_to_the_left_mirrors_one_to_the_right() -> None:
    right, left = (solve(single(move, 0.5)).pose_at(1) for move in (CameraMove.ORBIT, CameraMove.ORBIT_LEFT))
    assert (left.x_m, left.z_m, left.film_x_px) == pytest.approx((-right.x_m, right.z_m, -right.film_x_px))


def test_a_hand_sways_the_subject_no_further_than_it_may() -> None:
    hero = layered_hero(bleed=12)
    envelope = Envelope(hero)
    for seed in range(5):
        path = envelope.solve(single(CameraMove.HANDHELD, 1.0), 4.0, seed)
        seen = np.array([envelope.views(pose)[1].seen_at(0, 0) for pose in path.poses(240)])
        assert np.linalg.norm(seen, axis=1).max() == pytest.approx(192 * HANDHELD, rel=0.02)
        assert seen[0] == pytest.approx((0, 0))
        assert np.linalg.norm(seen[1]) < 0.05 * 192 * HANDHELD
    assert path.zoom == 1


def test_a_hand_without_bleed_is_zoomed_in_on_softly() -> None:
    path = solve(single(CameraMove.HANDHELD, 1.0), flat_hero(ROOMY.image))
    zooms = np.array([pose.zoom for pose in path.poses(120)])
    assert zooms[0] == 1
    assert (np.diff(zooms) >= 0).all()
    assert 1.015 < zooms[-1] == path.zoom < 1.045
    assert np.diff(zooms).max() < 0.0016
