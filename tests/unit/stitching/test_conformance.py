"""Each rule is checked by itself: a file that breaks only that one is found out."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest

from firstframe.core.delivery import PLATFORMS
from firstframe.core.errors import PreconditionFailed
from firstframe.core.media import ClipInfo, PixelSize
from firstframe.ports.video import BT709_LIMITED, AudioFacts, ColourTags, VideoFacts
from firstframe.stitching.conformance import file_violations, plan_violations, require
from firstframe.stitching.rules import encoding_of, gop_frames, joined, rules_of

SOUND = AudioFacts("aac", "LC", 48000, 2, 4.0)


def good_file(platform: str) -> VideoFacts:
    """What a file looks like that keeps every rule of a platform."""
    rules = rules_of(PLATFORMS[platform])
    return VideoFacts(
        codec="h264",
        profile="High",
        pixel_format="yuv420p",
        size=rules.sizes[0],
        frame_rate=Fraction(24),
        frame_count=96,
        constant_rate=True,
        start_s=0.0,
        duration_s=4.0,
        stream_tags=BT709_LIMITED,
        container_tags=BT709_LIMITED,
        pixel_aspect=Fraction(1),
        interlaced=False,
        keyframes=tuple(range(0, 96, 12)),
        longest_b_run=2,
        closed_gop=True,
        audio=SOUND if rules.wants_audio else None,
        index_first=True,
        edit_lists=0,
        size_bytes=3_000_000,
        bit_rate=6_000_000,
        peak_bit_rate=8_000_000,
    )


def broken_rules(platform: str, **changes: Any) -> list[str]:
    facts = dataclasses.replace(good_file(platform), **changes)
    return [item.rule for item in file_violations(rules_of(PLATFORMS[platform]), facts)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_good_file_passes(platform: str) -> None:
    assert broken_rules(platform) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("frame size", {"size": PixelSize(720, 1280)}),
        ("frame rate", {"frame_rate": Fraction(22), "keyframes": tuple(range(0, 96, 11))}),
        ("frame rate", {"frame_rate": Fraction(61), "frame_count": 183, "keyframes": tuple(range(0, 183, 30))}),
        ("length", {"frame_count": 71, "keyframes": tuple(range(0, 71, 12))}),
        ("length", {"frame_count": 24 * 61, "keyframes": tuple(range(0, 24 * 61, 12))}),
        ("video codec", {"codec": "hevc"}),
        ("profile", {"profile": "Main"}),
        ("pixel format", {"pixel_format": "yuv444p"}),
        ("scan", {"interlaced": True}),
        ("pixel aspect", {"pixel_aspect": Fraction(4, 3)}),
        ("colour in the bit stream", {"stream_tags": ColourTags(2, 2, 2, full_range=False)}),
        ("colour in the container", {"container_tags": None}),
        ("colour in the container", {"container_tags": ColourTags(1, 1, 1, full_range=True)}),
        ("keyframe distance", {"keyframes": (0, 13, *range(24, 96, 12))}),
        ("B-frames in a row", {"longest_b_run": 3}),
        ("GOP", {"closed_gop": False}),
        ("bit rate of the busiest second", {"peak_bit_rate": 25_000_001}),
        ("file size", {"size_bytes": 100 * 1024 * 1024 + 1}),
        ("place of the index", {"index_first": False}),
        ("frame timing", {"constant_rate": False}),
        ("start", {"start_s": 0.04}),
        ("edit lists", {"edit_lists": 1}),
        ("audio", {"audio": None}),
        ("audio", {"audio": dataclasses.replace(SOUND, profile="HE-AAC")}),
        ("audio", {"audio": dataclasses.replace(SOUND, sample_rate_hz=44100)}),
        ("audio", {"audio": dataclasses.replace(SOUND, channels=1)}),
    ],
)
def test_each_rule_is_checked(rule: str, changes: dict[str, Any]) -> None:
    assert broken_rules("instagram-stories", **changes) == [rule]


def test_rules_that_only_some_platforms_have() -> None:
    assert broken_rules("tiktok", edit_lists=1) == []
    assert broken_rules("tiktok", bit_rate=515_999) == ["mean bit rate"]
    assert broken_rules("instagram-reels", bit_rate=515_999) == []
    assert broken_rules("instagram-feed", audio=SOUND) == ["audio"]


def test_the_error_names_rules_numbers_and_limits() -> None:
    rules = rules_of(PLATFORMS["tiktok"])
    clip = ClipInfo(PixelSize(640, 360), Fraction(24), 24)
    with pytest.raises(PreconditionFailed) as caught:
        require(rules, plan_violations(rules, clip), "change the clips")
    assert caught.value.reason == "NOT_CONFORMANT"
    assert caught.value.metadata == {"platform": "tiktok", "rules": "frame size,length"}
    wanted = "TikTok: frame size is 640×360, must be 1080×1920; length is 1 s, must be 3 to 600 s; change the clips"
    assert caught.value.message == wanted


def test_exactly_the_shortest_length_passes() -> None:
    rules = rules_of(PLATFORMS["instagram-reels"])
    assert list(plan_violations(rules, ClipInfo(PixelSize(1080, 1920), Fraction(24), 72))) == []
    assert list(plan_violations(rules, ClipInfo(PixelSize(1080, 1920), Fraction(30000, 1001), 90))) == []


@pytest.mark.parametrize(
    ("rate", "frames"), [(24, 12), (25, 12), (30, 15), (60, 30), (Fraction(24000, 1001), 12), (1, 1)]
)
def test_a_group_is_half_a_second(rate: Fraction, frames: int) -> None:
    assert gop_frames(Fraction(rate)) == frames


def test_cuts_become_keyframes() -> None:
    clips = [ClipInfo(PixelSize(1080, 1080), Fraction(24), count) for count in (30, 50, 20)]
    encoding = encoding_of(rules_of(PLATFORMS["instagram-feed"]), clips, 16)
    assert encoding.keyframes == {30, 80}
    assert not encoding.silent_audio
    assert joined(clips).frame_count == 100
