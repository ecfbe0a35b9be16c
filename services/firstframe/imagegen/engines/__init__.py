"""Engines of the image stage and what they ask of their surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelSize

NAME = "previz"
VERSION = "2"
"""Part of every content key: to be raised whenever the same request may give another picture."""


class Work(Protocol):
    """A piece of work that is under way, as an engine sees it."""

    @property
    def scratch(self) -> Path:
        """An empty folder, removed afterwards."""

    def progress(self, phase: str, fraction: float) -> None:
        """Tells how far the work is, 0 to 1."""

    def check(self) -> None:
        """Raises when nobody wants the result any more; called every second or so."""


@dataclass(frozen=True, slots=True)
class SetRequest:
    """A generated hero to make; checked."""

    scene: str
    palette: str
    copy: str
    tagline: str
    size: PixelSize
    seed: int
    quality: Quality


class SetEngine(Protocol):
    """Makes heroes on generated sets."""

    @property
    def version(self) -> str:
        """`VERSION`, and what of this machine changes the picture beyond a rounding."""

    def render(self, request: SetRequest, work: Work) -> HeroPicture:
        """Makes one hero; raises what `work.check` raises."""
