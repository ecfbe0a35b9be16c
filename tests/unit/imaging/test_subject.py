"""The subject is found where a person would point at, and doubted where nobody could."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from firstframe.core.media import PixelRect, Rgb8
from firstframe.imaging import saliency
from firstframe.imaging.subject import bounds, find_subject


def still_life(width: int, height: int, centre: tuple[float, float], radius: float) -> Rgb8:
    """A sharp, speckled, orange ball before a soft green ground."""
    rng = np.random.default_rng(6)
    ground = cv2.GaussianBlur(rng.random((height, width), np.float32), (0, 0), 25)
    ground = 0.35 + 2.0 * (ground - ground.mean())
    picture = ground[..., None] * np.float32([0.5, 0.9, 0.6])
    y, x = np.mgrid[:height, :width]
    ball = np.hypot(x - centre[0] * width, y - centre[1] * height) < radius
    speckles = cv2.GaussianBlur(rng.random((height, width), np.float32), (0, 0), 1.2)
    picture[ball] = (np.float32([0.95, 0.55, 0.2]) * (0.4 + speckles[..., None] * 1.1))[ball]
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
    return (np.clip(soft, 0, 1) * 255).astype(np.uint8)


def _overlap(found: PixelRect, wanted: PixelRect) -> float:
    width = max(min(found.right, wanted.right) - max(found.x, wanted.x), 0)
    height = max(min(found.bottom, wanted.bottom) - max(found.y, wanted.y), 0)
    both = width * height
    return both / (found.width * found.height + wanted.width * wanted.height - both)


@pytest.mark.parametrize("centre", [(0.5, 0.5), (0.3, 0.55), (0.7, 0.4)])
def test_an_isolated_subject_is_found_with_confidence(centre: tuple[float, float]) -> None:
    found = find_subject(still_life(240, 180, centre, 36))
    wanted = PixelRect(round(centre[0] * 240) - 36, round(centre[1] * 180) - 36, 72, 72)
    assert _overlap(found.rect, wanted) > 0.85
    assert found.confidence > 0.6


def test_noise_is_not_trusted() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (150, 200, 3), np.uint8)
    assert find_subject(noise).confidence < 0.3


def test_a_flat_picture_has_no_subject() -> None:
    assert find_subject(np.full((150, 200, 3), 90, np.uint8)).confidence < 0.15


def test_a_focus_decides_between_two() -> None:
    left = still_life(240, 180, (0.25, 0.5), 27)
    picture = np.concatenate([left[:, :120], left[:, :120]], 1)
    for x in (0.25, 0.75):
        rect = find_subject(np.ascontiguousarray(picture), (x, 0.5)).rect
        assert _overlap(rect, PixelRect(round(240 * x) - 27, 63, 54, 54)) > 0.7


def test_same_picture_same_subject() -> None:
    picture = still_life(200, 150, (0.4, 0.5), 30)
    one, other = find_subject(picture), find_subject(picture)
    assert np.array_equal(one.mask, other.mask)
    assert one.confidence == other.confidence


def test_bounds() -> None:
    mask = np.zeros((10, 12), bool)
    assert bounds(mask) == PixelRect(6, 5, 0, 0)
    mask[2:5, 3:9] = True
    assert bounds(mask) == PixelRect(3, 2, 6, 3)


def test_rare_colour_and_colour_absent_from_the_edges_stand_out() -> None:
    picture = still_life(400, 300, (0.5, 0.5), 60)
    lab = saliency.lab_of(picture)
    for map_ in (saliency.colour_contrast(lab), saliency.border_contrast(lab)):
        assert map_[130:170, 180:220].mean() > 2 * map_[:40].mean()


def test_sharp_places_stand_out() -> None:
    picture = still_life(800, 600, (0.5, 0.5), 120)
    map_ = saliency.sharpness(picture, (400, 300))
    assert map_.shape == (300, 400)
    assert map_[130:170, 180:220].mean() > 3 * map_[:40].mean()
