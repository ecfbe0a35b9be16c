"""Platforms and what each takes.

Every rule names its source and the day on which the source was read. Rules of taste (bit-rate targets, GOP) follow the
platform's own recommendation where it gives one, and YouTube's where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.media import PixelSize

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Platform:
    """The rules of one place where videos are shown."""

    name: str
    title: str
    formats: tuple[str, ...]
    """Names of formats that it shows without bars, the preferred first."""
    min_fps: Fraction
    max_fps: Fraction
    min_seconds: float
    max_seconds: float
    max_bit_rate: int
    """Upper bound of the video's bit rate, bits per second, over any second."""
    max_bytes: int
    audio: str
    """`silent`: an AAC-LC track at 48 kHz is expected, a silent one will do; `none`: no track is needed."""
    min_bit_rate: int = 0
    """Lower bound of the file's mean bit rate, bits per second; 0 when the platform states none."""
    edit_lists_allowed: bool = True
    source: str = ""
    """Where the rule stands and when it was read."""

    def size_for(self, format_name: str) -> PixelSize:
        """Delivery size of a format of this platform."""
        return FORMATS[format_name].delivery_size

    def takes(self, format_name: str) -> bool:
        """Whether videos of that format are shown without bars."""
        return format_name in self.formats


_YOUTUBE = "support.google.com/youtube/answer/1722171 and /15424877, read 2026-11"
_INSTAGRAM = "developers.facebook.com/docs/instagram-platform content publishing, read 2026-11"
_TIKTOK = "developers.tiktok.com/doc/content-posting-api-media-transfer-guide, read 2026-11"

PLATFORMS: dict[str, Platform] = {
    item.name: item
    for item in (
        Platform(
            name="youtube",
            title="YouTube",
            formats=("16:9",),
            min_fps=Fraction(24),
            max_fps=Fraction(60),
            min_seconds=1,
            max_seconds=12 * 3600,
            max_bit_rate=16_000_000,
            max_bytes=256 * 1024 * MEBIBYTE,
            audio="silent",
            edit_lists_allowed=False,
            source=_YOUTUBE,
        ),
        Platform(
            name="youtube-shorts",
            title="YouTube Shorts",
            formats=("9:16", "1:1"),
            min_fps=Fraction(24),
            max_fps=Fraction(60),
            min_seconds=1,
            max_seconds=180,
            max_bit_rate=16_000_000,
            max_bytes=256 * 1024 * MEBIBYTE,
            audio="silent",
            edit_lists_allowed=False,
            source=_YOUTUBE,
        ),
        Platform(
            name="tiktok",
            title="TikTok",
            formats=("9:16",),
            min_fps=Fraction(23),
            max_fps=Fraction(60),
            min_seconds=3,
            max_seconds=600,
            max_bit_rate=20_000_000,
            max_bytes=4 * 1024 * MEBIBYTE,
            audio="silent",
            min_bit_rate=516_000,
            source=_TIKTOK,
        ),
        Platform(
            name="instagram-reels",
            title="Instagram Reels",
            formats=("9:16",),
            min_fps=Fraction(23),
            max_fps=Fraction(60),
            min_seconds=3,
            max_seconds=15 * 60,
            max_bit_rate=25_000_000,
            max_bytes=300 * MEBIBYTE,
            audio="silent",
            edit_lists_allowed=False,
            source=_INSTAGRAM,
        ),
        Platform(
            name="instagram-stories",
            title="Instagram Stories",
            formats=("9:16",),
            min_fps=Fraction(23),
            max_fps=Fraction(60),
            min_seconds=3,
            max_seconds=60,
            max_bit_rate=25_000_000,
            max_bytes=100 * MEBIBYTE,
            audio="silent",
            edit_lists_allowed=False,
            source=_INSTAGRAM,
        ),
        Platform(
            name="instagram-feed",
            title="Instagram feed",
            formats=("1:1", "4:5"),
            min_fps=Fraction(23),
            max_fps=Fraction(60),
            min_seconds=3,
            max_seconds=15 * 60,
            max_bit_rate=25_000_000,
            max_bytes=300 * MEBIBYTE,
            audio="none",
            edit_lists_allowed=False,
            source=_INSTAGRAM,
        ),
    )
}
"""Every platform by name."""


def platform_named(name: str, *, field: str = "platform") -> Platform:
    """The platform of that name.

    Raises:
        InvalidInput: There is none; the message lists those that there are.
    """
    try:
        return PLATFORMS[name]
    except KeyError:
        raise InvalidInput.at(field, f"{name!r} is not a platform", f"use one of {', '.join(PLATFORMS)}") from None
