"""Camera moves: which way the camera goes, how far at most, and how fast on the way.

The limits are those of taste: a commercial's camera is felt rather than seen. They are given by what happens to the
subject, so that a move feels the same whatever lens and distance a hero has.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

from firstframe.core.motion import CameraMove
from firstframe.imaging.camera import Pose

PUSH_SCALE = 0.11
"""How much larger a push of strength 1 makes the subject; a pull makes it smaller by the same factor."""
SLIDE = 0.05
"""How far a pan or tilt of strength 1 moves the subject, as a share of the frame's width or height."""
ORBIT_DEG = 4.5
"""Angle of the arc at strength 1."""
EASE_IN = 0.28
EASE_OUT = 0.32
"""Shares of the clip in which the camera gathers speed and comes to rest."""

_SLIDES = {
    CameraMove.PAN_LEFT: (-1, 0),
    CameraMove.PAN_RIGHT: (1, 0),
    CameraMove.TILT_UP: (0, -1),
    CameraMove.TILT_DOWN: (0, 1),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """What a move refers to."""

    width_px: int
    height_px: int
    focal_px: float
    subject_m: float
    """Depth of the subject."""
    subject_x_px: float
    """Where the subject is, from the middle of the frame."""
    subject_y_px: float


def eased(share: float) -> float:
    """Share of the way that is done at a share of the time: from rest, steady, to rest.

    Speed rises and falls along smoothstep, so that speed and acceleration have no corner.
    """
    top = 1 / (1 - EASE_IN / 2 - EASE_OUT / 2)
    if share < EASE_IN:
        return top * EASE_IN * _ramp(share / EASE_IN)
    if share > 1 - EASE_OUT:
        return 1 - top * EASE_OUT * _ramp((1 - share) / EASE_OUT)
    return top * (share - EASE_IN / 2)


def pose(move: CameraMove, amount: float, stage: Stage) -> Pose:
    """Where the camera is when it has done `amount` of the largest move (0 to 1)."""
    if move in _SLIDES:
        return _slide(_SLIDES[move], amount, stage)
    if move is CameraMove.PUSH:
        return _dolly(stage.subject_m * (1 - 1 / (1 + PUSH_SCALE * amount)), stage)
    if move is CameraMove.PULL:
        return _dolly(-stage.subject_m * PUSH_SCALE * amount, stage)
    if move is CameraMove.ORBIT:
        return _arc(radians(ORBIT_DEG) * amount, stage)
    return Pose()


def _ramp(share: float) -> float:
    """Integral of smoothstep from 0 to `share`."""
    return share**3 - share**4 / 2


def _slide(direction: tuple[int, int], amount: float, stage: Stage) -> Pose:
    metres = SLIDE * amount * stage.subject_m / stage.focal_px
    return Pose(x_m=direction[0] * metres * stage.width_px, y_m=direction[1] * metres * stage.height_px)


def _dolly(forwards_m: float, stage: Stage) -> Pose:
    """Along the line through the subject: that point of every layer stays where it is in the frame."""
    sideways = forwards_m / stage.focal_px
    return Pose(x_m=stage.subject_x_px * sideways, y_m=stage.subject_y_px * sideways, z_m=forwards_m)


def _arc(angle: float, stage: Stage) -> Pose:
    """Around the subject, to the right; the film shifts so that the subject stays where it is."""
    x, z = stage.subject_m * sin(angle), stage.subject_m * (1 - cos(angle))
    nearer = stage.subject_m / (stage.subject_m - z)
    return Pose(
        x_m=x,
        z_m=z,
        film_x_px=stage.subject_x_px * (1 - nearer) + stage.focal_px * x / (stage.subject_m - z),
        film_y_px=stage.subject_y_px * (1 - nearer),
    )
