"""Whether a file keeps a platform's rules: first on paper, then on the file itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from firstframe.core.delivery import Platform
from firstframe.core.errors import PreconditionFailed
from firstframe.core.media import ClipInfo
from firstframe.ports.video import BT709_LIMITED, AudioFacts, VideoFacts
from firstframe.stitching.rules import B_FRAMES, Rules, gop_frames

NOT_CONFORMANT = "NOT_CONFORMANT"


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that is not kept."""

    rule: str
    found: str
    limit: str

    def __str__(self) -> str:
        return f"{self.rule} is {self.found}, must be {self.limit}"


def require(rules: Rules, violations: Iterable[Violation], fix: str) -> None:
    """Passes when there are no violations.

    Raises:
        PreconditionFailed: `NOT_CONFORMANT`; the message names each rule with what was found and the limit.
    """
    broken = list(violations)
    if broken:
        text = f"{rules.platform.title}: {'; '.join(map(str, broken))}; {fix}"
        metadata = {"platform": rules.platform.name, "rules": ",".join(item.rule for item in broken)}
        raise PreconditionFailed(text, reason=NOT_CONFORMANT, metadata=metadata)


def plan_violations(rules: Rules, clip: ClipInfo) -> Iterator[Violation]:
    """Rules that a file of that size, rate and length cannot keep; known before anything is encoded."""
    platform = rules.platform
    if clip.size not in rules.sizes:
        yield Violation("frame size", str(clip.size), " or ".join(map(str, rules.sizes)))
    if not platform.min_fps <= clip.frame_rate <= platform.max_fps:
        limit = f"{float(platform.min_fps):g} to {float(platform.max_fps):g} fps"
        yield Violation("frame rate", f"{float(clip.frame_rate):.6g} fps", limit)
    if not platform.min_seconds <= clip.duration_s <= platform.max_seconds:
        limit = f"{platform.min_seconds:g} to {platform.max_seconds:g} s"
        yield Violation("length", f"{clip.duration_s:.6g} s", limit)


def file_violations(rules: Rules, facts: VideoFacts) -> Iterator[Violation]:
    """Rules that a finished file does not keep."""
    yield from plan_violations(rules, facts.clip)
    yield from _fixed_violations(facts)
    yield from _gop_violations(facts)
    yield from _rate_violations(rules.platform, facts)
    yield from _container_violations(rules, facts)


def _expect(rule: str, found: object, wanted: object) -> Iterator[Violation]:
    if found != wanted:
        yield Violation(rule, str(found), str(wanted))


def _fixed_violations(facts: VideoFacts) -> Iterator[Violation]:
    """H.264 High, progressive 4:2:0 at 8 bits, square pixels, BT.709 limited range in stream and container."""
    yield from _expect("video codec", facts.codec, "h264")
    yield from _expect("profile", facts.profile, "High")
    yield from _expect("pixel format", facts.pixel_format, "yuv420p")
    yield from _expect("scan", "interlaced" if facts.interlaced else "progressive", "progressive")
    yield from _expect("pixel aspect", facts.pixel_aspect, 1)
    yield from _expect("colour in the bit stream", facts.stream_tags, BT709_LIMITED)
    yield from _expect("colour in the container", facts.container_tags, BT709_LIMITED)


def _gop_violations(facts: VideoFacts) -> Iterator[Violation]:
    limit = gop_frames(facts.frame_rate)
    if facts.longest_gop > limit:
        yield Violation("keyframe distance", f"{facts.longest_gop} frames", f"at most {limit} frames")
    if facts.longest_b_run > B_FRAMES:
        yield Violation("B-frames in a row", str(facts.longest_b_run), f"at most {B_FRAMES}")
    yield from _expect("GOP", "closed" if facts.closed_gop else "open", "closed")


def _rate_violations(platform: Platform, facts: VideoFacts) -> Iterator[Violation]:
    if facts.peak_bit_rate > platform.max_bit_rate:
        limit = f"at most {platform.max_bit_rate} bit/s"
        yield Violation("bit rate of the busiest second", f"{facts.peak_bit_rate} bit/s", limit)
    if facts.bit_rate < platform.min_bit_rate:
        yield Violation("mean bit rate", f"{facts.bit_rate} bit/s", f"at least {platform.min_bit_rate} bit/s")
    if facts.size_bytes > platform.max_bytes:
        yield Violation("file size", f"{facts.size_bytes} bytes", f"at most {platform.max_bytes} bytes")


def _container_violations(rules: Rules, facts: VideoFacts) -> Iterator[Violation]:
    yield from _expect("place of the index", "first" if facts.index_first else "last", "first")
    yield from _expect("frame timing", "constant" if facts.constant_rate else "variable", "constant")
    yield from _expect("start", f"{facts.start_s:g} s", "0 s")
    if facts.edit_lists and not rules.platform.edit_lists_allowed:
        yield Violation("edit lists", str(facts.edit_lists), "none")
    yield from _expect(
        "audio", _audio_words(facts.audio), "aac LC, 48000 Hz, 2 channels" if rules.wants_audio else "none"
    )


def _audio_words(audio: AudioFacts | None) -> str:
    if audio is None:
        return "none"
    return f"{audio.codec} {audio.profile}, {audio.sample_rate_hz} Hz, {audio.channels} channels"
