"""What is looked at: crop, size and subject of a picture of which nothing is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firstframe.core.media import PixelRect, PixelSize
from firstframe.core.motion import CameraMove, single
from firstframe.imaging.preflight.faces import Face
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.run import examine
from firstframe.preflight.still import Faces, crop_around, still_of_hero, still_of_picture, without_impossible_faces
from firstframe.preflight.verdict import Verdict
from support.stills import SIZES, Scene, speckled_ball

WIDE = PixelSize(960, 540)
PLAN = ShotPlan("16:9", WIDE, ("youtube",), single(CameraMove.PUSH, 0.5), "slow-push")


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


def test_a_face_on_a_generated_set_is_on_its_product_or_is_none() -> None:
    scene = Scene(WIDE)
    hero, box = scene.hero(), scene.box
    printed = Face(
        box.x + 0.3 * box.width, box.y + 0.3 * box.height, box.x + 0.7 * box.width, box.y + 0.6 * box.height, 0.9
    )
    mirrored = Face(WIDE.width - 60, 200, WIDE.width + 80, 340, 0.9)
    known = Faces((printed, mirrored))
    on_a_set = still_of_hero(replace(hero, objects=np.ones(hero.image.shape[:2], np.uint8)), faces=known)
    assert without_impossible_faces(on_a_set).faces.found == (printed,)
    photograph = still_of_hero(hero, faces=known)
    assert without_impossible_faces(photograph) is photograph
    (check,) = [check for check in examine(on_a_set, PLAN).checks if check.name == "faces"]
    assert check.verdict is Verdict.PASS
