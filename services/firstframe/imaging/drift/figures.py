"""The bare figures of a clip."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.imaging.drift.series import Worst
from firstframe.imaging.drift.way import Way


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What a meter found; distances in per cent of the longer side where nothing else is said."""

    frames: int
    seconds: float
    way: Way
    judged_way: bool
    """Whether it is known where the camera was asked to go."""
    background: Worst
    """Steady motion of the background that no camera explains."""
    subject: Worst
    """The same of the subject."""
    wobble: float | None
    """Root mean square of what trembles."""
    flicker: float | None
    """L*."""
    first: float | None
    """ΔE00 of the first frame and the hero."""
    colour_slope: float | None
    """ΔE00 per second."""
    unlike: Worst
    """Structure that the subject lost, per cent."""
    lost: Worst
    """Share of the picture that shows something else, per cent."""
    echo: Worst
    """Strength of a shifted copy, per cent."""
    edge: Worst
    """Share of the worst edge that is wrong, per cent."""
    edge_side: str
    liveliness: float
    """Mean change from one frame to the next of the liveliest thousandth of all pixels, levels of 255."""
