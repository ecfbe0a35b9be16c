"""Clips of a longer piece join: at a seam, nothing is seen that is not seen elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect
from firstframe.core.motion import Motion
from firstframe.orchestrator.bursts import split
from firstframe.orchestrator.recipes import SHIPPED
from firstframe.ports.video import Rgb16

RATE = 10
SECONDS = 11
WIDTH, HEIGHT, BLEED = 160, 90, 16
RECIPES = [recipe for recipe in SHIPPED if recipe.motion.effect is None]


class Alone:
    def progress(self, phase: str, fraction: float) -> None:
        pass

    def check(self) -> None:
        pass


@pytest.fixture(scope="module")
def hero() -> HeroPicture:
    """Speckled layers: whatever jumps is seen."""
    rng = np.random.default_rng(5)

    def layer(middle: tuple[int, int, int]) -> np.ndarray:
        noise = rng.normal(0, 60, (HEIGHT + 2 * BLEED, WIDTH + 2 * BLEED, 3)).astype(np.float32)
        levels = np.array(middle) + 2.5 * cv2.GaussianBlur(noise, (0, 0), 2)
        return np.concatenate([levels.clip(0, 255), np.full((*levels.shape[:2], 1), 255)], -1).astype(np.uint8)

    back, front = layer((90, 110, 140)), layer((190, 140, 80))
    front[..., 3] = 0
    cv2.ellipse(front, (BLEED + WIDTH // 2, BLEED + HEIGHT // 2), (28, 30), 0, 0, 360, (190, 140, 80, 255), -1)
    layers = (LayerImage(LayerRole.BACKGROUND, back, 5.0), LayerImage(LayerRole.SUBJECT, front, 2.0))
    inside = np.s_[BLEED:-BLEED, BLEED:-BLEED]
    cover = front[inside][..., 3:] / 255
    image = np.rint(back[inside][..., :3] * (1 - cover) + front[inside][..., :3] * cover).astype(np.uint8)
    subject = PixelRect(WIDTH // 2 - 28, HEIGHT // 2 - 30, 57, 61)
    return HeroPicture(image, LayerPictures(layers, BLEED, 40.0, 1.0), None, None, subject)


def clip(hero: HeroPicture, motion: Motion, frames: int) -> Iterator[Rgb16]:
    request = ClipRequest(hero, motion, frames, Fraction(RATE), 7)
    return (frame.copy() for frame in PrevizAnimator().take(request).frames(Alone()))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_clips_of_a_piece_join_without_a_jump(hero: HeroPicture, recipe: object) -> None:
    motion = next(item.motion for item in RECIPES if item is recipe)
    bursts = split(SECONDS * RATE, RATE)
    clips = [list(clip(hero, replace(motion, window=burst.window), burst.frame_count)) for burst in bursts]
    frames = [frame for frames in clips for frame in frames]
    assert len(bursts) == 3
    assert len(frames) == SECONDS * RATE
    steps = [float(np.abs(one.astype(np.int32) - other).mean()) for one, other in pairwise(frames)]
    for burst in bursts[1:]:
        seam = steps[burst.first - 1]
        around = [*steps[burst.first - 4 : burst.first - 1], *steps[burst.first : burst.first + 3]]
        assert seam <= 1.5 * max(around) + 1e-9, f"seam {seam:.1f} beside {max(around):.1f}"


def test_the_first_frame_of_the_piece_is_the_hero_and_no_other_clip_begins_with_it(hero: HeroPicture) -> None:
    motion = next(recipe.motion for recipe in RECIPES if recipe.name == "push")
    first, second, _ = split(SECONDS * RATE, RATE)
    begin = next(clip(hero, replace(motion, window=first.window), first.frame_count))
    later = next(clip(hero, replace(motion, window=second.window), second.frame_count))
    assert np.array_equal(begin, hero.image.astype(np.uint16) * 257)
    assert np.abs(later.astype(np.int32) - begin).mean() > 1000


def test_clips_of_a_piece_are_the_piece(hero: HeroPicture) -> None:
    motion = next(recipe.motion for recipe in RECIPES if recipe.name == "dust-drift")
    bursts = split(SECONDS * RATE, RATE)
    whole = clip(hero, motion, SECONDS * RATE)
    for burst in bursts:
        for frame in clip(hero, replace(motion, window=burst.window), burst.frame_count):
            assert np.abs(frame.astype(np.int32) - next(whole)).max() <= 257
