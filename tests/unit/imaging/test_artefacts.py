"""Ghosts and halos are found where they are put, and only there."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from firstframe.core.media import HeroPicture, LayerImage
from firstframe.core.motion import CameraMove
from support.naive_parallax import sliced
from support.parallax_edge import farthest, faults, frame_at
from support.stills import SIZES, Scene


def exact(scene: Scene) -> HeroPicture:
    """The jar before the ground without it: layers as a renderer gives them."""
    hero = scene.hero(foreground=False)
    away = np.rint(np.clip(scene._ground(), 0, 1) * 255).astype(np.uint8)
    ground, jar, leaf = hero.layers.layers
    behind = np.dstack([away, np.full(away.shape[:2], 255, np.uint8)])
    layers = (LayerImage(ground.role, behind, ground.depth_m), jar, leaf)
    assert hero.matte is not None
    inverse = np.where(hero.matte > 127, 1 / jar.depth_m, 1 / ground.depth_m)
    inverse[:30, :60] = 1 / leaf.depth_m
    depth = np.rint(40000 * inverse).astype(np.uint16)
    return replace(hero, layers=replace(hero.layers, layers=layers), inverse_depth=depth)


HERO = exact(Scene(SIZES[0], grain=0.0, shadow=0.0))
SIDEWAYS = (CameraMove.PAN_LEFT, CameraMove.PAN_RIGHT, CameraMove.ORBIT, CameraMove.ORBIT_LEFT)


@pytest.mark.parametrize("move", list(CameraMove))
def test_exact_layers_have_neither(move: CameraMove) -> None:
    pose = farthest(HERO, move)
    found = faults(HERO, pose, frame_at(HERO, pose))
    assert found.ghost < 0.1
    assert found.halo < 4


@pytest.mark.parametrize("move", SIDEWAYS)
def test_what_was_not_filled_in_is_a_ghost(move: CameraMove) -> None:
    pose = farthest(HERO, move)
    assert faults(HERO, pose, frame_at(sliced(HERO), pose)).ghost > 0.6


def test_a_rim_of_another_colour_is_a_halo_and_as_bright_as_it_is() -> None:
    pose = farthest(HERO, CameraMove.PAN_LEFT)
    assert HERO.matte is not None
    outline = cv2.dilate(HERO.matte, np.ones((5, 5), np.uint8)) - HERO.matte
    found = []
    for level in (20, 60):
        ground, jar, leaf = HERO.layers.layers
        rim = np.minimum(jar.rgba[..., :3].astype(int) * 0 + 190 + level, 255)
        alpha = np.maximum(jar.rgba[..., 3], outline)
        marked = np.dstack([np.where(outline[..., None] > 127, rim, jar.rgba[..., :3]), alpha]).astype(np.uint8)
        layers = (ground, LayerImage(jar.role, marked, jar.depth_m), leaf)
        spoilt = replace(HERO, layers=replace(HERO.layers, layers=layers))
        found.append(faults(HERO, pose, frame_at(spoilt, pose)).halo)
    assert 8 < found[0] < found[1]


def test_nothing_is_wrong_with_the_still_itself() -> None:
    from firstframe.imaging.camera import Pose

    found = faults(HERO, Pose(), HERO.image)
    assert (found.ghost, found.halo) == (0, 0)


def test_half_a_ghost_is_half() -> None:
    pose = farthest(HERO, CameraMove.PAN_LEFT)
    clean, ghostly = (frame_at(hero, pose).astype(float) for hero in (HERO, sliced(HERO)))
    whole = faults(HERO, pose, ghostly.astype(np.uint8)).ghost
    half = faults(HERO, pose, ((clean + ghostly) / 2).astype(np.uint8)).ghost
    assert half == pytest.approx(whole / 2, abs=0.08)
