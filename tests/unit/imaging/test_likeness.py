"""What looks alike at a glance, and what does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from firstframe.core.media import Rgb8
from firstframe.imaging.likeness import Likeness, likeness, signature


def scene(seed: int, size: tuple[int, int] = (300, 240)) -> Rgb8:
    """Soft shapes of a seed."""
    rng = np.random.default_rng(seed)
    small = rng.uniform(0, 255, (7, 6, 3)).astype(np.float32)
    return np.clip(cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


def far(one: Rgb8, other: Rgb8) -> Likeness:
    return likeness(signature(one), signature(other))


def test_a_picture_is_like_itself() -> None:
    assert far(scene(1), scene(1)) == Likeness(0, 0.0)


def test_noise_blur_and_size_do_not_count() -> None:
    noisy = np.clip(scene(1) + np.random.default_rng(0).normal(0, 8, scene(1).shape), 0, 255).astype(np.uint8)
    for other in (noisy, cv2.GaussianBlur(scene(1), (0, 0), 2), cv2.resize(scene(1), (360, 450))):
        found = far(scene(1), np.asarray(other))
        assert found.hash_bits <= 3
        assert found.colour < 2


def test_another_layout_has_other_bits_and_half_of_them_by_chance() -> None:
    bits = [far(scene(1), scene(seed)).hash_bits for seed in range(2, 40)]
    assert min(bits) > 12
    assert 26 < np.mean(bits) < 38


def test_another_colour_of_the_same_layout_is_told_by_colour_alone() -> None:
    red, blue = scene(1), scene(1)[..., ::-1]
    found = far(red, np.ascontiguousarray(blue))
    assert found.colour > 15


def test_colour_is_counted_in_delta_e() -> None:
    grey, lighter = (np.full((300, 240, 3), value, np.uint8) for value in (119, 143))
    assert far(grey, lighter).colour == pytest.approx(9.5, abs=0.1), "L* 50.0 and 59.5"
