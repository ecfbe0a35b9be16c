"""Depth by perspective and focus: orders that must hold, and a scene whose true disparity is known."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from firstframe.imaging.depth_guess import DepthGuess, guess_depth
from firstframe.imaging.saliency import Floats


def ranks(values: Floats) -> np.ndarray:
    return np.argsort(np.argsort(values))


def scene(horizon: float, foot: float, *, blurred: bool = False) -> tuple[np.ndarray, Floats]:
    """Sky over a speckled ground, a speckled post that stands on it."""
    rng = np.random.default_rng(2)
    picture = np.empty((300, 400, 3), np.float32)
    line = round(300 * horizon)
    picture[:line] = np.linspace(0.9, 0.7, line, dtype=np.float32)[:, None, None]
    ground = 0.35 + 0.25 * rng.random((300 - line, 400, 1), np.float32)
    picture[line:] = cv2.GaussianBlur(np.repeat(ground, 3, 2), (0, 0), 6) if blurred else ground
    post = np.s_[round(300 * (foot - 0.45)) : round(300 * foot), 170:230]
    picture[post] = rng.random(picture[post].shape[:2], np.float32)[..., None] * np.float32([1, 0.5, 0.2])
    cover = np.zeros((300, 400), np.float32)
    cover[post] = 1
    return (picture * 255).astype(np.uint8), cover


@functools.cache
def guessed(horizon: float = 0.4, foot: float = 0.75, *, blurred: bool = False) -> DepthGuess:
    return guess_depth(*scene(horizon, foot, blurred=blurred))


@pytest.mark.parametrize("horizon", [0.3, 0.4, 0.55])
def test_the_horizon_is_found_under_the_sky(horizon: float) -> None:
    found = guessed(horizon, 0.85)
    assert found.horizon == pytest.approx(horizon, abs=0.04)
    assert found.confidence > 0.7


def test_the_ground_comes_nearer_and_is_at_the_foot_as_near_as_the_subject() -> None:
    rows = guessed().background[:, 20]
    assert np.all(np.diff(rows) > -1e-3)
    assert rows[:80].max() < 0.15
    assert rows[225] == pytest.approx(1, abs=0.15)
    assert rows[-1] > 1.3


def test_a_subject_without_sky_or_foot_is_less_sure() -> None:
    plain = np.full((300, 400, 3), 0, np.uint8) + np.random.default_rng(3).integers(90, 160, (300, 400, 1), np.uint8)
    cover = np.zeros((300, 400), np.float32)
    cover[20:110, 150:250] = 1
    found = guess_depth(plain, cover)
    assert found.confidence < 0.45 < guessed().confidence
    assert guess_depth(plain, np.zeros((300, 400), np.float32)).confidence < found.confidence


def test_a_background_out_of_focus_is_farther() -> None:
    sharp, soft = guessed(), guessed(blurred=True)
    assert soft.behind < sharp.behind
    assert soft.confidence > sharp.confidence


def test_order_of_a_measured_scene() -> None:
    """Middlebury's motorcycle: the rank correlation with its measured disparity."""
    folder = Path(data.__file__).parent
    left = cv2.cvtColor(cv2.imread(str(folder / "motorcycle_left.png")), cv2.COLOR_BGR2RGB)
    with np.load(folder / "motorcycle_disp.npz") as stored:
        disparity = np.asarray(stored[stored.files[0]], np.float32)
    known = np.isfinite(disparity)
    cover = (np.where(known, disparity, 0) > 40).astype(np.float32)
    cover = cv2.morphologyEx(cover, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    cover[430:] = 0
    guess = cv2.resize(guess_depth(left, cover).background, (741, 500))
    behind = known & (cover == 0)
    correlation = np.corrcoef(ranks(guess[behind]), ranks(disparity[behind]))[0, 1]
    assert correlation > 0.75
