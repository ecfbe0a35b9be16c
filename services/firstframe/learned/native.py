"""What a pack is asked to make for a format: its native size, what is trimmed to the exact ratio, and frames by its rule.

Nothing is floored in silence: every rounding comes with its reason, and what a pack cannot do is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.media import PixelRect, PixelSize
from firstframe.packs.frames import parse_frame_rule
from firstframe.packs.spec import Native, Pack


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


def native_shot(pack: Pack, format_name: str, *, draft: bool = False, field: str = "format") -> NativeShot:
    """Solves the size of a format.

    Args:
        pack: The pack.
        format_name: Such as `16:9`.
        draft: Whether the smaller class of sizes is wanted, where the pack has one.
        field: What an error names.

    Raises:
        InvalidInput: The pack is not made for that format, or is no pipeline.
    """
    native = native_of(pack)
    sizes = native.sizes | (native.draft_sizes if draft else {})
    if format_name not in sizes:
        problem = f"{pack.pack} is not made for {format_name!r}"
        raise InvalidInput.at(field, problem, f"use one of {', '.join(sizes) or 'none'}")
    made = PixelSize(*sizes[format_name])
    kept = _kept(made, *_ratio(format_name))
    return NativeShot(made, kept, _reasons(pack.pack, made, kept, format_name))


def native_of(pack: Pack) -> Native:
    """Native sizes and frame rule of a pack.

    Raises:
        InvalidInput: The pack is no pipeline.
    """
    if pack.pipeline is None:
        raise InvalidInput.at("pack", f"{pack.pack} has no pipeline", "name a pack of the learned tier")
    return pack.pipeline.native


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
class NativeLength:
    """Frames that a pack makes for a wanted duration."""

    frames: int
    frame_rate: Fraction
    reasons: tuple[str, ...]


def native_length(pack: Pack, seconds: float) -> NativeLength:
    """The fewest frames by the pack's rule that last as long.

    Raises:
        InvalidInput: The pack makes no clips, or none as long.
    """
    rate = frame_rate_of(pack)
    needed = max(math.ceil(seconds * rate - Fraction(1, 1000)), 1)
    allowed = allowed_frames(pack)
    frames = next((count for count in allowed if count >= needed), None)
    if frames is None:
        longest = allowed[-1] / rate
        problem = (
            f"{pack.pack} makes at most {allowed[-1]} frames at {float(rate):g} fps, which is {float(longest):.3g} s"
        )
        raise InvalidInput.at("duration_s", problem, "ask for less")
    why = f"{pack.pack} makes {native_of(pack).frames} frames: {frames} instead of {needed} at {float(rate):g} fps"
    return NativeLength(frames, rate, (why,) if frames != needed else ())


def check_frames(pack: Pack, frames: int, frame_rate: Fraction) -> None:
    """Holds a request for a clip against a pack.

    Raises:
        InvalidInput: The number of frames does not follow the rule, or the rate is not the pack's; the message tells
            what would do.
    """
    rate = frame_rate_of(pack)
    if frame_rate != rate:
        problem = f"is {float(frame_rate):g}; {pack.pack} makes {float(rate):g} frames per second"
        raise InvalidInput.at("frame_rate", problem, "ask for that, and have the clip retimed afterwards")
    allowed = allowed_frames(pack)
    if frames not in allowed:
        near = [str(count) for count in _neighbours(allowed, frames)]
        problem = f"is {frames}; {pack.pack} makes {native_of(pack).frames} frames, at most {allowed[-1]}"
        raise InvalidInput.at("frame_count", problem, f"use {' or '.join(near)}")


def frame_rate_of(pack: Pack) -> Fraction:
    """Frames per second of what a pack makes.

    Raises:
        InvalidInput: The pack makes no clips.
    """
    native = native_of(pack)
    if not native.fps or not native.frames:
        raise InvalidInput.at("pack", f"{pack.pack} makes stills", "name a pack that makes clips")
    return Fraction(native.fps).limit_denominator(1001)


def allowed_frames(pack: Pack) -> tuple[int, ...]:
    """Numbers of frames that a pack makes, ascending: from 2 to the longest that it was made for.

    Raises:
        InvalidInput: The pack makes no clips.
    """
    frame_rate_of(pack)
    native = native_of(pack)
    rule = parse_frame_rule(native.frames)
    return tuple(count for count in range(2, native.max_frames + 1) if rule.allows(count))


def _neighbours(allowed: tuple[int, ...], wanted: int) -> list[int]:
    below = [count for count in allowed if count < wanted][-1:]
    above = [count for count in allowed if count > wanted][:1]
    return below + above
