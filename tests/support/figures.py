"""A drawn figure from head to feet, and where its joints are."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, Rgba8
from firstframe.imaging.portrait.figure import Skeleton
from support.animated_heroes import composite

WIDE, HIGH = 200, 300
_BLEED = 4
_RIGHT = {
    "shoulder": (126, 88),
    "elbow": (139, 128),
    "wrist": (145, 163),
    "hip": (112, 168),
    "knee": (114, 218),
    "ankle": (116, 264),
}


def skeleton(**seen: float) -> Skeleton:
    """The figure's joints, all of them sure but those named."""
    joints = {f"right_{name}": np.array(place, float) for name, place in _RIGHT.items()}
    joints |= {f"left_{name}": np.array([WIDE - x, y], float) for name, (x, y) in _RIGHT.items()}
    joints["nose"] = np.array([100.0, 50.0])
    joints = {name: place + _BLEED for name, place in joints.items()}
    return Skeleton(joints, dict.fromkeys(joints, 0.95) | seen, 0.99)


def dancer() -> HeroPicture:
    """The figure before a wall."""
    size = HIGH + 2 * _BLEED, WIDE + 2 * _BLEED
    wall = np.full((*size, 4), (150, 160, 170, 255), np.uint8)
    pictures = LayerPictures(
        (LayerImage(LayerRole.BACKGROUND, wall, 4.0), LayerImage(LayerRole.SUBJECT, figure(), 2.0)), _BLEED, 40.0, 0.9
    )
    return HeroPicture(composite(pictures), pictures, None, None, None)


def figure() -> Rgba8:
    """Limbs as thick lines, of other colours each."""
    layer = np.zeros((HIGH + 2 * _BLEED, WIDE + 2 * _BLEED, 4), np.uint8)
    at = {name: tuple(int(v) for v in place) for name, place in skeleton().joints.items()}
    for side in ("left", "right"):
        for one, other, colour, thick in (
            ("hip", "knee", (50, 60, 90), 22),
            ("knee", "ankle", (60, 70, 110), 16),
            ("shoulder", "elbow", (170, 60, 50), 14),
            ("elbow", "wrist", (210, 170, 140), 10),
        ):
            cv2.line(layer, at[f"{side}_{one}"], at[f"{side}_{other}"], (*colour, 255), thick)
        cv2.ellipse(layer, at[f"{side}_ankle"], (12, 7), 0, 0, 360, (30, 30, 30, 255), -1)
    cv2.rectangle(
        layer,
        (at["left_hip"][0] - 6, at["left_shoulder"][1] - 8),
        (at["right_hip"][0] + 6, at["right_hip"][1] + 8),
        (180, 70, 60, 255),
        -1,
    )
    cv2.ellipse(layer, at["nose"], (20, 28), 0, 0, 360, (214, 172, 146, 255), -1)
    return layer
