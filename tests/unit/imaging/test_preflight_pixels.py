"""Sharpness, noise, banding and legibility: known amounts are found, more is more, good tools agree."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.measure import blur_effect

from firstframe.core.media import PixelSize, Rgb8
from firstframe.imaging.preflight.banding import banding
from firstframe.imaging.preflight.focus import edge_softness
from firstframe.imaging.preflight.grain import BLOCK, noise
from firstframe.imaging.preflight.legibility import copy_contrast
from support.stills import SIZES, Scene, words


def grey(plane: np.ndarray) -> Rgb8:
    return np.repeat(np.rint(np.clip(plane, 0, 255)).astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize("sigma", [2.0, 3.0, 4.0])
def test_a_known_blur_is_found(sigma: float) -> None:
    plane = np.full((300, 300), 60, np.float32)
    plane[:, 150:] = 190
    found = edge_softness(grey(cv2.GaussianBlur(plane, (0, 0), sigma))).softness_px
    assert found == pytest.approx(sigma, rel=0.12)


@pytest.mark.parametrize("size", SIZES)
def test_more_blur_is_softer_and_scikit_image_ranks_alike(size: PixelSize) -> None:
    sharp = replace(Scene(size), blur_px=0).image()
    pictures = [sharp, *(cv2.GaussianBlur(sharp, (0, 0), sigma) for sigma in (0.8, 1.5, 2.5))]
    ours = [edge_softness(picture).softness_px or 99.0 for picture in pictures]
    theirs = [blur_effect(picture, channel_axis=2) for picture in pictures]
    assert ours == sorted(ours)
    assert theirs == sorted(theirs)


def test_edges_are_looked_at_where_it_is_asked() -> None:
    plane = np.full((200, 400), 60, np.float32)
    plane[:, 100:300] = 190
    soft = cv2.GaussianBlur(plane, (0, 0), 3.0)
    plane[:, 200:] = soft[:, 200:]
    left = np.zeros(plane.shape, np.bool_)
    left[:, :200] = True
    sharp, blurred = (edge_softness(grey(plane), where).softness_px for where in (left, ~left))
    assert sharp is not None
    assert blurred is not None
    assert sharp < 1.2
    assert blurred > 2.5


def test_a_plain_picture_has_no_edges_to_judge() -> None:
    assert edge_softness(np.full((100, 100, 3), 90, np.uint8)).softness_px is None


@pytest.mark.parametrize("sigma", [1.0, 2.0, 4.0, 8.0])
@pytest.mark.parametrize("level", [60, 130, 200])
def test_known_noise_is_found(sigma: float, level: int) -> None:
    plane = np.random.default_rng(2).normal(level, sigma, (320, 480))
    assert noise(grey(plane)).sigma == pytest.approx(np.hypot(sigma, 0.29), rel=0.15)


@pytest.mark.parametrize("size", SIZES)
def test_more_noise_is_a_larger_number_on_a_picture_with_texture(size: PixelSize) -> None:
    found = [noise(replace(Scene(size), grain=grain).image()).sigma for grain in (0.0, 2.0, 5.0, 10.0)]
    assert found == sorted(found)
    assert found[0] < 0.6


def test_texture_and_clipped_areas_are_not_noise() -> None:
    plane = np.random.default_rng(2).normal(128, 1.0, (320, 480))
    wave = np.sin(np.arange(320) * 1.3)
    plane[:, 160:320] = 128 + 80 * wave[:, None] * wave[None, :160]
    plane[:, 320:] = 255
    assert noise(grey(plane)).sigma == pytest.approx(1.04, rel=0.3)


def test_where_all_is_texture_nothing_is_told_until_noise_outweighs_it() -> None:
    fur = cv2.resize(data.chelsea(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float64)
    clean = noise(np.rint(fur).astype(np.uint8))
    assert (clean.told, clean.sigma) == (False, 0.0)
    sensor = np.random.default_rng(2).normal(0, 9, (*fur.shape[:2], 1))
    loud = noise(np.rint(np.clip(fur + sensor, 0, 255)).astype(np.uint8))
    assert loud.told
    assert loud.sigma == pytest.approx(9, rel=0.15)
    assert loud.blocks.shape == clean.blocks.shape == (fur.shape[0] // BLOCK, fur.shape[1] // BLOCK)


@pytest.mark.parametrize("size", [PixelSize(1280, 720), PixelSize(720, 1280), PixelSize(360, 360)])
def test_fewer_levels_are_higher_steps(size: PixelSize) -> None:
    ramp = np.repeat(np.linspace(60, 120, size.width)[None], size.height, 0)
    found = [banding(grey(np.round(ramp / step) * step)).score for step in (1, 2, 4, 8)]
    assert found == sorted(found)
    for step, score in zip((1, 2, 4, 8), found, strict=True):
        assert score == pytest.approx(step, rel=0.3)


def test_dither_and_noise_hide_steps() -> None:
    ramp = np.repeat(np.linspace(60, 200, 640)[None], 360, 0)
    rng = np.random.default_rng(7)
    dithered = np.floor(ramp + rng.random(ramp.shape))
    assert banding(grey(np.round(ramp / 8) * 8)).score > 6
    assert banding(grey(dithered)).score < 0.3
    assert banding(grey(np.round(ramp / 8) * 8 + rng.normal(0, 4, ramp.shape))).score < 0.3


def test_edges_and_plain_areas_are_no_steps() -> None:
    plane = np.full((300, 400), 40.0)
    plane[:, 200:] = 200
    assert banding(grey(plane)).score == 0
    assert banding(Scene(SIZES[0]).image()).score < 0.5


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("ink", "paper", "ratio"), [(0, 255, 21.0), (118, 255, 4.54), (160, 255, 2.61), (235, 40, 11.9)]
)
def test_contrast_of_words_is_that_of_their_ink(size: PixelSize, ink: int, paper: int, ratio: float) -> None:
    image, rect = words(size, ink, paper)
    found = copy_contrast(np.ascontiguousarray(image[rect.y : rect.bottom, rect.x : rect.right]))
    assert found.ratio == pytest.approx(ratio, rel=0.06)
    assert 0.2 * rect.height < found.letter_px < 0.8 * rect.height


@pytest.mark.parametrize(("ink", "paper"), [(40, 230), (230, 40)])
def test_light_that_falls_off_over_a_label_is_no_ink(ink: int, paper: int) -> None:
    image, rect = words(SIZES[0], ink, paper)
    part = image[rect.y : rect.bottom, rect.x : rect.right]
    even = copy_contrast(np.ascontiguousarray(part))
    shaded = copy_contrast(grey(part[..., 0] * np.linspace(1, 0.45, part.shape[1])[None]))
    assert shaded.letter_px == pytest.approx(even.letter_px, rel=0.1)
    assert (shaded.ink == even.ink).mean() > 0.97
    assert 0.25 * even.ratio < shaded.ratio <= even.ratio


@pytest.mark.parametrize(("ink", "paper"), [(30, 220), (220, 30)])
def test_letters_and_not_the_paper_between_them_are_ink(ink: int, paper: int) -> None:
    part = np.full((90, 260, 3), paper, np.uint8)
    for line in (36, 74):
        cv2.putText(part, "MINIMUM HIM", (6, line), cv2.FONT_HERSHEY_SIMPLEX, 1.15, (ink,) * 3, 4, cv2.LINE_AA)
    found = copy_contrast(part)
    assert found.ink.mean() < 0.45
    assert abs(float(np.median(part[found.ink])) - ink) < 10


def test_a_plain_label_has_no_words() -> None:
    assert copy_contrast(np.full((40, 90, 3), 200, np.uint8)).ratio == 1.0


@pytest.mark.parametrize("length", [9, 15])
def test_a_shaken_camera_is_soft_although_edges_along_its_way_are_sharp(length: int) -> None:
    plane = np.full((300, 300), 20, np.float32)
    plane[80:220, 80:220] = 235
    kernel = np.full((1, length), 1 / length, np.float32)
    edges = edge_softness(grey(cv2.filter2D(plane, -1, kernel)))
    assert float(np.percentile(edges.points[:, 2], 10)) < 0.9, "along its way"
    assert edges.softness_px is not None
    assert edges.softness_px > 2


@pytest.mark.parametrize("blur", [0.5, 0.7, 0.9])
def test_noise_that_was_softened_is_noise(blur: float) -> None:
    noisy = cv2.GaussianBlur(np.random.default_rng(4).normal(0, 1, (320, 480)), (0, 0), blur)
    plane = 130 + 6 * noisy / noisy.std()
    assert noise(grey(plane)).sigma == pytest.approx(4.5, rel=0.35)
