from __future__ import annotations

import pytest

from firstframe.core.media import PixelSize, same_shape


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((1920, 1080), (1920, 1080), True),
        ((1920, 1080), (960, 540), True),
        ((5312, 2988), (1000, 562), True),  # 562.5
        ((5312, 2988), (1000, 563), True),
        ((5312, 2988), (1000, 565), False),
        ((640, 480), (1920, 1080), False),
        ((480, 640), (640, 480), False),
        ((4000, 3000), (64, 48), True),
    ],
)
def test_a_ratio_may_be_off_by_a_rounded_pixel(one: tuple[int, int], other: tuple[int, int], same: bool) -> None:
    assert same_shape(PixelSize(*one), PixelSize(*other)) is same
    assert same_shape(PixelSize(*other), PixelSize(*one)) is same
