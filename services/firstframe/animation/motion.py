"""Directed motions; the geometry of the camera moves is shared: `firstframe.imaging.moves`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firstframe.imaging.moves import ORBIT_DEG, PUSH_SCALE, SLIDE, CameraMove, Stage, eased, pose

__all__ = ["ORBIT_DEG", "PUSH_SCALE", "SLIDE", "Atmosphere", "CameraMove", "Motion", "Stage", "eased", "pose"]


class Atmosphere(Enum):
    """What is in the air."""

    NONE = "none"
    DUST = "dust"


@dataclass(frozen=True, slots=True)
class Motion:
    """A directed motion."""

    camera: CameraMove
    strength: float
    """0 to 1."""
    atmosphere: Atmosphere = Atmosphere.NONE
