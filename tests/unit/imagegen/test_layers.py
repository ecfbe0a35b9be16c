from __future__ import annotations

import numpy as np
import pytest

from firstframe.render import layers


def test_compositing_is_over_in_code_values_without_the_bleed() -> None:
    back = np.zeros((6, 8, 4), np.uint8)
    back[..., :3], back[..., 3] = (100, 50, 0), 255
    front = np.zeros((6, 8, 4), np.uint8)
    front[..., :3], front[..., 3] = (200, 250, 10), 51
    picture = layers.composite([back, front], 1)
    assert picture.shape == (4, 6, 3)
    assert (picture == (120, 90, 2)).all()


def test_a_transparent_layer_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    back = rng.integers(0, 256, (10, 10, 4), np.uint8)
    front = rng.integers(0, 256, (10, 10, 4), np.uint8)
    front[..., 3] = 0
    assert np.array_equal(layers.composite([back, front], 2), back[2:-2, 2:-2, :3])


def test_dither_keeps_the_mean_and_breaks_up_bands() -> None:
    ramp = np.broadcast_to(np.linspace(0.2, 0.21, 400, dtype=np.float32), (200, 400)).copy()
    levels = layers.dithered(ramp, np.random.default_rng(1))
    assert levels.mean(axis=0) == pytest.approx(ramp[0] * 255, abs=0.25)
    assert (np.abs(levels - ramp * 255) <= 1.5).all()
    assert len(np.unique(levels[:, 200])) >= 3, "noise, not a step"


def test_dither_leaves_black_and_white_alone_and_repeats() -> None:
    flat = np.array([[0.0, 1.0, 0.5]], np.float32)
    once, again = (layers.dithered(flat, np.random.default_rng(3)) for _ in range(2))
    assert once[0, :2].tolist() == [0, 255]
    assert np.array_equal(once, again)


def test_push_pull_keeps_what_is_known_and_fills_smoothly() -> None:
    weight = np.ones((64, 64), np.float32)
    weight[20:40, 20:40] = 0
    colour = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], (64, 64, 3))
    filled = layers.push_pull(colour * weight[..., None], weight)
    assert filled[weight == 1] == pytest.approx(colour[weight == 1], abs=1e-5)
    inside = filled[20:40, 20:40]
    assert inside.min() > 0.2, "not black"
    assert inside.max() < 0.75
    assert inside[:, -1].mean() > inside[:, 0].mean(), "goes on as its surroundings do"


def test_a_footprint_is_filled_from_around_it() -> None:
    colour = np.full((48, 48, 3), 0.6, np.float32)
    hole = np.zeros((48, 48), np.float32)
    hole[16:32, 16:32] = 1
    colour[16:32, 16:32] = 0
    assert layers.filled(colour, hole, feather_px=2) == pytest.approx(0.6, abs=1e-3)


def test_straight_colour_has_no_dark_fringe() -> None:
    alpha = np.clip(np.linspace(1.5, -0.5, 80), 0, 1).astype(np.float32)[None].repeat(20, 0)
    truth = np.array([0.8, 0.4, 0.2], np.float32)
    colour = layers.straight(truth * alpha[..., None], alpha)
    assert colour == pytest.approx(np.broadcast_to(truth, colour.shape), abs=1e-3)


def test_tone_is_srgb_below_the_shoulder_and_never_clips_above() -> None:
    grey = np.full((1, 1, 3), 0.2140, np.float32)
    assert layers.tone(grey)[0, 0, 0] == pytest.approx(0.5, abs=1e-3)
    ramp = np.repeat(np.linspace(0, 2.5, 500, dtype=np.float32)[None, :, None], 3, 2)
    toned = layers.tone(ramp)[0, :, 0]
    assert (np.diff(toned) > 0).all()
    assert toned.max() < 1


def test_deep_shadows_get_deeper_and_middle_tones_stay() -> None:
    ramp = np.repeat(np.array([0.002, 0.01, 0.12], np.float32)[None, :, None], 3, 2)
    toned, plain = layers.tone(ramp)[0, :, 0], layers.encode(ramp)[0, :, 0]
    assert (toned[:2] < 0.95 * plain[:2]).all()
    assert toned[2] == pytest.approx(plain[2], abs=1e-3)


def test_grain_is_grey_fine_and_strongest_in_middle_tones() -> None:
    def grain(level: float) -> np.ndarray:
        flat = np.full((200, 200, 3), level, np.float32)
        return (layers.grained(flat, np.random.default_rng(3)) - flat) * 255

    middle, shadow = grain(0.5), grain(0.05)
    assert np.ptp(middle, axis=-1).max() < 1e-3, "grey"
    assert middle.std() == pytest.approx(layers.GRAIN_LEVELS, rel=0.02)
    assert abs(middle.mean()) < 0.05
    assert shadow.std() < 0.25 * middle.std()
    assert not grain(0.0).any()
    assert not grain(1.0).any()
    neighbours = np.corrcoef(middle[:, :-1, 0].ravel(), middle[:, 1:, 0].ravel())[0, 1]
    assert 0.1 < neighbours < 0.6, "a little soft, and no more"


def test_bright_light_loses_its_colour_but_not_its_hue() -> None:
    orange = np.array([[[4.0, 1.6, 0.4]]], np.float32)
    red, green, blue = layers.tone(orange)[0, 0]
    assert red > green > blue
    assert blue > layers.tone(orange / 10)[0, 0, 2] * 1.5


def test_code_values_and_light_are_inverse() -> None:
    for code in (0.02, 0.3, 0.9):
        light = np.full((1, 1, 3), layers.decode_value(code), np.float32)
        assert layers.encode(light)[0, 0, 0] == pytest.approx(code, abs=1e-5)


def test_dividing_leaves_each_pixel_its_own_noise() -> None:
    rng = np.random.default_rng(1)
    alpha = np.zeros((40, 40), np.float32)
    alpha[10:30, 10:30] = rng.uniform(0.1, 1, (20, 20))
    colour = rng.uniform(0, 1, (40, 40, 3)).astype(np.float32)
    divided = layers.divided(colour * alpha[..., None], alpha)
    assert divided[10:30, 10:30] == pytest.approx(colour[10:30, 10:30], abs=1e-5)
    assert 0.2 < divided[:5].mean() < 0.8, "spread, not black"
