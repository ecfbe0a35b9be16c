"""Enlarging: better than bicubic, without halos, steady."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from firstframe.core.media import PixelSize
from firstframe.upscaling.resample import OVERSHOOT, enlarge

Picture = NDArray[np.uint16]


def chart(width: int, height: int) -> Picture:
    """A zone plate below slanted stripes, slightly soft as a camera's picture is, with its channels apart."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    plate = 0.5 + 0.45 * np.cos(((x - width / 2) ** 2 + (y - height / 2) ** 2) * np.pi / (width * 6))
    stripes = ((x * 0.5 + y * 0.2) // 24 % 2) * 0.8 + 0.1
    grey = cv2.GaussianBlur(np.where(y < height / 4, stripes, plate), (0, 0), 0.5)
    return np.rint(np.stack([grey, grey**1.3, np.sqrt(grey)], -1) * 65535).astype(np.uint16)


def psnr(first: Picture, second: Picture) -> float:
    return float(10 * np.log10(65535**2 / np.mean((first.astype(float) - second) ** 2)))


@pytest.mark.parametrize("factor", [2, 3])
def test_a_shrunk_chart_comes_back_better_than_by_bicubic(factor: int) -> None:
    whole = chart(720, 480)
    small = cv2.resize(whole, (720 // factor, 480 // factor), interpolation=cv2.INTER_AREA)
    bicubic = cv2.resize(small, (720, 480), interpolation=cv2.INTER_CUBIC)
    assert psnr(whole, enlarge(small, PixelSize(720, 480))) > psnr(whole, bicubic) + 1


@pytest.mark.parametrize("size", [PixelSize(128, 128), PixelSize(192, 192), PixelSize(84, 84)])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_step_overshoots_by_no_more_than_the_bound(size: PixelSize, axis: int) -> None:
    dark, bright = 10_000, 50_000
    step = np.full((64, 64, 3), dark, np.uint16)
    step[(slice(None),) * axis + (slice(32, None),)] = bright
    result = enlarge(step, size).astype(float)
    bound = OVERSHOOT * (bright - dark) + 1
    assert result.max() <= bright + bound
    assert result.min() >= dark - bound
    assert bright - dark < np.ptp(result) + 1, "both sides are reached"


def test_an_edge_gets_steeper_than_bicubic_makes_it() -> None:
    step = np.full((64, 64, 3), 10_000, np.uint16)
    step[:, 32:] = 50_000
    soft = cv2.GaussianBlur(step, (0, 0), 0.7)
    bicubic = cv2.resize(soft, (128, 128), interpolation=cv2.INTER_CUBIC)
    mine = enlarge(soft, PixelSize(128, 128))
    assert np.diff(mine[64, :, 1].astype(int)).max() > np.diff(bicubic[64, :, 1].astype(int)).max()


def test_grain_is_not_sharpened() -> None:
    grain = np.random.default_rng(3).normal(30_000, 60, (90, 160, 3)).astype(np.uint16)
    plain = cv2.resize(grain, (320, 180), interpolation=cv2.INTER_LANCZOS4)
    assert enlarge(grain, PixelSize(320, 180)).std() <= plain.std()


def test_a_gradient_gets_finer_not_stepped() -> None:
    ramp = np.broadcast_to(np.linspace(5_000, 6_000, 160)[None, :, None], (90, 160, 3)).round().astype(np.uint16)
    row = enlarge(ramp, PixelSize(480, 270))[100, 6:-6, 0].astype(int)
    steps = np.diff(row)
    assert steps.min() >= 0
    assert steps.max() <= 4


def test_equal_frames_stay_equal() -> None:
    frame = chart(160, 90)
    assert np.array_equal(enlarge(frame, PixelSize(320, 180)), enlarge(frame.copy(), PixelSize(320, 180)))


def test_the_source_is_left_alone_and_extremes_do_not_wrap() -> None:
    frame = np.zeros((64, 64, 3), np.uint16)
    frame[:, 32:] = 65_535
    before = frame.copy()
    result = enlarge(frame, PixelSize(128, 128))
    assert np.array_equal(frame, before)
    assert result[:, :60].max() < 20_000
    assert result[:, 68:].min() > 45_000
