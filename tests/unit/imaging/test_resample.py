"""Downscaling mixes light, not code values."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import PixelSize
from firstframe.imaging.resample import code_of, linear_of, shrunk


def test_code_and_light_are_inverse() -> None:
    code = np.linspace(0, 1, 1001, dtype=np.float32)
    assert np.abs(code_of(linear_of(code)) - code).max() < 1e-5
    assert float(linear_of(np.float32([0.5]))[0]) == pytest.approx(0.2140, abs=1e-4)  # IEC 61966-2-1


def test_fine_black_and_white_becomes_half_the_light() -> None:
    checks = np.indices((64, 64)).sum(axis=0) % 2 * 255
    picture = np.repeat(checks[..., None], 3, axis=2).astype(np.uint8)
    small = shrunk(picture, (0, 0, 64, 64), PixelSize(16, 16))
    assert np.abs(small[4:12, 4:12] - 188 / 255).max() < 0.01


def test_same_size_is_a_plain_cut() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    part = shrunk(picture, (5, 7, 45, 37), PixelSize(40, 30))
    assert np.array_equal(np.rint(part * 255).astype(np.uint8), picture[7:37, 5:45])


def test_a_box_in_the_middle_is_that_place() -> None:
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[100:, 150:] = 255
    small = shrunk(picture, (100.0, 60.0, 200.0, 140.0), PixelSize(50, 40))
    assert small[2:18, 2:23].max() < 0.01
    assert small[22:38, 27:48].min() > 0.99
