"""What is looked at: crop, size and subject of a picture of which nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import PixelRect, PixelSize
from firstframe.preflight.still import crop_around, still_of_hero, still_of_picture
from support.stills import SIZES, Scene, speckled_ball

WIDE = PixelSize(960, 540)


@pytest.mark.parametrize("x_share", [0.25, 0.5, 0.75])
def test_a_picture_is_cropped_to_the_format_around_its_subject(x_share: float) -> None:
    still = still_of_picture(speckled_ball(WIDE, (x_share, 0.5)), PixelSize(270, 480))
    assert still.hero.size == PixelSize(270, 480)
    assert still.crop is not None
    assert still.crop.x + still.crop.width / 2 == pytest.approx(x_share * 960, abs=25)
    assert still.subject is not None
    assert still.subject.x + still.subject.width / 2 == pytest.approx(135, abs=12)
    assert still.source == PixelSize(304, 540)


def test_a_picture_of_the_format_is_taken_whole_and_never_enlarged() -> None:
    still = still_of_picture(speckled_ball(WIDE, (0.4, 0.5)), PixelSize(1920, 1080))
    assert (still.crop, still.hero.size, still.source) == (None, WIDE, WIDE)


def test_a_matte_of_any_size_is_brought_to_the_still() -> None:
    matte = np.zeros((64, 64), np.float32)
    matte[16:48, 32:48] = 1
    still = still_of_picture(speckled_ball(WIDE, (0.3, 0.5)), PixelSize(480, 270), matte=matte)
    assert still.origin == "matting"
    rect = still.subject
    assert rect is not None
    for found, wanted in ((rect.x, 240), (rect.y, 67), (rect.width, 120), (rect.height, 135)):
        assert found == pytest.approx(wanted, abs=6)


def test_a_picture_without_subject_says_so_unless_somebody_points() -> None:
    plain = np.full((270, 480, 3), 120, np.uint8)
    assert still_of_picture(plain, PixelSize(480, 270)).matte is None
    pointed = still_of_picture(speckled_ball(WIDE, (0.3, 0.5)), PixelSize(480, 270), focus=(0.3, 0.5))
    assert pointed.origin == "outline"


def test_copy_moves_with_the_crop() -> None:
    still = still_of_picture(speckled_ball(WIDE, (0.5, 0.5)), PixelSize(270, 270), copy=[PixelRect(480, 270, 54, 27)])
    (rect,) = still.copy
    assert still.crop is not None
    wanted = ((rect.x, (480 - still.crop.x) / 2), (rect.y, 135), (rect.width, 27), (rect.height, 13.5))
    assert all(found == pytest.approx(value, abs=1) for found, value in wanted)


@pytest.mark.parametrize("size", SIZES)
def test_a_hero_brings_its_own_matte(size: PixelSize) -> None:
    scene = Scene(size)
    still = still_of_hero(scene.hero())
    assert (still.subject, still.origin, still.crop) == (scene.box, "layers", None)
    assert still.matte is not None
    np.testing.assert_allclose(still.matte, scene.matte(), atol=1 / 255)


def test_crops_stay_inside() -> None:
    assert crop_around(PixelSize(400, 300), PixelSize(100, 100), PixelRect(390, 0, 10, 10)) == PixelRect(
        100, 0, 300, 300
    )
    assert crop_around(PixelSize(300, 400), PixelSize(100, 100), None) == PixelRect(0, 50, 300, 300)
    assert crop_around(PixelSize(1000, 563), PixelSize(1920, 1080), None) == PixelRect(0, 0, 1000, 563)
