"""The farthest frame of a move on a hero, and what is wrong at its subject's edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firstframe.animation.engines.scenery import Scenery
from firstframe.core.media import HeroPicture, LayerRole, Rgb8
from firstframe.core.motion import CameraMove, single
from firstframe.imaging.artefacts import ghost, halo
from firstframe.imaging.camera import Pose
from firstframe.imaging.envelope import Envelope

SECONDS = 4.0


@dataclass(frozen=True)
class Faults:
    """What is wrong with a frame."""

    ghost: float
    halo: float


def farthest(hero: HeroPicture, move: CameraMove) -> Pose:
    """Where a move of full strength ends; a hand's sway at its widest."""
    path = Envelope(hero).solve(single(move, 1.0), SECONDS, 3)
    poses = list(path.poses(97)) if move is CameraMove.HANDHELD else [path.pose_at(1.0)]
    return max(poses, key=lambda pose: abs(pose.x_m) + abs(pose.y_m))


def frame_at(hero: HeroPicture, pose: Pose) -> Rgb8:
    """What the engine renders from there."""
    frame = Scenery(hero, Envelope(hero), (), duration_s=SECONDS, repeats=False).render(pose, SECONDS)
    return np.asarray(frame >> 8, np.uint8)


def faults(hero: HeroPicture, pose: Pose, frame: Rgb8) -> Faults:
    """What is wrong at the subject's edge in a frame from there."""
    views, layers = Envelope(hero).views(pose), hero.layers.layers
    at = next(index for index, layer in enumerate(layers) if layer.role is LayerRole.SUBJECT)
    assert hero.matte is not None
    cover, bleed = hero.matte.astype(np.float32) / 255, hero.layers.bleed_px
    inner = np.s_[bleed : bleed + hero.size.height, bleed : bleed + hero.size.width]
    hidden = np.logical_or.reduce([cover < 0, *(layer.rgba[inner][..., 3] > 5 for layer in layers[at + 1 :])])
    return Faults(
        ghost(hero.image, cover, frame, views[at], views[0]),
        halo(hero.image, cover, frame, views[at], hidden=hidden),
    )
