from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.core.media import PixelRect, PixelSize
from firstframe.learned.fitting import check_made, fitted, resized, trimmed
from firstframe.learned.native import NativeShot

SHOT = NativeShot(PixelSize(64, 48), PixelRect(0, 6, 64, 36), ())


def ramp(width: int, height: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows * 255 // height, columns * 255 // width, rows * 0], -1).astype(np.uint8)


@pytest.mark.parametrize("scale", [1, 3])
def test_what_is_added_is_what_is_trimmed(scale: int) -> None:
    picture = ramp(64 * scale, 36 * scale)

    whole = fitted(picture, SHOT, field="hero")

    assert whole.shape == (48, 64, 3)
    np.testing.assert_array_equal(trimmed(whole, SHOT.kept), resized(picture, SHOT.size), strict=True)
    np.testing.assert_array_equal(whole[5], whole[7])


def test_a_smaller_picture_grows() -> None:
    whole = fitted(ramp(32, 18), SHOT, field="hero")

    np.testing.assert_allclose(trimmed(whole, SHOT.kept).astype(int), ramp(64, 36), atol=8)


@pytest.mark.parametrize("size", [(64, 40), (48, 36), (36, 64)])
def test_another_ratio_is_refused_rather_than_distorted(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput) as caught:
        fitted(ramp(*size), SHOT, field="hero")

    assert caught.value.metadata["field"] == "hero"


@pytest.mark.parametrize("shape", [(4, 48, 64, 3), (5, 40, 64, 3), (5, 48, 48, 3)])
def test_what_a_library_rounded_in_silence_is_found(shape: tuple[int, ...]) -> None:
    check_made(np.zeros((5, 48, 64, 3)), SHOT.made, 5)

    with pytest.raises(PreconditionFailed, match="not 5 of 64×48"):
        check_made(np.zeros(shape), SHOT.made, 5)
