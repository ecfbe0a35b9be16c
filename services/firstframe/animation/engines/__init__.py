"""Engines of the animation stage and what they ask of their surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from firstframe.animation.motion import Motion
from firstframe.core.media import HeroPicture


class Work(Protocol):
    """A piece of work that is under way, as an engine sees it."""

    def progress(self, phase: str, fraction: float) -> None:
        """Tells how far the work is, 0 to 1."""

    def check(self) -> None:
        """Raises when nobody wants the result any more; called at every frame."""


@dataclass(frozen=True, slots=True, eq=False)
class ClipRequest:
    """A clip to make; checked."""

    hero: HeroPicture
    motion: Motion
    frame_count: int
    """At least 2."""
    frame_rate: Fraction
    seed: int
