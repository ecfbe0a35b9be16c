"""Planes of depth are those that there are."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import PixelSize
from firstframe.imaging.preflight.depth import planes_of_layers, planes_of_picture
from firstframe.imaging.saliency import lab_of
from support.stills import SIZES, Scene


@pytest.mark.parametrize("size", SIZES)
def test_exact_layers_are_counted_by_what_is_seen_of_them(size: PixelSize) -> None:
    scene = Scene(size)
    whole, bare = scene.hero(), scene.hero(foreground=False)
    planes = planes_of_layers(whole.layers, whole.size)
    assert planes.present == ("foreground", "midground", "background")
    assert planes_of_layers(bare.layers, bare.size).present == ("midground", "background")
    np.testing.assert_allclose(planes.foreground + planes.midground + planes.background, 1, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_ground_in_front_of_a_subject_is_a_foreground(size: PixelSize) -> None:
    scene = Scene(size)
    planes = planes_of_picture(lab_of(scene.image()), scene.matte())
    assert planes.present == ("foreground", "midground", "background")
    assert planes.foreground[: scene.box.bottom - 2].max() == 0


@pytest.mark.parametrize("size", SIZES)
def test_a_subject_that_floats_on_one_colour_has_none(size: PixelSize) -> None:
    scene = Scene(size, wall=(0.7,) * 3, floor=(0.7,) * 3, shadow=0)
    assert planes_of_picture(lab_of(scene.image()), scene.matte()).present == ("midground", "background")


def test_a_subject_that_reaches_the_bottom_has_no_ground_in_front() -> None:
    scene = Scene(SIZES[0], centre=(0.5, 0.8))
    assert "foreground" not in planes_of_picture(lab_of(scene.image()), scene.matte()).present


def test_a_picture_without_subject_is_one_plane() -> None:
    assert planes_of_picture(lab_of(np.full((90, 120, 3), 99, np.uint8)), None).present == ("background",)
