"""Light that is thrown on a hero, and what is seen of its layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firstframe.imaging.air.base import FADE_IN_S, presence
from firstframe.imaging.air.caustics import Caustics
from firstframe.imaging.air.cover import GRID, Cover, reduced
from firstframe.imaging.air.flash import LEAST_CHANGE, luminance, most_flashes, safe_swing
from firstframe.imaging.air.flicker import Flicker
from firstframe.imaging.air.kernels import relight, veil
from firstframe.imaging.air.light import lifts
from firstframe.imaging.air.mist import Mist
from firstframe.imaging.air.noise import Wander, cloudy, tiled
from firstframe.imaging.air.surfaces import surfaces
from firstframe.imaging.air.sweep import LightSweep, passed
from firstframe.imaging.camera import Pose, similarity
from support.airs import garden, moment, place

FOCAL = 358.0


def lit(value: int, gain: float) -> int:
    out = np.full((8, 24), value, np.uint16)
    relight(out, 8, np.full((4, 4), gain, np.float32), np.ones(3, np.float32))
    assert (out == out[0, 0]).all()
    return int(out[0, 0])


def test_light_multiplies_what_is_dark_and_never_passes_white() -> None:
    assert lit(2000, 0.5) == pytest.approx(3000, rel=0.01)
    assert lit(65535, 1.0) == 65535
    assert lit(0, 1.0) == 0
    steps = [lit(value, 1.0) for value in range(0, 65535, 500)]
    assert steps == sorted(steps)
    assert lit(30000, -0.2) < 30000


def test_a_veil_lies_over_a_frame_and_is_smooth() -> None:
    out = np.full((8, 24), 1000, np.uint16)
    opacity = np.tile(np.linspace(0, 1, 4, dtype=np.float32), (4, 1))
    veil(out, 8, opacity, np.array([1.0, 0.5, 0.0], np.float32))
    rows = out.reshape(8, 8, 3).astype(int)
    assert rows[:, 0, 0].max() < 6000
    assert rows[0, -1].tolist() == pytest.approx([65535, 32767, 0], abs=10)
    assert np.diff(rows[0, :, 0]).max() < 0.2 * 65535
    assert (np.diff(rows[0, :, 0]) >= 0).all()


def test_presence_comes_and_goes_with_a_clip_that_repeats() -> None:
    assert presence(0.0, 4.0, repeats=False) == 0
    assert presence(FADE_IN_S, 4.0, repeats=False) == 1
    assert presence(4.0, 4.0, repeats=False) == 1
    assert presence(4.0, 4.0, repeats=True) == 0
    assert presence(2.0, 4.0, repeats=True) == 1


def test_a_map_of_each_layer_is_seen_where_the_layer_is() -> None:
    hero = garden()
    cover = Cover(hero.layers, hero.size)
    views = [similarity(Pose(), layer.depth_m, FOCAL) for layer in hero.layers.layers]
    cover.place(views)
    shape = reduced(hero.layers.layers[0].rgba[..., 3], GRID).shape
    seen = cover.mixed([np.full(shape, float(index), np.float32) for index in range(3)])
    assert seen.shape == (54, 96)
    assert seen[27, 48] == pytest.approx(2)
    assert seen[5, 90] == pytest.approx(0)
    assert seen[40, 14] == pytest.approx(1, abs=0.01)


def test_a_map_moves_with_its_layer() -> None:
    hero = garden()
    cover = Cover(hero.layers, hero.size)
    shape = reduced(hero.layers.layers[0].rgba[..., 3], GRID).shape
    ramp = np.tile(np.arange(shape[1], dtype=np.float32) * GRID + 1.5 - 12, (shape[0], 1))
    pose = Pose(x_m=0.05)
    views = [similarity(pose, layer.depth_m, FOCAL) for layer in hero.layers.layers]
    cover.place(views)
    seen = cover.mixed([ramp, ramp, ramp])
    columns = np.arange(96) * 2 + 0.5
    shift = FOCAL * 0.05 / 4.0
    assert seen[3, 10:80] == pytest.approx(columns[10:80] + shift, abs=0.02)


def test_points_of_a_layer_are_where_the_depth_says() -> None:
    hero = garden()
    flat = surfaces(hero, FOCAL)
    assert [float(surface[..., 2].mean()) for surface in flat] == pytest.approx([4.0, 1.6, 1.2])
    assert flat[0][0, 0, 0] < 0 < flat[0][0, -1, 0]
    assert flat[0][0, 0, 1] < 0 < flat[0][-1, 0, 1]
    inverse = np.full((108, 192), 20000, np.uint16)
    inverse[43:65, 86:106] = 40000
    deep = surfaces(replace(hero, inverse_depth=inverse), FOCAL)
    assert float(np.median(deep[2][..., 2])) == pytest.approx(1.2, rel=0.35)
    assert float(np.median(deep[0][..., 2])) > 1.5


def test_nothing_changes_by_so_much_that_it_could_be_a_flash() -> None:
    swing = safe_swing()
    assert 0.08 < swing < 0.3
    values = np.arange(0, 65536, 257)
    up, down = (np.array([lit(int(value), gain) for value in values], np.uint16) for gain in (swing, -swing))
    frames = [np.repeat(np.repeat(row[None, :, None], 144, 0), 3, -1) for row in (up, down)]
    change = np.abs(luminance(frames[0]) - luminance(frames[1]))
    assert 0.07 < change.max() < LEAST_CHANGE


def test_flashes_are_counted_as_the_guideline_has_it() -> None:
    dark, bright = (np.full((72, 128, 3), level, np.uint16) for level in (20000, 45000))
    strobe = [bright if index % 6 < 3 else dark for index in range(60)]
    assert most_flashes(strobe, 30) == 5
    assert most_flashes([dark, bright] * 2, 30) == 1
    assert most_flashes([dark] * 60, 30) == 0
    small = [frame.copy() for frame in strobe]
    for frame in small:
        frame[:, 12:] = 20000
    assert most_flashes(small, 30) == 5
    for frame in small:
        frame[:, 3:] = 20000
    assert most_flashes(small, 30) == 0
    faint = [np.full((72, 128, 3), 20000 + 2000 * (index % 2), np.uint16) for index in range(60)]
    assert most_flashes(faint, 30) == 0


def test_a_flame_wanders_as_one_over_f_and_stays_in_its_bounds() -> None:
    flicker = Flicker(place(np.full((90, 160, 3), 90, np.uint8)))
    levels = np.array([flicker.level(index / 60) for index in range(6000)])
    assert np.abs(levels).max() <= 1
    assert levels.std() > 0.3
    power = np.abs(np.fft.rfft(levels - levels.mean())) ** 2
    hertz = np.fft.rfftfreq(6000, 1 / 60)
    slow = power[(hertz > 0.3) & (hertz < 1)].sum()
    fast = power[(hertz > 3) & (hertz < 8)].sum()
    assert 0.3 < slow / fast < 3, "equal power in bands of equal ratio"
    assert power[hertz > 15].sum() < 0.01 * power.sum()


def test_a_loop_of_a_wandering_value_closes() -> None:
    frequencies = np.geomspace(0.2, 6, 20)
    wander = Wander(1 / frequencies, frequencies, np.random.default_rng(1), 4.0)
    assert wander.at(4.0) == pytest.approx(wander.at(0.0), abs=1e-9)
    assert wander.at(1.0) != pytest.approx(wander.at(0.0), abs=1e-3)
    times = np.linspace(0, 4, 4000)
    assert wander.at(times).std() == pytest.approx(1, abs=0.35)


def test_noise_continues_itself() -> None:
    tile = cloudy(64, 1.7, np.random.default_rng(2))
    assert tile.mean() == pytest.approx(0, abs=1e-5)
    assert tile.std() == pytest.approx(1, abs=1e-3)
    inside = np.abs(np.diff(tile, axis=1)).max()
    assert np.abs(tile[:, 0] - tile[:, -1]).max() <= 1.3 * inside
    x = np.array([[0.25, 1.25, -2.75]], np.float32)
    assert np.ptp(tiled(tile, x, np.full_like(x, 0.5))) == pytest.approx(0, abs=1e-4)


def test_a_lamp_adds_more_where_there_is_shade() -> None:
    picture = np.full((90, 160, 3), 200, np.uint8)
    picture[:, :80] = 40
    hero = garden(160, 90)
    (lift, *_others) = lifts(place(picture, focal_px=300.0, surfaces=surfaces(hero, 300.0)))
    assert lift[:, 5].mean() > 2 * lift[:, -5].mean()


def test_the_beam_passes_once_from_outside_to_outside() -> None:
    ways = [passed(share) for share in np.linspace(0, 1, 101)]
    assert ways == sorted(ways)
    assert (ways[0], ways[50], ways[-1]) == pytest.approx((0, 0.5, 1))
    hero = garden()
    where = place(hero.image, focal_px=FOCAL, surfaces=surfaces(hero, FOCAL), depths_m=(4.0, 1.6, 1.2))
    sweep, cover = LightSweep(where), Cover(hero.layers, hero.size)
    cover.place([similarity(Pose(), layer.depth_m, FOCAL) for layer in hero.layers.layers])
    middles = []
    for time_s in (0.9, 2.0, 3.1):
        out = np.full((108, 192 * 3), 15000, np.uint16)
        sweep.over(out, moment(time_s), cover)
        light = out.reshape(108, 192, 3)[..., 1].astype(float) - 15000
        assert light.max() > 500
        middles.append((light * np.arange(192)).sum() / light.sum())
    assert middles[0] < middles[1] < middles[2]


def test_caustics_gather_light_and_lose_none_but_the_glare() -> None:
    hero = garden()
    caustics = Caustics(place(hero.image, surfaces=surfaces(hero, FOCAL)))
    pattern = caustics.pattern(1.0)
    assert -0.31 < pattern.min() < 0
    assert pattern.max() > 1.5
    assert (pattern > 1).mean() < 0.25, "lines, not areas"
    assert not np.array_equal(pattern, caustics.pattern(1.1))


def test_mist_veils_what_is_far_more_than_what_is_near() -> None:
    hero = garden()
    where = place(hero.image, focal_px=FOCAL, surfaces=surfaces(hero, FOCAL), depths_m=(4.0, 1.6, 1.2))
    cover = Cover(hero.layers, hero.size)
    cover.place([similarity(Pose(), layer.depth_m, FOCAL) for layer in hero.layers.layers])
    out = np.zeros((108, 192 * 3), np.uint16)
    Mist(where).over(out, moment(2.0), cover)
    seen = out.reshape(108, 192, 3).astype(float)
    assert seen[60:75, 140:180].mean() > 500
    assert seen[60:75, 100:108].mean() < 0.6 * seen[60:75, 140:180].mean()
