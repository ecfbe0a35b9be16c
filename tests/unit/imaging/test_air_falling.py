"""Rain and snow."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import Rgb8
from firstframe.imaging.air import rain, snow
from firstframe.imaging.air.falling import FARTHEST_M, Falling
from firstframe.imaging.air.kernels import streak
from firstframe.imaging.air.rain import SHUTTER, Rain
from firstframe.imaging.air.snow import OVERCRANK, Snow
from support.airs import moment, place

FOCAL = 600.0


@pytest.fixture
def hero() -> Rgb8:
    return np.full((180, 320, 3), 60, np.uint8)


def drawn(medium: Falling, time_s: float, near: float = 0.0, far: float = 100.0) -> np.ndarray:
    out = np.full((180, 320 * 3), 12000, np.uint16)
    medium.between(out, moment(time_s), near, far)
    return out.reshape(180, 320, 3).astype(int) - 12000


def test_drops_have_the_speed_that_was_measured() -> None:
    """Gunn and Kinzer, "The terminal velocity of fall for water droplets in stagnant air", 1949: 1, 2 and 5 mm."""
    assert rain.terminal_speed(np.array([1.0, 2.0, 5.0])) == pytest.approx([4.03, 6.49, 9.09], abs=0.2)


def test_crystals_sink_and_flakes_fall_slowly() -> None:
    speeds = snow.terminal_speed(np.array([1.5, 6.0]))
    assert speeds[0] == pytest.approx(0.3)
    assert 0.5 < speeds[1] < 1.2


def test_more_rain_has_more_and_larger_drops() -> None:
    assert rain.drops_per_m3(30) > rain.drops_per_m3(3) > 50
    assert rain.slope_per_mm(30) < rain.slope_per_mm(3)


@pytest.mark.parametrize(("kind", "slower"), [(Rain, 1.0), (Snow, OVERCRANK)])
def test_things_go_as_fast_as_their_distance_has_it(hero: Rgb8, kind: type[Falling], slower: float) -> None:
    falling = kind(place(hero, amount=1.0))
    chosen = np.arange(len(falling._fall.depth_m))
    (one, velocity), (other, _) = (falling._places(chosen, time_s) for time_s in (1.0, 1.001))
    step = np.linalg.norm(other - one, axis=1)
    stayed = step < 40  # the others have come in anew
    assert stayed.mean() > 0.95
    assert np.median(step[stayed] / 0.001 / np.linalg.norm(velocity, axis=1)[stayed]) == pytest.approx(1, abs=0.02)
    metres = np.linalg.norm(velocity, axis=1) * falling._fall.depth_m / FOCAL
    assert np.median(metres / falling._fall.speed) == pytest.approx(1, abs=0.05)
    assert falling._fall.speed.max() * slower < 10


def test_a_streak_is_as_long_as_the_shutter_is_open(hero: Rgb8) -> None:
    """One drop on a dark picture, in focus: its light reaches as far as it goes in half a frame's time."""
    falling = Rain(place(hero, amount=1.0, frame_rate=200.0))
    order = np.argsort(np.abs(falling._fall.depth_m - 1.2))
    for index in order:
        at, velocity = falling._places(np.array([index]), 1.0)
        if np.abs(at[0, 0]) < 100 and np.abs(at[0, 1]) < 40:
            break
    depth = falling._fall.depth_m[index]
    rows = np.flatnonzero(drawn(falling, 1.0, depth - 1e-9, depth + 1e-9).any((1, 2)))
    expected = velocity[0, 1] * SHUTTER / 200
    assert len(rows) == pytest.approx(expected, abs=6)


def test_all_is_between_the_camera_and_the_background(hero: Rgb8) -> None:
    for kind in (Rain, Snow):
        depth = kind(place(hero, amount=1.0))._fall.depth_m
        assert len(depth) > 100
        assert 0.5 < depth.min() < depth.max() < 2.4
    far = Snow(place(hero, amount=1.0, depths_m=(90.0, 1.2)))._fall.depth_m
    assert far.max() <= FARTHEST_M
    assert (far < 3).mean() > 0.1


def test_each_is_drawn_in_one_interval_of_depth(hero: Rgb8) -> None:
    for kind in (Rain, Snow):
        falling = kind(place(hero, amount=1.0))
        parts = [drawn(falling, 1.0, near, far) for near, far in ((0, 1), (1, 1.5), (1.5, 3))]
        assert all(part.any() for part in parts)
        assert not drawn(falling, 1.0, 3, 9).any()


def test_what_comes_in_again_comes_in_somewhere_else(hero: Rgb8) -> None:
    falling = Rain(place(hero, amount=1.0))
    first = np.arange(1)
    pixels = FOCAL / falling._fall.depth_m[0]
    around_s = falling._cycle / (falling._fall.speed[0] * pixels)
    (one, _), (other, _) = (falling._places(first, time_s) for time_s in (0.0, around_s))
    down, along = falling._axes(falling._fall.lean[first])
    aside = ((other - one) * along).sum()
    assert ((other - one) * down).sum() == pytest.approx(0, abs=1e-6)
    assert abs(aside) > 1
    assert abs(aside) < falling._reach


def test_what_leans_goes_askew(hero: Rgb8) -> None:
    falling = Rain(place(hero))
    down, across = falling._axes(np.array([0.0, np.pi / 2]))
    assert down[0] == pytest.approx(falling._along)
    assert down[1] == pytest.approx([-falling._along[1], falling._along[0]])
    assert (down * across).sum(axis=1) == pytest.approx([0, 0])


def test_what_is_fast_thin_or_out_of_focus_is_fainter(hero: Rgb8) -> None:
    falling = Rain(place(hero, amount=1.0))
    index = int(np.argmin(np.abs(falling._fall.depth_m - 1.2)))
    chosen, scale = np.array([index]), np.ones(1)
    sharp = falling._fall.diameter_m[index] / 2 * FOCAL / falling._fall.depth_m[index]
    (radius, rest), (_, fast) = (falling._looks(chosen, scale, np.array([[0.0, half]]))[:2] for half in (0.0, 10.0))
    assert radius[0] >= 0.7
    assert rest[0] == pytest.approx(falling._fall.opacity[index] * min(sharp / radius[0], 1.0))
    assert fast[0] / rest[0] == pytest.approx(2 * sharp / (2 * sharp + 20.0))
    near = int(np.argmin(falling._fall.depth_m))
    wide = falling._looks(np.array([near]), scale, np.zeros((1, 2)))[0]
    assert wide[0] > 1.3 * falling._fall.diameter_m[near] / 2 * FOCAL / falling._fall.depth_m[near]


def test_the_frame_never_empties(hero: Rgb8) -> None:
    falling = Rain(place(hero))
    amounts = [drawn(falling, time_s).sum() for time_s in (1.0, 7.3, 31.0)]
    assert min(amounts) > 0.5 * max(amounts)


def test_there_is_none_at_the_first_frame(hero: Rgb8) -> None:
    falling = Snow(place(hero))
    assert not drawn(falling, 0.0).any()
    assert 0 < drawn(falling, 0.06).sum() < 0.2 * drawn(falling, 1.0).sum()


def test_light_on_white_is_not_seen() -> None:
    white = np.full((180, 320, 3), 255, np.uint8)
    out = np.full((180, 960), 65535, np.uint16)
    Snow(place(white, amount=1.0)).between(out, moment(1.0), 0, 100)
    assert (out == 65535).all()


@pytest.mark.parametrize(("kind", "least"), [(Rain, 0.08), (Snow, 0.03)])
@pytest.mark.parametrize("side", [1, 4])
def test_what_falls_is_seen_at_every_size(kind: type[Falling], least: float, side: int) -> None:
    """Half an amount changes that share of the frame by more than 2 % of full scale, a small frame's as a large one's."""
    wide, high = 320 * side, 180 * side
    falling = kind(place(np.full((high, wide, 3), 60, np.uint8), focal_px=FOCAL * side))
    out = np.full((high, wide * 3), 12000, np.uint16)
    falling.between(out, moment(1.0), 0.0, 100.0)
    assert least < (out > 12000 + 1500).mean() < 3 * least


def one(kind: type[Falling], hero: Rgb8, near: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Radius, fall-off and raggedness of things that are near to the subject, or nearest to the camera."""
    falling = kind(place(hero, amount=1.0))
    depth = falling._fall.depth_m
    order = np.argsort(depth if near else np.abs(depth - 1.2))[:40]
    _, velocity = falling._places(order, 1.0)
    radius, _, fall, ragged = falling._looks(order, np.ones(40), velocity * falling._fall.shutter / 60)
    return radius, fall, ragged


def test_near_things_are_larger_discs_without_a_soft_middle(hero: Rgb8) -> None:
    for kind in (Rain, Snow):
        near, sharp = one(kind, hero, near=True), one(kind, hero, near=False)
        assert np.median(near[0]) > 1.5 * np.median(sharp[0])
        assert np.median(near[1]) < 0.95 * np.median(sharp[1])
    assert np.median(one(Snow, hero, near=False)[2]) > np.median(one(Snow, hero, near=True)[2]) > 0
    assert one(Rain, hero, near=False)[2].max() == 0


def streaked(half: float, fall: float, ragged: float, bead: float = 0.0) -> np.ndarray:
    out = np.full((80, 80 * 3), 12000, np.uint16)
    values = [np.array([float(value)]) for value in (20.0, 0.5, fall, ragged, bead)]
    streak(out, 80, np.array([[40.0, 40.0]]), np.array([[0.0, half]]), *values, np.ones(3, np.float32))
    return out.reshape(80, 80, 3)[..., 0].astype(int) - 12000


def test_a_flake_is_no_disc_and_turns_with_its_phase() -> None:
    disc, flake, turned = streaked(0, 2.5, 0), streaked(0, 2.5, 0.8), streaked(0, 2.5, 0.8, bead=1.5)
    assert np.array_equal(disc, streaked(0, 2.5, 0, bead=1.5))
    assert np.abs(disc - disc.T).max() <= 1
    assert np.abs(flake - flake.T).max() > 1000
    assert np.abs(flake - turned).max() > 1000
    assert (flake > 0).sum() < 1.2 * (disc > 0).sum()


def test_a_disc_out_of_focus_is_flat_and_one_that_moves_is_long() -> None:
    flat, soft = streaked(0, 0.5, 0), streaked(0, 2.5, 0)
    assert flat[40, 40] == soft[40, 40]
    assert flat[40, 54] > 0.6 * flat[40, 40]
    assert soft[40, 54] < 0.35 * soft[40, 40]
    long = streaked(18, 2.5, 0)
    assert (long[:, 40] > 0).sum() > 1.6 * (long[40] > 0).sum()


def test_flakes_tumble_and_drops_do_not(hero: Rgb8) -> None:
    for kind, turns in ((Snow, True), (Rain, False)):
        falling = kind(place(hero, amount=1.0))
        chosen = np.arange(5)
        assert (falling._turn(chosen, 0.0) == falling._swing[chosen]).all()
        assert (falling._turn(chosen, 2.0) > falling._swing[chosen]).all() == turns


def test_no_drop_reaches_beyond_what_the_rain_is_bound_to(hero: Rgb8) -> None:
    """At twelve frames a second a drop goes a quarter of the picture while the shutter is open."""
    within = np.zeros((180, 320), np.float32)
    within[:120] = 1
    falling = Rain(place(hero, amount=1.0, frame_rate=12.0, within=within))
    found = np.sum([drawn(falling, time_s).sum(axis=(1, 2)) for time_s in (1.0, 1.4, 2.3)], axis=0)
    assert found[20:100].min() > 0
    assert found[135:].max() < 0.02 * found[20:100].mean()
