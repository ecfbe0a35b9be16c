"""Colour differences and luminance agree with scikit-image and with WCAG."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from firstframe.imaging.preflight.colour import contrast_ratio, delta_e, luminance


def test_differences_are_those_of_scikit_image() -> None:
    rng = np.random.default_rng(4)
    one, other = (rng.uniform((0, -90, -90), (100, 90, 90), (4000, 3)).astype(np.float32) for _ in range(2))
    np.testing.assert_allclose(delta_e(one, other), deltaE_ciede2000(one, other), atol=2e-3)


def test_published_pairs() -> None:
    # Sharma, Wu and Dalal (2005), table 1: pairs 1, 7 and 17.
    one = np.float32([[50, 2.6772, -79.7751], [50, 0, 0], [50, 2.5, 0]])
    other = np.float32([[50, 0, -82.7485], [50, -1, 2], [73, 25, -18]])
    np.testing.assert_allclose(delta_e(one, other), [2.0425, 2.3669, 27.1492], atol=2e-3)


@pytest.mark.parametrize(("level", "ratio"), [(0, 21.0), (118, 4.54), (119, 4.48), (149, 3.00), (255, 1.0)])
def test_grey_on_white_has_the_contrast_that_wcag_gives_it(level: int, ratio: float) -> None:
    light = luminance(np.array([[[level] * 3, [255] * 3]], np.uint8))
    assert contrast_ratio(float(light[0, 0]), float(light[0, 1])) == pytest.approx(ratio, abs=0.01)
