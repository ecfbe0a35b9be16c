"""A flower of which the matte loses its stem on the way down: moved, no edge shows across the stem."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.imagegen.photo_subject import Cut, find
from firstframe.imagegen.photograph import Known, hero_of
from firstframe.imagegen.reframe import Reframe
from firstframe.render import layers
from support.known_mattes import Models

SIDE, LOST, MOVED_PX = 400, 270, 4


def flower() -> Rgb8:
    """A bright disc on a stem before dark, uneven ground."""
    rng = np.random.default_rng(3)
    picture = 25 + 10 * cv2.GaussianBlur(rng.random((SIDE, SIDE, 3), np.float32), (0, 0), 3)
    picture[150:, 192:208] = (90, 100, 20)
    cv2.circle(picture, (200, 110), 60, (220, 210, 190), -1)
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def hero() -> HeroPicture:
    matte = np.zeros((SIDE, SIDE), np.float32)
    matte[150:LOST, 192:208] = 0.5
    cv2.circle(matte, (200, 110), 60, 1.0, -1)
    known = Known(mattes=Models(matte))
    photo = flower()
    found = find(photo, known)
    assert found.cut is Cut.MODEL
    return hero_of(photo, found, size=PixelSize(360, 360), reframe=Reframe.CROP, known=known)


def stem(picture: Rgb8) -> np.ndarray:
    """Lightness of the stem from row to row."""
    at = int(np.argmax(picture[300, :, 1]))
    return picture[190:330, at - 3 : at + 4].mean(axis=(1, 2))


def test_the_layers_are_the_picture(hero: HeroPicture) -> None:
    stack = [layer.rgba for layer in hero.layers.layers]
    assert len(stack) == 2
    assert np.array_equal(layers.composite(stack, hero.layers.bleed_px), hero.image)


def test_no_edge_shows_across_the_stem_when_the_layers_part(hero: HeroPicture) -> None:
    background, subject = (layer.rgba for layer in hero.layers.layers)
    moved = layers.composite([background, np.roll(subject, MOVED_PX, axis=0)], hero.layers.bleed_px)
    still, now = stem(hero.image), stem(moved)
    assert np.abs(now / still - 1).max() < 0.12


def test_the_stem_goes_on_behind_the_end_of_its_layer(hero: HeroPicture) -> None:
    background = hero.layers.layers[0].rgba[..., :3]
    bleed = hero.layers.bleed_px
    assert np.abs(stem(background[bleed:-bleed, bleed:-bleed])[-60:] - stem(hero.image)[-60:]).max() < 2
