"""Engines of the animation stage and what they ask of their surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from firstframe.animation.scores import Score
from firstframe.core.media import Finding, Grey8, HeroPicture, PixelSize, Rgb8
from firstframe.core.motion import EffectKind, Motion
from firstframe.imaging.drift.asked import Asked
from firstframe.ports.video import Rgb16
from firstframe.sets.requests import SetRequest

NAME = "previz"
LEARNED = "diffusers"
SCENE = "scene"
VERSION = "4"
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
    prompt: str = ""
    """Physics and camera in words, for an engine that reads text."""
    negative_prompt: str = ""
    steps: int = 0
    """Denoising steps of an engine that has some; 0 for its own."""
    set: SetRequest | None = None
    """How the hero's set was built, for an engine that films it."""
    masks: tuple[Grey8 | None, ...] = ()
    """The owner's mask of each atmosphere; those beyond the end have none."""
    last: Rgb8 | None = None
    """What the last frame shows, of the hero's size, for an engine that is given one."""
    leave_out_last: bool = False
    """Whether the frame that shows it is made and left out: it comes after `frame_count`."""


class Take(Protocol):
    """One clip, ready to be rendered."""

    @property
    def size(self) -> PixelSize:
        """Of the frames."""

    @property
    def applied_strength(self) -> float:
        """Strength of the motion after the hero's envelope limited it, 0 to 1."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found out, for a person; complete once the frames were made."""

    @property
    def details(self) -> dict[str, str]:
        """How the clip is made, for its provenance."""

    @property
    def asked(self) -> Asked:
        """What the clip is to be, for those who measure it."""

    @property
    def hero(self) -> HeroPicture:
        """The hero as it is animated: its layers may be fewer than the request's."""

    @property
    def scores(self) -> tuple[Score, ...]:
        """Measures that the take holds its own frames against; complete once the frames were made."""

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """Frames, shape (height, width, 3), 0 to 65535; each is valid until the next is asked for.

        Raises:
            FirstframeError: What `work.check` raises, or what the engine's models do.
        """


class Animator(Protocol):
    """An engine."""

    @property
    def version(self) -> str:
        """Of the engine, and of its weights where it has some."""

    def version_for(self, motion: Motion) -> str:
        """`version`, and what else changes the frames of such a motion."""

    def take(self, request: ClipRequest) -> Take:
        """Solves the move of a clip; nothing is rendered yet.

        Raises:
            InvalidInput: The engine cannot do what is asked for.
        """


class LearnedAnimator(Animator, Protocol):
    """An engine with a model pack."""

    @property
    def models(self) -> frozenset[str]:
        """Names of the models that it runs."""

    @property
    def sizes(self) -> tuple[PixelSize, ...]:
        """Native sizes of the pack."""

    @property
    def takes_last_frame(self) -> bool:
        """Whether it can be given what the last frame shows."""

    @property
    def effect(self) -> EffectKind | None:
        """Effect on people that the pack was made for."""
