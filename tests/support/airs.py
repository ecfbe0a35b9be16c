"""Places and moments for atmospheres."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect, Rgb8
from firstframe.core.motion import Air, CameraMove, Repeat, single
from firstframe.imaging.air.base import Moment, Place, presence
from firstframe.imaging.camera import Pose
from support.animated_heroes import Watched, composite, rgba

DURATION_S = 4.0


def place(hero: Rgb8, **changes: Any) -> Place:
    """A studio of two layers."""
    usual = {
        "focal_px": 600.0,
        "subject_m": 1.2,
        "depths_m": (2.4, 1.2),
        "surfaces": (),
        "frame_rate": 30.0,
        "duration_s": DURATION_S,
        "repeats": False,
        "seed": 3,
        "amount": 0.5,
        "direction_deg": None,
        "regions": None,
    }
    return Place(hero, **(usual | changes))


def moment(time_s: float, pose: Pose | None = None, *, repeats: bool = False) -> Moment:
    """A moment of such a place."""
    return Moment(time_s, time_s / DURATION_S, presence(time_s, DURATION_S, repeats=repeats), pose or Pose())


def garden(width: int = 192, height: int = 108, bleed: int = 12) -> HeroPicture:
    """A sky with clouds above hills and water, a plant at the left that stands on the lower edge, and a disc in the middle."""
    rows, columns = np.mgrid[0 : height + 2 * bleed, 0 : width + 2 * bleed].astype(float)
    x, y = columns - bleed, rows - bleed
    noise = cv2.GaussianBlur(np.random.default_rng(4).normal(0, 60, x.shape), (0, 0), 2.0)
    sky, lake = y < 0.4 * height, y > 0.6 * height
    clouds, waves = 170 + noise, 90 + 40 * np.sin(y / 2) + 0.5 * noise
    grey = np.where(sky, clouds, np.where(lake, waves, 60.0))
    disc = np.clip(height / 5 - np.hypot(x - width / 2, y - height / 2) + 0.5, 0, 1)
    stem = np.clip(4 - np.abs(x - 0.15 * width) + 0.5, 0, 1) * (y > 0.35 * height)
    layers = (
        LayerImage(LayerRole.BACKGROUND, rgba(grey, grey, grey + 20, np.ones_like(x)), 4.0),
        LayerImage(LayerRole.MIDGROUND, rgba(30 + 0 * x, 120 + noise, 40 + 0 * x, stem), 1.6),
        LayerImage(LayerRole.SUBJECT, rgba(200 - 0 * x, 80 + y, 40 + 0 * x, disc), 1.2),
    )
    pictures = LayerPictures(layers, bleed, horizontal_fov_deg=30.0, confidence=1.0)
    frame = np.s_[bleed : bleed + height, bleed : bleed + width]
    objects = np.where(sky, 0, np.where(lake, 1, 2))
    objects = np.where(disc > 0.5, 4, np.where(stem > 0.5, 3, objects))[frame].astype(np.uint8)
    subject = PixelRect(width // 2 - height // 5, height // 2 - height // 5, 2 * (height // 5), 2 * (height // 5))
    names = ("water", "hills 0", "reeds", "body")
    return HeroPicture(composite(pictures), pictures, None, None, subject, objects=objects, object_names=names)


def frames_of(
    hero: HeroPicture,
    *airs: Air,
    count: int = 24,
    rate: int = 12,
    seed: int = 5,
    repeat: Repeat = Repeat.ONCE,
    camera: CameraMove = CameraMove.LOCKED,
    masks: tuple[NDArray[np.uint8] | None, ...] = (),
) -> list[NDArray[np.int64]]:
    """A clip, every frame as whole numbers."""
    motion = replace(single(camera, 0.5, *airs), repeat=repeat)
    request = ClipRequest(hero, motion, count, Fraction(rate), seed, masks=masks)
    return [frame.astype(np.int64) for frame in PrevizAnimator().take(request).frames(Watched())]
