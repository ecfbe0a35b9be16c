"""Engines of the animation stage and what they ask of their surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from firstframe.animation.motion import Motion
from firstframe.core.media import Finding, HeroPicture
from firstframe.ports.video import Rgb16

VERSION = "1"
"""Of the engine `previz`; raised whenever its frames may change."""


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


class Take(Protocol):
    """One clip, ready to be rendered."""

    @property
    def applied_strength(self) -> float:
        """Strength of the motion after the hero's envelope limited it, 0 to 1."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found out about the move, for a person."""

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """Frames, shape (height, width, 3), 0 to 65535; each is valid until the next is asked for.

        The first is the hero. Memory does not depend on their number.

        Raises:
            Cancelled: `work.check` said so.
        """


class Animator(Protocol):
    """An engine."""

    def take(self, request: ClipRequest) -> Take:
        """Solves the move of a clip; nothing is rendered yet."""
