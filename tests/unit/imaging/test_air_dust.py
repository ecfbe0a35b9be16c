"""Dust."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import Rgb8
from firstframe.imaging.air.base import FADE_IN_S
from firstframe.imaging.air.dust import Dust
from firstframe.imaging.air.light import light_map, light_tint
from firstframe.imaging.camera import Pose
from support.airs import moment, place


@pytest.fixture
def hero() -> Rgb8:
    """Bright at the left, dark at the right."""
    ramp = np.tile(np.linspace(220, 20, 320), (180, 1))
    return np.repeat(ramp[..., None], 3, -1).astype(np.uint8)


def drawn(
    hero: Rgb8, time_s: float, *, seed: int = 3, near: float = 0.0, far: float = 100.0, pose: Pose | None = None
) -> np.ndarray:
    out = np.full((180, 320 * 3), 20000, np.uint16)
    Dust(place(hero, seed=seed)).between(out, moment(time_s, pose or Pose()), near, far)
    return out.reshape(180, 320, 3).astype(int) - 20000


def test_there_is_none_at_the_first_frame_and_it_fades_in(hero: Rgb8) -> None:
    amounts = [drawn(hero, time_s).sum() for time_s in (0.0, 0.05 * FADE_IN_S, 0.5 * FADE_IN_S, FADE_IN_S)]
    assert amounts[0] == 0
    assert 0 < amounts[1] < 0.1 * amounts[3]
    assert amounts[1] < amounts[2] < amounts[3]


def test_it_adds_light_and_never_takes_any(hero: Rgb8) -> None:
    light = drawn(hero, 2.0)
    assert light.min() >= 0
    assert 1000 < light.max() <= 45535
    assert 0.01 < (light.max(axis=-1) > 300).mean() < 0.05
    assert 0.002 < (light.max(axis=-1) > 3000).mean() < 0.02, "some of it is seen at a glance, most of it is not"


def test_it_shines_where_there_is_light(hero: Rgb8) -> None:
    light = drawn(hero, 2.0)
    assert light[:, :107].sum() > 2 * light[:, 213:].sum()


def test_the_seed_decides(hero: Rgb8) -> None:
    assert np.array_equal(drawn(hero, 1.0), drawn(hero, 1.0))
    assert not np.array_equal(drawn(hero, 1.0), drawn(hero, 1.0, seed=4))


def test_every_particle_lies_in_one_interval_of_depth(hero: Rgb8) -> None:
    whole = drawn(hero, 1.0)
    parts = [drawn(hero, 1.0, near=near, far=far) for near, far in ((0, 1), (1, 1.5), (1.5, 3))]
    assert all(part.any() for part in parts)
    assert np.abs(sum(parts) - whole).max() < 0.02 * 65535
    assert not drawn(hero, 1.0, near=3, far=9).any()


def test_it_drifts_slowly_and_takes_part_in_the_parallax(hero: Rgb8) -> None:
    still, later, moved = drawn(hero, 1.0), drawn(hero, 1.033), drawn(hero, 1.0, pose=Pose(x_m=0.02))
    assert 0 < np.abs(later - still).sum() < 0.8 * still.sum()
    assert np.abs(moved - still).sum() > np.abs(later - still).sum()


def test_light_is_taken_from_the_picture(hero: Rgb8) -> None:
    lit = light_map(hero)
    assert lit[:, 0].min() > 0.9
    assert lit[:, -1].max() < 0.3
    warm = hero.copy()
    warm[..., 2] //= 2
    assert light_tint(warm)[2] < light_tint(warm)[0] <= 1
    assert np.isfinite(light_map(np.zeros((90, 160, 3), np.uint8))).all()
