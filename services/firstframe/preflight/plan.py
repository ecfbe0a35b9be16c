"""What is planned for a still: where it goes and how it moves."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.media import PixelSize
from firstframe.core.motion import Motion


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """A still's plan."""

    format: str
    """Name of a format, for example `9:16`."""
    delivery: PixelSize
    """Size at which the video is delivered; that of the draft for a draft."""
    platforms: tuple[str, ...]
    """Names of platforms of `firstframe.core.delivery`."""
    moves: Motion
    motion: str = ""
    """What the motion is called, for sentences; the first move's own name when empty."""
    seconds: float = 4.0
    """Length of the clip, in which it moves."""

    @property
    def motion_name(self) -> str:
        """What the motion is called in a sentence."""
        return (self.motion or self.moves.camera.value).replace("_", " ").replace("-", " ")
