"""Where the platforms lay their interface over a video.

Figures are pixels of a 1080×1920 frame, as published; other sizes of the ratio scale with them.
"""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.media import PixelRect, PixelSize

REFERENCE = PixelSize(1080, 1920)
COPY_MARGIN = 0.05
"""Share of width and height that words keep free on each side where no interface lies: the graphics safe area of
EBU R 95, "Safe areas for 16:9 television production" (2017). For square and 4:5 feeds it is our assumption."""


@dataclass(frozen=True, slots=True)
class SafeZone:
    """What lies over a platform's videos."""

    title: str
    covers: tuple[tuple[str, PixelRect], ...]
    """Name and place of each part of the interface, pixels of `REFERENCE`."""
    source: str
    official: bool
    """Whether the platform itself publishes the figures."""

    def covered(self, size: PixelSize) -> tuple[tuple[str, PixelRect], ...]:
        """The parts of the interface in a frame of that size, rounded outwards."""
        return tuple((name, _scaled(rect, size)) for name, rect in self.covers)


def _scaled(rect: PixelRect, size: PixelSize) -> PixelRect:
    across, down = size.width / REFERENCE.width, size.height / REFERENCE.height
    left, top = int(rect.x * across), int(rect.y * down)
    right, bottom = -int(-rect.right * across // 1), -int(-rect.bottom * down // 1)
    return PixelRect(left, top, min(right, size.width) - left, min(bottom, size.height) - top)


def _margins(top: int, bottom: int, left: int, right: int) -> tuple[tuple[str, PixelRect], ...]:
    between = REFERENCE.height - top - bottom
    return (
        ("top", PixelRect(0, 0, REFERENCE.width, top)),
        ("bottom", PixelRect(0, REFERENCE.height - bottom, REFERENCE.width, bottom)),
        ("left", PixelRect(0, top, left, between)),
        ("right", PixelRect(REFERENCE.width - right, top, right, between)),
    )


_GOOGLE = (
    "Google Ads Help, safe zones of vertical video ads (support.google.com/google-ads, Demand Gen specifications 13704860), "
    "as quoted by shotstack.io/learn/vertical-video-safe-zones, read 2026-11"
)
_META = (
    "Meta Business Help, safe zones of Reels ads: 14 % top, 35 % bottom, 6 % each side; read in copies of 2024 to 2026"
)
_META_STORIES = "Guides of others that quote Meta, safe zones of Stories ads: 14 % top, 20 % bottom; read 2026-11"
_TIKTOK = (
    "TikTok publishes templates, not numbers (ads.tiktok.com/help, TikTok Auction In-Feed Ads, read 2026-11); margins and the "
    "rail of buttons are measured by others and depend on the caption's length"
)

ZONES: dict[str, SafeZone] = {
    "youtube-shorts": SafeZone("YouTube Shorts", _margins(288, 672, 48, 192), _GOOGLE, official=True),
    "tiktok": SafeZone(
        "TikTok",
        (*_margins(250, 405, 60, 60), ("buttons", PixelRect(920, 860, 100, 655))),
        _TIKTOK,
        official=False,
    ),
    "instagram-reels": SafeZone("Instagram Reels", _margins(269, 672, 65, 65), _META, official=True),
    "instagram-stories": SafeZone("Instagram Stories", _margins(269, 384, 0, 0), _META_STORIES, official=False),
}
"""Interfaces of full-screen vertical video by platform. Others show the video beside their interface, not under it; the
controls that a touch or a pointer brings up are left out everywhere."""


def zone_for(platform: str, format_name: str) -> SafeZone | None:
    """What a platform lays over videos of a format; None when it lays nothing over them."""
    return ZONES.get(platform) if format_name == "9:16" else None
