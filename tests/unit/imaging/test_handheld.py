"""The sway of a camera that is held by hand."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.imaging.handheld import FASTEST_HZ, SLOWEST_HZ, probes, sway


def track(seconds: float, seed: int, phase: int = 0, rate: int = 60) -> np.ndarray:
    found = sway(seconds, seed, phase)
    return np.array([found.at(index / (rate * seconds)) for index in range(round(rate * seconds))])


@pytest.mark.parametrize("seconds", [2.0, 4.0, 10.0, 60.0])
def test_it_is_band_limited(seconds: float) -> None:
    moved = track(seconds, 5)
    power = (np.abs(np.fft.rfft(moved - moved.mean(axis=0), axis=0)) ** 2).sum(axis=1)
    hertz = np.fft.rfftfreq(len(moved), 1 / 60)
    inside = (hertz > 0.9 * min(SLOWEST_HZ, 1 / seconds)) & (hertz < FASTEST_HZ + 0.01)
    assert power[inside].sum() > 0.99 * power.sum()
    assert power[hertz < 0.8].sum() > power[hertz >= 0.8].sum()


@pytest.mark.parametrize("seed", range(12))
def test_it_begins_and_ends_where_it_was_at_rest(seed: int) -> None:
    found = sway(4.0, seed, 0)
    assert found.at(0.0) == (0, 0, 0, 0)
    assert found.at(1.0) == pytest.approx((0, 0, 0, 0), abs=1e-12)
    assert np.abs(np.array(found.at(1e-4))).max() < 1e-5
    assert np.abs(np.array(found.at(1 - 1e-4))).max() < 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_its_largest_excursion_is_one(seed: int) -> None:
    moved = track(4.0, seed, rate=240)
    away = np.hypot(moved[:, 0] + moved[:, 2], moved[:, 1] + moved[:, 3])
    assert away.max() == pytest.approx(1, abs=0.01)
    speeds = np.linalg.norm(np.diff(moved[:, :2] + moved[:, 2:], axis=0), axis=1) * 240 * 4
    assert sway(4.0, seed, 0).top_speed(4.0) == pytest.approx(speeds.max(), rel=0.03)


def test_seeds_and_phases_differ_and_the_same_is_the_same() -> None:
    assert np.array_equal(track(3.0, 1), track(3.0, 1))
    assert not np.allclose(track(3.0, 1), track(3.0, 2))
    assert not np.allclose(track(3.0, 1), track(3.0, 1, phase=1))


def test_it_does_not_play_backwards_after_its_middle() -> None:
    moved = track(4.0, 3)
    assert np.abs(moved[1:] - moved[1:][::-1]).max() > 0.2


def test_a_short_sway_is_looked_at_often_enough() -> None:
    assert probes(0.5) == 65
    assert probes(4.0) == 129
