"""Camera moves: which way the camera goes and how far at most.

The limits are those of taste: a commercial's camera is felt rather than seen. They are given by what happens to the
subject, so that a move feels the same whatever lens and distance a hero has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, inf, radians, sin

from firstframe.core.motion import CameraMove
from firstframe.imaging.camera import Pose

PUSH_SCALE = 0.11
"""How much larger a push of strength 1 makes the subject; a pull makes it smaller by the same factor."""
SLIDE = 0.05
"""How far a pan or tilt of strength 1 moves the subject, as a share of the frame's width or height."""
ORBIT_DEG = 4.5
"""Angle of the arc at strength 1."""
CRANE_DEG = 4.0
"""Angle of a crane's arc at strength 1."""
DOLLY_ZOOM_SCALE = 0.16
"""How much wider the lens gets in a dolly zoom of strength 1; that much nearer is the camera."""
HANDHELD = 0.011
"""How far a camera held by hand moves the subject at strength 1, at most, as a share of the frame's width."""


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
    background_m: float = inf
    """Depth of the farthest layer."""


@dataclass(frozen=True, slots=True)
class Travel:
    """How much of every kind of move is done, as shares of the largest one; what a chain of moves adds up in."""

    towards: float = 0.0
    across: float = 0.0
    down: float = 0.0
    around: float = 0.0
    over: float = 0.0
    wide: float = 0.0
    sway: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """Shift to the right and down, turn to the right and down."""

    def moved(self, move: CameraMove, amount: float) -> Travel:
        """This, and so much of a move after it; LOCKED and HANDHELD lead nowhere."""
        if move not in _DIRECTIONS:
            return self
        name, sign = _DIRECTIONS[move]
        return replace(self, **{name: getattr(self, name) + sign * amount})


_DIRECTIONS = {
    CameraMove.PUSH: ("towards", 1),
    CameraMove.PULL: ("towards", -1),
    CameraMove.PAN_LEFT: ("across", -1),
    CameraMove.PAN_RIGHT: ("across", 1),
    CameraMove.TILT_UP: ("down", -1),
    CameraMove.TILT_DOWN: ("down", 1),
    CameraMove.ORBIT: ("around", 1),
    CameraMove.ORBIT_LEFT: ("around", -1),
    CameraMove.CRANE_UP: ("over", 1),
    CameraMove.CRANE_DOWN: ("over", -1),
    CameraMove.DOLLY_ZOOM: ("wide", 1),
    CameraMove.DOLLY_ZOOM_OUT: ("wide", -1),
}


def pose(move: CameraMove, amount: float, stage: Stage) -> Pose:
    """Where the camera is when it has done `amount` of the largest move (0 to 1)."""
    return pose_of(Travel().moved(move, amount), stage)


def pose_of(travel: Travel, stage: Stage) -> Pose:
    """Where the camera is after all of that.

    Dollies go along the line through the subject, so that this point of every layer stays where it is in the frame. Arcs go
    around the subject and a dolly zoom changes the lens; there the film shifts so that the subject stays where it is.
    """
    widening = _grown(DOLLY_ZOOM_SCALE * travel.wide)
    held_m = stage.subject_m / _grown(PUSH_SCALE * travel.towards)
    away_m = held_m / widening
    aside, above = radians(ORBIT_DEG * travel.around), radians(CRANE_DEG * travel.over)
    z = stage.subject_m - away_m * cos(aside) * cos(above)
    slides = _slides(travel, stage)
    arcs = away_m * sin(aside) * cos(above), -away_m * sin(above)
    subject = stage.subject_x_px, stage.subject_y_px
    nearer = (stage.subject_m - away_m) / stage.focal_px
    x, y = (at * nearer + slide + arc for at, slide, arc in zip(subject, slides, arcs, strict=True))
    film = [-HANDHELD * stage.width_px * turn for turn in travel.sway[2:]]
    if travel.around or travel.over or travel.wide:
        for axis, (at, slide, moved) in enumerate(zip(subject, slides, (x, y), strict=True)):
            film[axis] += widening * (at - stage.focal_px * slide / held_m)
            film[axis] -= (stage.subject_m * at - stage.focal_px * moved) / (stage.subject_m - z)
    return Pose(x, y, z, 1 / widening, *film)


def reach(move: CameraMove, stage: Stage) -> float:
    """What the largest move does to the frame, as a share of it.

    That is by how much the subject moves or grows; or, where the subject stays as it is, the background.
    """
    if move in (CameraMove.LOCKED, CameraMove.HANDHELD):
        return {CameraMove.LOCKED: 0.0}.get(move, HANDHELD)
    kind = _DIRECTIONS[move][0]
    behind = 1 - stage.subject_m / stage.background_m
    return {
        "towards": PUSH_SCALE,
        "around": stage.focal_px / stage.width_px * sin(radians(ORBIT_DEG)) * behind,
        "over": stage.focal_px / stage.height_px * sin(radians(CRANE_DEG)) * behind,
        "wide": DOLLY_ZOOM_SCALE * behind,
    }.get(kind, SLIDE)


def _slides(travel: Travel, stage: Stage) -> tuple[float, float]:
    """Sideways and down, metres."""
    metre_px = stage.subject_m / stage.focal_px
    across = SLIDE * travel.across + HANDHELD * travel.sway[0]
    down = SLIDE * travel.down * stage.height_px + HANDHELD * travel.sway[1] * stage.width_px
    return metre_px * across * stage.width_px, metre_px * down


def _grown(share: float) -> float:
    """One plus the share; for a negative one, as much smaller as larger for a positive one."""
    return 1 + share if share >= 0 else 1 / (1 - share)
