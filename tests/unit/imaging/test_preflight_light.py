"""Contrast along the outline and cues of light: larger where there is more of them, zero where there is none."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from firstframe.core.media import PixelSize
from firstframe.imaging.preflight.light import Light, light_cues
from firstframe.imaging.preflight.outline import around_outline, outline_contrast
from firstframe.imaging.resample import code_of, linear_of
from firstframe.imaging.saliency import lab_of
from support.stills import SIZES, Scene


def cues(scene: Scene) -> Light:
    return light_cues(lab_of(scene.image()), scene.matte())


@pytest.mark.parametrize("size", SIZES)
def test_an_outline_stands_out_the_more_the_more_colours_differ(size: PixelSize) -> None:
    greys = [(level,) * 3 for level in (0.5, 0.45, 0.35, 0.2)]
    scenes = [Scene(size, wall=(0.5,) * 3, floor=(0.5,) * 3, jar=grey, shading=0, shadow=0) for grey in greys]
    medians = [float(np.median(outline_contrast(lab_of(s.image()), s.matte()).difference)) for s in scenes]
    assert medians == sorted(medians)
    assert medians[0] < 2
    assert medians[-1] > 20


def test_only_the_side_that_melts_in_is_low() -> None:
    scene = Scene(SIZES[0], jar=(0.5,) * 3, wall=(0.5,) * 3, floor=(0.5,) * 3, shading=0, shadow=0)
    image = scene.image()
    image[:, : SIZES[0].width // 2] = np.where(
        scene.matte()[:, : SIZES[0].width // 2, None] > 0.5, image[:, : SIZES[0].width // 2], 20
    )
    outline = outline_contrast(lab_of(image), scene.matte())
    left = outline.points[:, 0] < scene.box.x + 0.3 * scene.box.width
    right = outline.points[:, 0] > scene.box.x + 0.7 * scene.box.width
    assert np.median(outline.difference[left]) > 20
    assert np.median(outline.difference[right]) < 5


def test_a_subject_that_fills_the_frame_has_no_outline() -> None:
    lab = lab_of(np.full((60, 80, 3), 90, np.uint8))
    assert len(outline_contrast(lab, np.ones((60, 80), np.float32)).points) == 0


@pytest.mark.parametrize("size", SIZES)
def test_modelling_grows_with_the_light(size: PixelSize) -> None:
    found = [cues(Scene(size, shading=shading, shadow=0)).modelling for shading in (0.0, 0.15, 0.3, 0.5)]
    assert found == sorted(found)
    assert found[0] < 1.5
    assert found[-1] > 12


def test_the_same_light_counts_as_much_on_a_dark_jar_as_on_a_bright_one() -> None:
    found = [cues(Scene(SIZES[0], jar=(level,) * 3, shading=0.4, shadow=0)).modelling for level in (0.2, 0.4, 0.8)]
    assert found[0] == pytest.approx(found[1], rel=0.2)
    assert found[2] == pytest.approx(found[1], rel=0.2)


@pytest.mark.parametrize("from_deg", [0, 45, 90, 135, 180])
def test_light_comes_from_where_it_was_put(from_deg: float) -> None:
    found = cues(Scene(SIZES[2], half=(0.2, 0.2), from_deg=from_deg, shadow=0)).from_deg
    assert abs((found - from_deg + 180) % 360 - 180) < 15


def test_a_white_label_on_a_dark_jar_is_no_light() -> None:
    scene = Scene(SIZES[2], shadow=0)
    image, middle = scene.image(), scene.box.y + scene.box.height // 2
    jar = scene.matte() > 0.5
    image[jar] = (130, 30, 24)
    image[middle:][jar[middle:]] = 235
    assert light_cues(lab_of(image), scene.matte()).modelling < 1


def test_a_dark_half_of_one_material_is_light() -> None:
    scene = Scene(SIZES[2], shadow=0)
    image, middle = scene.image(), scene.box.y + scene.box.height // 2
    jar = scene.matte() > 0.5
    image[jar] = (190, 60, 44)
    shaded = code_of(linear_of(np.float32([190, 60, 44]) / 255) / 3) * 255
    image[middle:][jar[middle:]] = np.rint(shaded)
    found = light_cues(lab_of(image), scene.matte())
    assert found.modelling > 15
    assert found.from_deg == pytest.approx(90, abs=3)


def test_a_shadow_counts_by_its_darkness_and_lies_on_the_ground() -> None:
    found = [cues(Scene(SIZES[0], shading=0, shadow=shadow)) for shadow in (0.0, 0.25, 0.6)]
    assert found[0].shadow < 1 < found[1].shadow < found[2].shadow
    rows, columns = np.nonzero(found[2].shadow_mask)
    box = Scene(SIZES[0]).box
    assert rows.min() >= box.y + box.height / 2
    assert columns.mean() > box.x + box.width / 2


def test_a_rim_counts_and_is_where_it_is() -> None:
    plain, rim = (cues(Scene(SIZES[1], shading=0, shadow=0, wall=(0.2,) * 3, rim=lift)) for lift in (0.0, 0.6))
    assert plain.rim < 2
    assert rim.rim > 10
    lit = rim.rim_points[rim.rim_points[:, 2] > 10]
    assert (lit[:, 0] > Scene(SIZES[1]).box.x + Scene(SIZES[1]).box.width / 2).mean() > 0.95


def test_cues_add_up() -> None:
    found = cues(replace(Scene(SIZES[0]), rim=0.3))
    assert found.total == pytest.approx(found.modelling + found.rim + found.shadow)


def test_next_to_no_subject_has_no_cues() -> None:
    matte = np.zeros((60, 80), np.float32)
    matte[30, 40] = 1
    found = light_cues(lab_of(np.full((60, 80, 3), 90, np.uint8)), matte)
    assert found.modelling == 0


@pytest.mark.parametrize(("from_deg", "told"), [(300, 0), (240, 180), (270, 270)])
def test_light_from_below_is_the_grounds_where_there_is_light_from_a_side(from_deg: float, told: float) -> None:
    found = cues(Scene(SIZES[2], half=(0.2, 0.2), from_deg=from_deg, shadow=0)).from_deg
    assert abs((found - told + 180) % 360 - 180) < 12


def test_ground_that_is_dark_nearly_everywhere_is_no_shadow() -> None:
    scene = Scene(SIZES[0], shading=0, shadow=0, grain=0)
    image = scene.image()
    floor = np.s_[scene.box.bottom - 20 :]
    ground = scene.matte()[floor] < 0.5
    image[floor][ground] = (70, 60, 50)
    lit = np.zeros_like(ground)
    lit[:, : scene.box.x - 14] = True
    image[floor][ground & lit] = (170, 146, 120)
    found = light_cues(lab_of(image), scene.matte())
    assert found.shadow == 0
    assert not found.shadow_mask.any()


@pytest.mark.parametrize("sigma", [3.0, 5.0])
def test_a_subject_out_of_focus_stands_out_as_it_does_in_focus(sigma: float) -> None:
    scene = Scene(SIZES[2], half=(0.22, 0.22))
    sharp, soft = scene.image(), cv2.GaussianBlur(scene.image(), (0, 0), sigma)
    shares = [
        float((outline_contrast(lab_of(picture), scene.matte(), blur).difference > 10).mean())
        for picture, blur in ((sharp, 0.0), (soft, sigma), (soft, 0.0))
    ]
    assert shares[1] == pytest.approx(shares[0], abs=0.12)
    assert shares[2] < shares[0] - 0.15, "without what is known of the blur"


def test_the_strip_along_the_outline_is_on_both_sides_of_it() -> None:
    scene = Scene(SIZES[2])
    matte = scene.matte()
    near = around_outline(matte)
    assert near[matte > 0.5].any()
    assert near[matte < 0.5].any()
    assert not near[scene.box.y + scene.box.height // 2, scene.box.x + scene.box.width // 2]
    assert not near[0, 0]
