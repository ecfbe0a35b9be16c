"""Frame rules: how many frames a video model can make."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEPS = re.compile(r"([1-9]\d*)k\+(\d+)")
_LIST = re.compile(r"[1-9]\d*(,[1-9]\d*)*")


@dataclass(frozen=True, slots=True)
class FrameRule:
    """The lengths that a model can make: `step · k + first` for every k from 0, or those of a list."""

    step: int = 0
    first: int = 0
    lengths: tuple[int, ...] = ()
    """Ascending; empty where `step` counts."""

    def allows(self, frames: int) -> bool:
        """Whether a clip may have that many frames."""
        if self.lengths:
            return frames in self.lengths
        return frames >= max(self.first, 1) and (frames - self.first) % self.step == 0


def parse_frame_rule(text: str) -> FrameRule:
    """Reads a rule: `4k+1`, or a list such as `14,25`.

    Raises:
        ValueError: It is neither.
    """
    if found := _STEPS.fullmatch(text):
        return FrameRule(step=int(found[1]), first=int(found[2]))
    if _LIST.fullmatch(text):
        return FrameRule(lengths=tuple(sorted(map(int, text.split(",")))))
    raise ValueError(f"frames: {text!r} is no frame rule; write 4k+1, or a list such as 14,25")
