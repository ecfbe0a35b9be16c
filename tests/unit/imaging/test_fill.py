"""Filling: smooth, exact where the picture is known, without seams."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.imaging import fill


def _ramp(height: int = 120, width: int = 160) -> fill.Floats:
    x = np.linspace(0.2, 0.8, width, dtype=np.float32)[None, :, None]
    y = np.linspace(0.0, 0.15, height, dtype=np.float32)[:, None, None]
    return np.asarray(np.broadcast_to(x, (height, width, 3)) + y, np.float32)


def test_push_pull_keeps_what_is_known_and_joins_smoothly() -> None:
    picture = _ramp()
    known = np.ones(picture.shape[:2], np.float32)
    known[40:80, 60:100] = 0
    filled = fill.push_pull(picture, known)
    assert np.abs(filled - picture)[known > 0].max() < 1e-5
    assert np.abs(filled - picture)[known == 0].max() < 0.08


def test_push_pull_of_one_known_pixel_spreads_it() -> None:
    known = np.zeros((33, 47), np.float32)
    known[5, 7] = 1
    picture = np.full((33, 47, 3), 0.25, np.float32)
    assert np.abs(fill.push_pull(picture, known) - 0.25).max() < 0.02


def test_behind_does_not_bring_the_subject_back() -> None:
    picture = _ramp()
    plain = picture.copy()
    hole = np.zeros(picture.shape[:2], bool)
    hole[30:90, 50:110] = True
    picture[34:86, 54:106] = (1.0, 0.0, 0.0)
    filled = fill.behind(picture, hole)
    assert np.array_equal(filled[~hole], picture[~hole])
    assert np.abs(filled - plain)[hole].max() < 0.12


def test_behind_goes_on_across_the_edge_of_the_hole() -> None:
    """A dark band lies along one side of the hole, all else is light: beside the band the fill is dark."""
    picture = np.full((200, 200, 3), 0.9, np.float32)
    picture[50:150, 30:52] = 0.1
    hole = np.zeros((200, 200), bool)
    hole[50:150, 50:150] = True
    filled = fill.behind(picture, hole)
    assert np.abs(filled[80:120, 50:53] - 0.1).max() < 0.1
    assert filled[80:120, 146:150].min() > 0.8


def test_behind_goes_on_as_the_surroundings_change() -> None:
    picture = _ramp(200, 240)
    y, x = np.mgrid[:200, :240]
    hole = np.hypot(x - 120, y - 100) < 70
    spoilt = np.where(hole[..., None], np.float32([1.0, 0.0, 0.0]), picture)
    assert np.abs(fill.behind(spoilt, hole) - picture).max() < 0.02


def test_nothing_or_everything_to_fill_leaves_the_picture() -> None:
    for hole in (np.zeros((120, 160), bool), np.ones((120, 160), bool)):
        assert np.array_equal(fill.behind(_ramp(), hole), _ramp())


def test_grain_is_measured_and_matched() -> None:
    rng = np.random.default_rng(4)
    noisy = _ramp() + rng.normal(0, 0.02, (120, 160, 1)).astype(np.float32)
    everywhere = np.ones((120, 160), bool)
    measured = fill.grain_of(np.asarray(noisy, np.float32), everywhere)
    assert 0.015 < measured < 0.025
    grained = fill.grained(_ramp(), everywhere.astype(np.float32), measured, rng)
    assert abs(fill.grain_of(grained, everywhere) - measured) < 0.2 * measured


def test_clipped_places_do_not_hide_the_grain() -> None:
    noisy = _ramp() + np.random.default_rng(4).normal(0, 0.02, (120, 160, 1)).astype(np.float32)
    noisy[:80] = 1
    assert 0.015 < fill.grain_of(np.asarray(noisy, np.float32), np.ones((120, 160), bool)) < 0.025


def test_grain_leaves_what_it_is_not_asked_for() -> None:
    where = np.zeros((120, 160), np.float32)
    where[:, 80:] = 1
    grained = fill.grained(_ramp(), where, 0.05, np.random.default_rng(1))
    assert np.array_equal(grained[:, :80], _ramp()[:, :80])
    assert not np.array_equal(grained[:, 80:], _ramp()[:, 80:])


def test_extension_has_no_seam_and_keeps_the_picture() -> None:
    picture = _ramp()
    wide = fill.extended(picture, (30, 20, 40, 10))
    assert wide.shape == (170, 210, 3)
    assert np.array_equal(wide[30:150, 40:200], picture)
    steps = np.abs(np.diff(wide, axis=0)).max(), np.abs(np.diff(wide, axis=1)).max()
    assert max(steps) < 0.02


def test_extension_gets_softer_away_from_the_picture() -> None:
    rng = np.random.default_rng(2)
    picture = rng.random((160, 160, 3), np.float32)
    wide = fill.extended(picture, (120, 0, 0, 0))
    near, far = wide[108:119].std(), wide[:12].std()
    assert far < 0.35 * near


def _sky(height: int = 300, width: int = 400) -> fill.Floats:
    """A sky that gets lighter towards the right and towards the ground."""
    x = np.linspace(0.5, 0.8, width, dtype=np.float32)[None, :, None]
    y = np.linspace(0, 0.15, height, dtype=np.float32)[:, None, None]
    return np.array(np.broadcast_to(x + y, (height, width, 3)), np.float32)


def test_a_trunk_at_the_edge_ends_soon_beyond_it() -> None:
    trunk = np.exp(-(((np.arange(400, dtype=np.float32) - 75) / 12) ** 4))[:, None]
    picture = np.asarray(_sky() * (1 - 0.9 * trunk), np.float32)
    wide = fill.extended(picture, (150, 0, 0, 0))
    plain = fill.extended(_sky(), (150, 0, 0, 0))
    off = np.abs(wide - plain).max(axis=(1, 2))
    assert off[149] > 0.3
    assert off[:110].max() < 0.03
    assert np.abs(np.diff(wide, axis=0))[:151].max() < 0.04
    assert np.abs(wide[:110] - plain[:110]).std(axis=1).max() < 0.01


def test_extension_has_no_streaks() -> None:
    """Fine detail along the edge is not drawn out: far from it neighbours in a row differ by what is broad."""
    picture = _sky() + np.random.default_rng(3).uniform(-0.2, 0.2, (1, 400, 1)).astype(np.float32)
    wide = fill.extended(np.asarray(picture, np.float32), (150, 0, 0, 0))
    assert np.abs(np.diff(wide[:120], axis=1)).max() < 0.01
    assert np.abs(np.diff(picture, axis=1)).max() > 0.2


def test_extension_goes_on_changing_for_a_while() -> None:
    """No crease where the picture ends: a sky that darkens upwards darkens on."""
    wide = fill.extended(_sky(), (150, 0, 0, 0)).mean(axis=(1, 2))
    slopes = np.diff(wide)
    assert slopes[145:149].mean() > 0.5 * slopes[151:160].mean()
    assert abs(slopes[:60].mean()) < 0.1 * slopes[151:160].mean()


@pytest.mark.parametrize("size", [(1, 40), (2, 3), (40, 1)])
def test_thin_pictures_are_extended_too(size: tuple[int, int]) -> None:
    wide = fill.extended(np.full((*size, 3), 0.4, np.float32), (5, 6, 7, 8))
    assert wide.shape == (size[0] + 11, size[1] + 15, 3)
    assert np.allclose(wide, 0.4, atol=1e-4)
