"""What a pack is asked to make for a format: its native size, what is trimmed to the exact ratio, and frames by its rule.

Nothing is floored in silence: every rounding comes with its reason, and what a pack cannot do is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.core.native import NativeShot, format_of, shot_of
from firstframe.packs.frames import parse_frame_rule
from firstframe.packs.spec import Native, Pack

__all__ = [
    "NativeLength",
    "NativeShot",
    "allowed_frames",
    "check_frames",
    "format_of",
    "frame_rate_of",
    "native_length",
    "native_of",
    "native_shot",
]


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
    return shot_of(pack.pack, PixelSize(*sizes[format_name]), format_name)


def native_of(pack: Pack) -> Native:
    """Native sizes and frame rule of a pack.

    Raises:
        InvalidInput: The pack is no pipeline.
    """
    if pack.pipeline is None:
        raise InvalidInput.at("pack", f"{pack.pack} has no pipeline", "name a pack of the learned tier")
    return pack.pipeline.native


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
