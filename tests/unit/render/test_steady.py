"""Frames that hold still what does not change: half of a surface's light comes from the frame before, wherever it was there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from firstframe.render.steady import BEFORE, Steady
from firstframe.sets.framing import Camera

Floats = NDArray[np.float32]
WIDTH, HEIGHT = 64, 40
CAMERA = Camera(position=(0.0, 0.0, 2.0), left=-0.4, right=0.4, bottom=-0.25, top=0.25, aperture_m=0.0, focus_m=2.0)
PX = 0.8 / WIDTH
"""Tangent of a pixel."""


def smooth(shift: float) -> Floats:
    """A pattern that moves to the left by so many pixels."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    values = 0.5 + 0.2 * np.sin((columns + shift) / 5) + 0.1 * np.cos(rows / 4)
    return np.repeat(values[..., None], 3, axis=-1).astype(np.float32)


def flat(depth_m: float) -> Floats:
    return np.full((HEIGHT, WIDTH), 1 / depth_m, np.float32)


def moved(px: float, depth_m: float = 2.0) -> Camera:
    """The camera to the right, so that what is at a depth moves by so many pixels."""
    x, y, z = CAMERA.position
    return replace(CAMERA, position=(x + px * PX * depth_m, y, z))


def noisy(light: Floats, seed: int, level: float = 0.02) -> Floats:
    return np.asarray(light + np.random.default_rng(seed).normal(0, level, light.shape), np.float32)


def test_the_first_frame_is_as_it_is() -> None:
    light = noisy(smooth(0), 1)
    np.testing.assert_array_equal(Steady().next(light, CAMERA, flat(2)), light)


@pytest.mark.parametrize("px", [0.0, 1.0, 2.5])
def test_noise_of_a_surface_that_moves_gets_less_and_the_surface_stays_in_place(px: float) -> None:
    steady = Steady()
    steady.next(noisy(smooth(0), 1), CAMERA, flat(2))
    wanted, given = smooth(px), noisy(smooth(px), 2)
    found = steady.next(given, moved(px), flat(2))
    inner = np.s_[4:-4, 6:-6]
    before, after = given[inner] - wanted[inner], found[inner] - wanted[inner]
    # Half of one noise and half of another.
    assert after.std() < 0.85 * before.std()
    assert abs(after.mean()) < 0.002


def test_a_camera_that_comes_near_knows_its_surfaces_again() -> None:
    steady, light = Steady(), np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    steady.next(noisy(light, 1), CAMERA, flat(2))
    x, y, z = CAMERA.position
    found = steady.next(noisy(light, 2), replace(CAMERA, position=(x, y, z - 0.2)), flat(1.8))
    assert found.std() < 0.85 * noisy(light, 2).std()


def test_what_comes_out_from_behind_something_is_not_taken_from_before() -> None:
    steady = Steady()
    steady.next(np.ones((HEIGHT, WIDTH, 3), np.float32), CAMERA, flat(1))
    light = noisy(smooth(0), 3)
    np.testing.assert_array_equal(steady.next(light, CAMERA, flat(2)), light)


def test_what_comes_in_at_the_edge_is_not_taken_from_before() -> None:
    steady = Steady()
    steady.next(noisy(smooth(0), 1), CAMERA, flat(2))
    light = noisy(smooth(8), 2)
    found = steady.next(light, moved(8), flat(2))
    np.testing.assert_array_equal(found[:, -8:], light[:, -8:])
    assert (found[:, 4:40] != light[:, 4:40]).any()


def test_light_that_moves_another_way_than_its_surface_leaves_no_ghost() -> None:
    """As in a mirror: a bright spot that was elsewhere before."""
    steady, dark = Steady(), np.full((HEIGHT, WIDTH, 3), 0.1, np.float32)
    one, other = dark.copy(), dark.copy()
    one[10:14, 10:14] = 5
    other[20:24, 30:34] = 5
    steady.next(one, CAMERA, flat(2))
    found = steady.next(other, CAMERA, flat(2))
    np.testing.assert_allclose(found[8:16, 8:16], 0.1, atol=1e-5)
    assert found[21:23, 31:33].min() == pytest.approx(5)


def test_a_still_camera_comes_nearer_and_nearer_to_the_mean() -> None:
    steady, light = Steady(), smooth(0)
    errors = [float((steady.next(noisy(light, seed), CAMERA, flat(2)) - light).std()) for seed in range(6)]
    assert errors[-1] < 0.75 * errors[0]
    assert 0 < BEFORE < 1
