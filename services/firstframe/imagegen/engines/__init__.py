"""Engines of the image stage and what they ask of their surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.sets.requests import VERSION, SetRequest

NAME = "previz"
LEARNED = "diffusers"

__all__ = ["LEARNED", "NAME", "VERSION", "PromptEngine", "PromptRequest", "SetEngine", "Work"]


class Work(Protocol):
    """A piece of work that is under way, as an engine sees it."""

    @property
    def scratch(self) -> Path:
        """An empty folder, removed afterwards."""

    def progress(self, phase: str, fraction: float) -> None:
        """Tells how far the work is, 0 to 1."""

    def check(self) -> None:
        """Raises when nobody wants the result any more; called every second or so."""


class SetEngine(Protocol):
    """Makes heroes on generated sets."""

    @property
    def version(self) -> str:
        """`VERSION`, and what of this machine changes the picture beyond a rounding."""

    def render(self, request: SetRequest, work: Work) -> HeroPicture:
        """Makes one hero; raises what `work.check` raises."""


@dataclass(frozen=True, slots=True, eq=False)
class PromptRequest:
    """A hero to make of a prompt; checked for ranges."""

    prompt: str
    size: PixelSize
    """Tells the format; the hero has its exact ratio at the native size of the pack, which may be less."""
    seed: int
    negative_prompt: str = ""
    steps: int = 0
    """Denoising steps; 0 for the pack's own."""
    guidance: float | None = None
    """None for the pack's own."""
    reference: Rgb8 | None = None
    """A picture of the format's ratio to start from."""
    strength: float = 0.6
    """How much of the reference is given up, 0 to 1."""


class PromptEngine(Protocol):
    """Makes heroes of prompts with one model pack."""

    @property
    def version(self) -> str:
        """The engine, the pack and its weights."""

    @property
    def models(self) -> frozenset[str]:
        """Names of the models that it runs."""

    @property
    def sizes(self) -> tuple[PixelSize, ...]:
        """Native sizes of the pack."""

    def check(self, request: PromptRequest, *, from_picture: bool) -> None:
        """Holds a request against the pack, before any work.

        Args:
            request: Its reference need not be there yet.
            from_picture: Whether there will be one.

        Raises:
            InvalidInput: The pack cannot do what is asked for.
        """

    def render(self, request: PromptRequest, work: Work) -> HeroPicture:
        """Makes one hero; raises what `work.check` raises, and what `firstframe.ports.inference.Inference` does."""
