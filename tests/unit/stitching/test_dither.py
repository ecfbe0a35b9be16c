"""Ten bits to eight: exact in the mean, chroma where H.264 has it."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.stitching.dither import to_delivery


@pytest.mark.parametrize("value", [64, 65, 66, 67, 301, 940])
def test_a_flat_grey_keeps_its_mean(value: int) -> None:
    plane = np.full((8, 12), value, np.uint16)
    neutral = np.full((8, 12), 512, np.uint16)
    luma, blue, red = to_delivery((plane, neutral, neutral))
    assert luma.mean() == value / 4
    assert np.ptp(luma) <= 1
    assert (blue == 128).all()
    assert (red == 128).all()


@pytest.mark.parametrize("value", [64, 513, 514, 515, 960])
def test_flat_chroma_keeps_its_mean(value: int) -> None:
    plane = np.full((16, 16), value, np.uint16)
    _, blue, red = to_delivery((plane, plane, plane))
    assert blue.shape == red.shape == (8, 8)
    assert blue.mean() == value / 4
    assert np.ptp(blue) <= 1


def test_a_slow_gradient_has_no_steps_under_a_small_box() -> None:
    ramp = np.broadcast_to(np.linspace(80, 96, 512), (64, 512)).round().astype(np.uint16)
    neutral = np.full_like(ramp, 512)
    luma = to_delivery((ramp, neutral, neutral))[0].astype(float)
    boxes = luma.reshape(16, 4, 128, 4).mean(axis=(1, 3))
    wanted = (ramp.reshape(16, 4, 128, 4) / 4).mean(axis=(1, 3))
    assert np.abs(boxes - wanted).max() < 0.13
    assert np.abs((ramp + 2 >> 2).reshape(16, 4, 128, 4).mean(axis=(1, 3)) - wanted).max() > 0.4, "rounding has steps"


def test_chroma_is_taken_around_the_left_column() -> None:
    """Weights 1-2-1 around every even column: an edge right of column 4 leaves it three quarters low."""
    plane = np.full((4, 16), 400, np.uint16)
    plane[:, 5:] = 800
    neutral = np.full_like(plane, 512)
    blue = to_delivery((neutral, plane, neutral))[1][0].tolist()
    assert blue[:4] == [100, 100, 125, 200]


def test_nothing_wraps_at_the_ends_of_the_range() -> None:
    for value in (0, 1023):
        plane = np.full((4, 4), value, np.uint16)
        luma, blue, _ = to_delivery((plane, plane, plane))
        assert abs(int(luma.max()) - value // 4) <= 1
        assert abs(int(blue.max()) - value // 4) <= 1
