from __future__ import annotations

import re
from fractions import Fraction

import pytest

from firstframe.core.delivery import MEBIBYTE, PLATFORMS, Platform, platform_named
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS, Format, Quality, format_named
from firstframe.core.media import PixelSize


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=lambda platform: platform.name)
def test_every_rule_is_whole_and_dated(platform: Platform) -> None:
    assert PLATFORMS[platform.name] is platform
    assert set(platform.formats) <= set(FORMATS)
    assert platform.min_fps < platform.max_fps
    assert platform.min_seconds < platform.max_seconds
    assert platform.audio in ("silent", "none")
    assert re.search(r"read 20\d\d-\d\d", platform.source)


@pytest.mark.parametrize(
    ("name", "format_name", "size", "seconds", "max_mebibytes"),
    [
        ("youtube", "16:9", PixelSize(1920, 1080), (1, 43200), 256 * 1024),
        ("youtube-shorts", "9:16", PixelSize(1080, 1920), (1, 180), 256 * 1024),
        ("tiktok", "9:16", PixelSize(1080, 1920), (3, 600), 4096),
        ("instagram-reels", "9:16", PixelSize(1080, 1920), (3, 900), 300),
        ("instagram-stories", "9:16", PixelSize(1080, 1920), (3, 60), 100),
        ("instagram-feed", "4:5", PixelSize(1080, 1350), (3, 900), 300),
    ],
)
def test_the_rules_that_were_read(
    name: str, format_name: str, size: PixelSize, seconds: tuple[float, float], max_mebibytes: int
) -> None:
    platform = PLATFORMS[name]
    assert platform.takes(format_name)
    assert platform.size_for(format_name) == size
    assert (platform.min_seconds, platform.max_seconds) == seconds
    assert platform.max_bytes == max_mebibytes * MEBIBYTE


def test_floors_of_frame_and_bit_rate() -> None:
    assert PLATFORMS["youtube"].min_fps == 24
    assert {PLATFORMS[name].min_fps for name in ("tiktok", "instagram-reels")} == {Fraction(23)}
    assert PLATFORMS["tiktok"].min_bit_rate == 516_000


@pytest.mark.parametrize("shape", FORMATS.values(), ids=lambda shape: shape.name)
def test_sizes_have_the_ratio_of_their_name(shape: Format) -> None:
    width, height = map(int, shape.name.split(":"))
    for quality in Quality:
        size = shape.native_size(quality)
        assert size.width * height == size.height * width
        assert size.width % 2 == size.height % 2 == 0


def test_unknown_names_list_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match="youtube, youtube-shorts, tiktok"):
        platform_named("myspace")
    with pytest.raises(InvalidInput, match="16:9, 9:16, 1:1, 4:5"):
        format_named("2:1")
