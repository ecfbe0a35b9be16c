"""What of a model's native size is kept for a format, with the reason for every rounding. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.media import PixelRect, PixelSize
from firstframe.core.motion import EffectKind


@dataclass(frozen=True, slots=True)
class NativeShot:
    """What a pack makes for a format."""

    made: PixelSize
    """What the pipeline is asked for."""
    kept: PixelRect
    """What of it has the format's exact ratio; its sides are even."""
    reasons: tuple[str, ...]
    """One sentence for each rounding."""

    @property
    def size(self) -> PixelSize:
        """Size of what is kept."""
        return PixelSize(self.kept.width, self.kept.height)


def shot_of(maker: str, made: PixelSize, format_name: str) -> NativeShot:
    """What is kept of a picture of the size `made` for a format.

    Args:
        maker: Whose size it is, for the reason.
        made: The native size.
        format_name: Such as `16:9`.
    """
    kept = _kept(made, *_ratio(format_name))
    return NativeShot(made, kept, _reasons(maker, made, kept, format_name))


def format_of(size: PixelSize, *, field: str = "size") -> str:
    """The format whose ratio a size has.

    Raises:
        InvalidInput: None has it.
    """
    for name in FORMATS:
        across, down = _ratio(name)
        if size.width * down == size.height * across:
            return name
    raise InvalidInput.at(field, f"{size} has the ratio of no format", f"use one of {', '.join(FORMATS)}")


def _ratio(format_name: str) -> tuple[int, int]:
    across, down = format_name.split(":")
    return int(across), int(down)


def _kept(made: PixelSize, across: int, down: int) -> PixelRect:
    """The largest rectangle of the exact ratio in the middle, with even sides."""
    unit = min(made.width // across, made.height // down)
    while unit * across % 2 or unit * down % 2:
        unit -= 1
    width, height = unit * across, unit * down
    return PixelRect((made.width - width) // 2, (made.height - height) // 2, width, height)


def _reasons(pack: str, made: PixelSize, kept: PixelRect, format_name: str) -> tuple[str, ...]:
    parts = [f"{px} px {where}" for px, where in ((kept.x, "left and right"), (kept.y, "top and bottom")) if px]
    if not parts:
        return ()
    return (f"{pack} {made} is {made.ratio:.4g}:1, trimmed {' and '.join(parts)} to {format_name}",)


@dataclass(frozen=True, slots=True)
class StillPack:
    """A pack that makes stills, as far as it can be known without its weights."""

    name: str
    sizes: dict[str, tuple[int, int]]
    """Width and height by format."""
    steps: int
    """Denoising steps when nothing else is asked for."""
    guidance: float
    """How closely words are followed when nothing else is asked for."""
    from_picture: bool
    """Whether it starts from a picture as well."""
    compares: bool
    """Whether it compares with a negative prompt at all; at a guidance of 1 or less none does."""

    def shot(self, format_name: str, *, field: str) -> NativeShot:
        """What it makes for a format.

        Raises:
            InvalidInput: It is not made for that format.
        """
        return _shot(self.name, self.sizes, format_name, field)


@dataclass(frozen=True, slots=True)
class ClipPack:
    """A pack that makes clips, as far as it can be known without its weights."""

    name: str
    sizes: dict[str, tuple[int, int]]
    """Width and height by format."""
    frame_counts: tuple[int, ...]
    """Numbers of frames that its graphs are made for, ascending."""
    frame_rate: Fraction
    steps: int
    guidance: float
    reads_words: bool
    """Whether it reads a prompt; else it is told how strong the motion is."""
    compares: bool
    """Whether a negative prompt has an effect."""
    takes_last_frame: bool
    """Whether it can be given what the last frame shows."""
    effect: EffectKind | None = None
    """Effect on people that it was made for."""

    def shot(self, format_name: str, *, field: str) -> NativeShot:
        """What it makes for a format.

        Raises:
            InvalidInput: It is not made for that format.
        """
        return _shot(self.name, self.sizes, format_name, field)

    def frames_for(self, seconds: float) -> int:
        """The number of frames that lasts nearest to a length, the longer of two."""
        wanted = Fraction(seconds).limit_denominator(1000) * self.frame_rate
        return min(reversed(self.frame_counts), key=lambda count: abs(count - wanted))

    @property
    def longest_s(self) -> float:
        """Length of its longest clip."""
        return float(self.frame_counts[-1] / self.frame_rate)


def _shot(name: str, sizes: Mapping[str, tuple[int, int]], format_name: str, field: str) -> NativeShot:
    if format_name not in sizes:
        problem = f"{name} is not made for {format_name!r}"
        raise InvalidInput.at(field, problem, f"use one of {', '.join(sizes)}, or another pack")
    return shot_of(name, PixelSize(*sizes[format_name]), format_name)
