"""A sign that hums and now and then fails."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.motion import Air, Atmosphere, FlickerLight, Repeat
from firstframe.imaging.air.base import FADE_IN_S
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.air.flash import MOST_PER_S, most_flashes
from firstframe.imaging.air.neon import DEPTHS, HUM, Neon
from firstframe.imaging.air.surfaces import surfaces
from firstframe.imaging.camera import Pose, similarity
from support.airs import frames_of, garden, moment, place

FOCAL = 358.0
TIMES = np.arange(0, 4, 1 / 120)


def neon(**changes: object) -> Neon:
    hero = garden()
    return Neon(place(hero.image, surfaces=surfaces(hero, FOCAL), focal_px=FOCAL, amount=1.0, **changes))


def levels(light: Neon) -> np.ndarray:
    return np.array([light.level(float(time_s)) for time_s in TIMES])


@pytest.mark.parametrize("seed", range(12))
def test_failures_are_sharp_rare_and_never_near_the_ends_of_a_loop(seed: int) -> None:
    light = neon(seed=seed, repeats=True)
    found = levels(light)
    out = found < -0.25
    assert 1 <= len(light.failures) <= 6
    assert 0.01 < out.mean() < 0.2, "on nearly all the time, and out at least once in 4 s"
    assert found.min() < -0.7 * DEPTHS[1]
    assert np.abs(np.diff(found)).max() > 0.25, "at once"
    assert not out[TIMES < FADE_IN_S].any()
    assert not out[TIMES > 4 - FADE_IN_S].any()
    begins = np.array([begin for begin, _, _ in light.failures])
    assert all(((begins >= begin) & (begins < begin + 1)).sum() <= MOST_PER_S for begin in begins)


def test_it_hums_in_between_by_very_little() -> None:
    light = neon(repeats=True)
    light.failures.clear()
    found = levels(light)
    assert HUM / 4 < found.std() < 2 * HUM
    assert np.abs(found).max() < 3 * HUM
    assert light.level(4.0) == pytest.approx(light.level(0.0)), "whole swings in a loop"


def test_the_seed_says_when() -> None:
    assert neon(seed=1).failures == neon(seed=1).failures
    assert neon(seed=1).failures != neon(seed=2).failures


def test_the_tube_loses_most_and_what_is_far_from_it_little() -> None:
    within = np.zeros((108, 192), np.float32)
    within[20:28, 20:60] = 1
    hero = garden()
    light = neon(within=within, seed=1)
    begin, length, _ = light.failures[0]
    cover = Cover(hero.layers, hero.size)
    cover.place([similarity(Pose(), layer.depth_m, FOCAL) for layer in hero.layers.layers])
    frame = np.full((108, 3 * 192), 30000, np.uint16)
    light.over(frame, moment(begin + length / 2), cover)
    lost = 1 - frame.reshape(108, 192, 3).mean(-1) / 30000
    assert lost[24, 40] > 0.3
    assert 0.05 < lost[38, 40] < lost[24, 40]
    assert lost[100, 185] < lost[38, 40] / 2


def test_without_a_word_it_is_the_brightest_of_the_picture() -> None:
    hero = garden()
    image = (hero.image // 3).astype(np.uint8)
    image[70:76, 130:180] = (255, 60, 180)
    signed = neon_on(image)
    assert signed[73, 150] > 0.9
    assert signed[20, 20] < 0.5


def test_what_is_bright_and_broad_is_no_tube() -> None:
    image = (garden().image // 3).astype(np.uint8)
    image[70:76, 130:180] = (255, 60, 180)
    image[20:60, 60:130] = 250
    signed = neon_on(image)
    assert signed[73, 150] > 0.9
    assert signed[40, 95] < 0.1


def test_what_a_lens_draws_around_a_tube_goes_out_with_it_in_its_colour() -> None:
    hero = garden()
    within = np.zeros((108, 192), np.float32)
    within[40:52, 60:120] = 1
    image = np.full_like(hero.image, 60)
    image[40:52, 60:120] = (250, 40, 40)
    light = Neon(place(image, surfaces=surfaces(hero, FOCAL), focal_px=FOCAL, amount=1.0, within=within, seed=1))
    shining = np.kron(light._tubes[0], np.ones((4, 4)))[12:120, 12:204]
    assert shining[46, 90] == pytest.approx(1, abs=0.01)
    assert shining[37, 90] > 0.15, "the halo"
    assert shining[20, 90] < 0.01
    red, green, _ = light._tint
    assert red == pytest.approx(1, abs=0.02)
    assert green < 0.65


def test_about_half_of_the_failures_come_twice_the_second_one_weaker() -> None:
    first, second = [], []
    for seed in range(30):
        begin_s = -1.0
        for at_s, length_s, depth in neon(seed=seed).failures:
            (second if at_s - begin_s < 0.3 else first).append(depth)
            begin_s = at_s + length_s
    assert 0.3 < len(second) / len(first) < 0.8
    assert max(second) <= 0.8 < min(first)


def neon_on(image: np.ndarray) -> np.ndarray:
    """Where the background is a tube, at the size of the picture."""
    hero = garden()
    light = Neon(place(image, surfaces=surfaces(hero, FOCAL), focal_px=FOCAL, amount=1.0))
    background = light._tubes[0]
    return np.asarray(np.kron(background, np.ones((4, 4)))[12:120, 12:204])


def test_a_clip_fails_and_never_flashes_more_than_is_allowed() -> None:
    sign = Air(Atmosphere.FLICKER, 1.0, light=FlickerLight.NEON, region="water")
    for seed in range(3):
        frames = frames_of(garden(), sign, count=90, rate=30, seed=seed, repeat=Repeat.LOOP)
        flashes = most_flashes((frame.astype(np.uint16) for frame in frames), 30)
        assert flashes <= MOST_PER_S
        assert not np.array_equal(frames[45], frames_of(garden(), Air(Atmosphere.FLICKER, 1.0), count=90, rate=30)[45])
        still = frames[0][80, 20].sum()
        assert min(frame[80, 20].sum() for frame in frames) < 0.75 * still
