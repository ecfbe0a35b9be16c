"""Edges of layers that are out of focus and rendered smaller than the picture."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.imagegen.engines.plates import defocused
from firstframe.render.passes import Coverage


def cover_of(mask: np.ndarray) -> Coverage:
    return Coverage(mask, mask, mask)


@pytest.mark.parametrize(("scale", "least"), [(4, 0.9), (2, 0.6)])
def test_a_stem_as_thin_as_a_pixel_keeps_its_cover(scale: int, least: float) -> None:
    mask = np.zeros((24, 24), np.float32)
    mask[:, 12] = 0.4
    found = defocused(cover_of(mask), scale, 2.2 * scale)
    assert least * 0.4 <= found.alpha[12, 12] <= 0.4 + 1e-6
    assert np.array_equal(found.alpha, found.product)
    assert found.footprint is mask


def test_the_noise_of_a_layer_of_half_the_size_is_smoothed() -> None:
    mask = np.random.default_rng(1).uniform(0.4, 0.6, (64, 64)).astype(np.float32)
    assert defocused(cover_of(mask), 2, 6.0).alpha.std() < 0.75 * mask.std()


def test_edges_that_are_wide_with_blur_are_smoothed_by_a_rendered_pixel() -> None:
    mask = np.random.default_rng(1).uniform(0.4, 0.6, (64, 64)).astype(np.float32)
    sharp, wide = (defocused(cover_of(mask), 4, blur).alpha.std() for blur in (9.0, 33.0))
    assert sharp > 0.85 * mask.std()
    assert wide < 0.4 * mask.std()
