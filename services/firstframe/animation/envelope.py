"""How far a camera may go; shared with the preflight of heroes: `firstframe.imaging.envelope`."""

from __future__ import annotations

from firstframe.imaging.envelope import (
    FULL_CONFIDENCE,
    GOOD_CONFIDENCE,
    INFERRED_PARALLAX,
    MAX_ZOOM,
    STEP_LIMITS,
    SUBJECT_MARGIN,
    Envelope,
    Extent,
    extent,
    parallax_px,
    stage_of,
)
from firstframe.imaging.path import CameraPath, Limit, Obstacle

__all__ = [
    "FULL_CONFIDENCE",
    "GOOD_CONFIDENCE",
    "INFERRED_PARALLAX",
    "MAX_ZOOM",
    "STEP_LIMITS",
    "SUBJECT_MARGIN",
    "CameraPath",
    "Envelope",
    "Extent",
    "Limit",
    "Obstacle",
    "extent",
    "parallax_px",
    "stage_of",
]
