"""What a deliverable of one platform must be, and how it is encoded to be that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from firstframe.core.delivery import Platform
from firstframe.core.media import ClipInfo, PixelSize
from firstframe.ports.video import DeliveryEncoding

B_FRAMES = 2
"""YouTube's recommendation (support.google.com/youtube/answer/1722171, read 2026-11), taken everywhere."""
QUALITIES = (16.0, 8.0, 1.0)
"""x264 rate factors to try: the first is visually lossless; the others are for platforms with a least bit rate, which a
dark and slow picture can fall below."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A platform with the sizes that it takes."""

    platform: Platform
    sizes: tuple[PixelSize, ...]

    @property
    def wants_audio(self) -> bool:
        """Whether the file has a silent audio track."""
        return self.platform.audio == "silent"


def rules_of(platform: Platform) -> Rules:
    """The rules of a platform."""
    return Rules(platform, tuple(platform.size_for(name) for name in platform.formats))


def gop_frames(frame_rate: Fraction) -> int:
    """Frames in half a second, at least one: YouTube's recommendation (as `B_FRAMES`), taken everywhere."""
    return max(1, round(frame_rate / 2))


def encoding_of(rules: Rules, clips: Sequence[ClipInfo], crf: float) -> DeliveryEncoding:
    """How the clips, all of one size and rate, are encoded."""
    cuts = list(accumulate(clip.frame_count for clip in clips))[:-1]
    return DeliveryEncoding(
        size=clips[0].size,
        frame_rate=clips[0].frame_rate,
        gop_frames=gop_frames(clips[0].frame_rate),
        b_frames=B_FRAMES,
        crf=crf,
        max_bit_rate=rules.platform.max_bit_rate,
        keyframes=frozenset(cuts),
        silent_audio=rules.wants_audio,
    )


def joined(clips: Sequence[ClipInfo]) -> ClipInfo:
    """What the clips are, one after the other."""
    return ClipInfo(clips[0].size, clips[0].frame_rate, sum(clip.frame_count for clip in clips))
