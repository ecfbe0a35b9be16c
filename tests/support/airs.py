"""Places and moments for atmospheres."""

from __future__ import annotations

from typing import Any

from firstframe.core.media import Rgb8
from firstframe.imaging.air.base import Moment, Place, presence
from firstframe.imaging.camera import Pose

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
