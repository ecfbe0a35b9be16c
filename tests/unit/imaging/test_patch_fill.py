"""Texture goes on in a hole: its grain, its lines, its light; nothing of what must not be copied."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from firstframe.imaging import fill
from firstframe.imaging.patch_fill import patched

SIDE = 160


def filled(picture: fill.Floats, hole: fill.Mask, **others: np.ndarray) -> fill.Floats:
    usable = others.get("usable", np.ones_like(hole))
    dear = others.get("dear", np.zeros((20, 20), np.float32))
    rough = fill.behind(np.asarray(picture, np.float32), hole)
    return patched(rough, hole, usable, dear, SIDE, np.random.default_rng(5))


def middle(margin: int = 50) -> fill.Mask:
    hole = np.zeros((SIDE, SIDE), np.bool_)
    hole[margin:-margin, margin:-margin] = True
    return hole


def stripes(period: int = 16) -> fill.Floats:
    rows = np.arange(SIDE) // (period // 2) % 2
    return np.asarray(np.broadcast_to(rows[:, None, None] * 0.6 + 0.2, (SIDE, SIDE, 3)), np.float32).copy()


def speckles(seed: int = 1) -> fill.Floats:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).random((SIDE, SIDE), np.float32), (0, 0), 1.0)
    return np.repeat((0.5 + 1.5 * (noise - noise.mean()))[..., None], 3, 2).astype(np.float32)


def test_lines_go_through() -> None:
    hole = middle()
    result = filled(stripes(), hole)
    assert np.array_equal(result[~hole], stripes()[~hole])
    off = np.abs(result - stripes())[hole]
    assert np.percentile(off, 80) < 0.1
    assert np.abs(fill.behind(stripes(), hole) - stripes())[hole].mean() > 4 * off.mean()


def test_texture_keeps_its_strength() -> None:
    hole = middle(40)
    result = filled(speckles(), hole)
    inside, outside = result[hole].std(), speckles()[~hole].std()
    assert 0.7 < inside / outside < 1.2
    assert fill.behind(speckles(), hole)[hole].std() < 0.4 * outside


def test_light_that_changes_goes_on_changing() -> None:
    ramp = np.linspace(0.1, 0.9, SIDE, dtype=np.float32)[None, :, None]
    picture = np.asarray(0.7 * ramp + 0.3 * speckles(), np.float32)
    hole = middle()
    result = filled(picture, hole)
    columns = [cv2.GaussianBlur(one, (0, 0), 6)[80, 55:105].mean(axis=1) for one in (result, picture)]
    assert np.abs(columns[0] - columns[1]).max() < 0.12


def test_what_must_not_be_copied_is_not() -> None:
    picture = speckles()
    picture[:, :30] = (1, 0, 0)
    usable = np.ones((SIDE, SIDE), np.bool_)
    usable[:, :30] = False
    hole = middle(40)
    result = filled(picture, hole, usable=usable)
    assert (result[..., 0] - result[..., 1])[hole].max() < 0.1


def test_what_draws_the_eye_is_there_once() -> None:
    """A red disc on the way: dear, it is not repeated behind the subject."""
    picture = speckles()
    cv2.circle(picture, (26, 80), 16, (0.9, 0.1, 0.1), -1)
    dear = np.zeros((SIDE, SIDE), np.float32)
    cv2.circle(dear, (26, 80), 20, 1, -1)
    hole = middle(46)
    result = filled(picture, hole, dear=dear)
    assert ((result[..., 0] - result[..., 1])[hole] > 0.3).mean() < 0.01


def test_a_hole_at_the_edge_is_filled_to_the_last_row() -> None:
    hole = np.zeros((SIDE, SIDE), np.bool_)
    hole[90:, 40:120] = True
    result = filled(speckles(), hole)
    assert result[-4:, 45:115].std() > 0.4 * speckles()[-4:].std()
    assert fill.behind(speckles(), hole)[-4:, 45:115].std() < 0.25 * speckles()[-4:].std()


def test_same_seed_same_fill() -> None:
    assert np.array_equal(filled(speckles(), middle()), filled(speckles(), middle()))


@pytest.mark.parametrize("size", [(20, 20), (16, 90), (300, 24)])
def test_where_nothing_can_be_copied_the_rough_fill_stays(size: tuple[int, int]) -> None:
    hole = np.ones(size, np.bool_)
    hole[:3] = False
    rough = np.full((*size, 3), 0.25, np.float32)
    result = patched(rough, hole, ~hole, np.zeros(size, np.float32), 64, np.random.default_rng(1))
    assert np.array_equal(result, rough)
