"""How large moves are in numbers: what strength 1 does to the subject on a hero whose layers are exact.

The figures are those of `firstframe.imaging.moves`, which this room does not see; a test compares them.
"""

from __future__ import annotations

from firstframe.core.motion import CameraMove, Ease

GROWTH = 0.11
"""How much larger a push makes the subject."""
SLIDE = 0.05
"""How far a pan, a tilt or a crane moves the subject, as a share of the frame."""
ORBIT_DEG = 4.5
"""Angle of an arc."""
MOST_ORBIT_DEG = 45.0
"""From this angle on an arc shows sides that no still has."""
MOST_SPEED = 5.0
"""Per cent of the frame per second from which on a move is larger than any hero carries."""
DEFAULT_SECONDS = 4.0
MAX_SECONDS = 5.0
"""Of one clip."""

_SMOOTH_TOP = 1 / (1 - 0.28 / 2 - 0.32 / 2)
_TOPS = {Ease.SMOOTH: _SMOOTH_TOP, Ease.LINEAR: 1.0, Ease.IN: 2.0, Ease.OUT: 2.0}
ORBITS = frozenset({CameraMove.ORBIT, CameraMove.ORBIT_LEFT})
GROWING = frozenset({CameraMove.PUSH, CameraMove.PULL, CameraMove.DOLLY_ZOOM, CameraMove.DOLLY_ZOOM_OUT})
RESTING = frozenset({CameraMove.LOCKED, CameraMove.HANDHELD})


def percent_per_second(move: CameraMove, strength: float, seconds: float, ease: Ease = Ease.SMOOTH) -> float:
    """Speed in the middle of a move, in per cent of the frame per second, of a slide, a crane or the subject's growth.

    Args:
        move: What the camera does; neither an arc nor at rest.
        strength: 0 to 1.
        seconds: Time that the move takes, greater than 0.
        ease: How its speed changes.
    """
    whole = GROWTH if move in GROWING else SLIDE
    return 100 * whole * strength / seconds * _TOPS[ease]


def degrees(strength: float) -> float:
    """Angle of an arc of a strength."""
    return ORBIT_DEG * strength


def most_percent(move: CameraMove) -> float:
    """The largest move that a still carries, in per cent of the frame."""
    return 100 * (GROWTH if move in GROWING else SLIDE)


def strength_of_percent(move: CameraMove, percent: float) -> float:
    """Strength of a move that comes to that many per cent of the frame in all, at most 1."""
    return min(percent / most_percent(move), 1.0)
