"""What is kept of a clip's ends, so that clips that join can be compared when both are made."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.imaging.drift.miniature import Doubles, Floats

CORNERS = 4
"""Points of the background that a meter follows."""
INNER = 0.35
"""Share of a frame's side at which they lie from its middle."""


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """One end of a clip."""

    frame: Floats
    """Small, shape (h, w, 3), 0 to 255: the first, or the last."""
    speed: Doubles
    """Of the points of the background there, shape (4, 2), per cent of the longer side per second."""
