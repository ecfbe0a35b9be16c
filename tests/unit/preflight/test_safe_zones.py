"""Figures of the platforms' interfaces."""

from __future__ import annotations

import pytest

from firstframe.core.delivery import PLATFORMS
from firstframe.core.media import PixelRect, PixelSize
from firstframe.preflight.safe_zones import REFERENCE, ZONES, zone_for

CLEAR_OF_ALL = PixelRect(120, 288, 768, 960)
"""A box that no interface touches, from the published margins."""


def overlap(one: PixelRect, other: PixelRect) -> int:
    wide = max(min(one.right, other.right) - max(one.x, other.x), 0)
    return wide * max(min(one.bottom, other.bottom) - max(one.y, other.y), 0)


def test_every_vertical_platform_has_its_interface() -> None:
    assert set(ZONES) == {name for name, platform in PLATFORMS.items() if platform.takes("9:16")}
    assert all(zone.source and "2026" in zone.source for zone in ZONES.values())


@pytest.mark.parametrize("name", ZONES)
def test_the_common_box_is_clear_and_every_part_is_inside_of_the_frame(name: str) -> None:
    frame = PixelRect(0, 0, REFERENCE.width, REFERENCE.height)
    for part, rect in ZONES[name].covered(REFERENCE):
        assert overlap(rect, CLEAR_OF_ALL) == 0, part
        assert rect.width == 0 or frame.contains(rect), part


@pytest.mark.parametrize(("width", "height"), [(540, 960), (360, 640), (1440, 2560)])
def test_figures_scale_with_the_frame(width: int, height: int) -> None:
    found = dict(ZONES["youtube-shorts"].covered(PixelSize(width, height)))
    scale = width / 1080
    assert found["top"].height == pytest.approx(288 * scale, abs=1)
    assert found["bottom"].y == pytest.approx((1920 - 672) * scale, abs=1)
    assert found["left"].width == pytest.approx(48 * scale, abs=1)
    assert found["right"].x == pytest.approx((1080 - 192) * scale, abs=1)
    assert found["bottom"].bottom == height


def test_the_published_margins_are_there() -> None:
    reels = dict(ZONES["instagram-reels"].covers)
    assert (reels["top"].height, reels["bottom"].height) == (round(0.14 * 1920), round(0.35 * 1920))
    assert reels["left"].width == round(0.06 * 1080)
    stories = dict(ZONES["instagram-stories"].covers)
    assert (stories["top"].height, stories["bottom"].height) == (round(0.14 * 1920), round(0.20 * 1920))
    assert dict(ZONES["tiktok"].covers)["buttons"] == PixelRect(920, 860, 100, 655)


def test_nothing_lies_over_other_formats() -> None:
    assert zone_for("youtube", "16:9") is None
    assert zone_for("youtube-shorts", "1:1") is None
    assert zone_for("tiktok", "9:16") is ZONES["tiktok"]
