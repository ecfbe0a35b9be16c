"""What a video file is: its boxes and packets, without decoding a frame."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from firstframe.adapters.mp4 import read_layout
from firstframe.adapters.video import open_video
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.ports.video import AudioFacts, ColourTags, VideoFacts

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

FULL_RANGE = 2
PROGRESSIVE = (0, 1)
"""FFmpeg's field orders `unknown`, which progressive files without a mark have, and `progressive`."""


@dataclass(frozen=True, slots=True)
class _Packet:
    shown: int
    """Presentation time in units of the stream's time base."""
    is_key: bool
    size: int
    """Bytes."""


def probe(path: Path) -> VideoFacts:
    """What a file is.

    Raises:
        InvalidInput: The file is not an MP4 with one video track.
    """
    layout = read_layout(path)
    size_bytes = path.stat().st_size
    with open_video(path) as (container, stream):
        packets = _packets(container, stream)
        times = sorted(packet.shown for packet in packets)
        rate = _frame_rate(times, stream)
        context = stream.codec_context
        seconds = float(len(packets) / rate)
        return VideoFacts(
            codec=context.name,
            profile=context.profile or "",
            pixel_format=context.pix_fmt or "",
            size=PixelSize(context.width, context.height),
            frame_rate=rate,
            frame_count=len(packets),
            constant_rate=len({later - earlier for earlier, later in pairwise(times)}) <= 1,
            start_s=float(times[0] * (stream.time_base or 1)),
            duration_s=seconds,
            stream_tags=_stream_tags(stream),
            container_tags=layout.colour,
            pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
            interlaced=context.field_order not in PROGRESSIVE,
            keyframes=_keyframes(packets, times),
            longest_b_run=_longest_b_run(packets),
            closed_gop=_is_closed(packets),
            audio=_audio(container),
            index_first=layout.index_first,
            edit_lists=layout.edit_lists,
            size_bytes=size_bytes,
            bit_rate=round(size_bytes * 8 / seconds),
            peak_bit_rate=_peak_bit_rate(packets, rate),
        )


def _packets(container: InputContainer, stream: VideoStream) -> list[_Packet]:
    """All packets of the video in the order of decoding."""
    found = [
        _Packet(packet.pts, packet.is_keyframe, packet.size)
        for packet in container.demux(stream)
        if packet.size and packet.pts is not None
    ]
    if not found:
        raise InvalidInput.at("clip", "has no frames", "make it again")
    return found


def _frame_rate(times: list[int], stream: VideoStream) -> Fraction:
    """Mean rate over all frames; exact when the rate is constant."""
    if len(times) < 2 or times[-1] == times[0]:
        return Fraction(stream.average_rate or 1)
    return (len(times) - 1) / ((times[-1] - times[0]) * Fraction(stream.time_base or 1))


def _stream_tags(stream: VideoStream) -> ColourTags:
    context = stream.codec_context
    return ColourTags(
        int(context.color_primaries),
        int(context.color_trc),
        int(context.colorspace),
        int(context.color_range) == FULL_RANGE,
    )


def _keyframes(packets: list[_Packet], times: list[int]) -> tuple[int, ...]:
    place = {time: number for number, time in enumerate(times)}
    return tuple(sorted(place[packet.shown] for packet in packets if packet.is_key))


def _longest_b_run(packets: list[_Packet]) -> int:
    """Longest run, in the order of showing, of frames that come in the file after one that is shown later."""
    latest = accumulate((packet.shown for packet in packets), max)
    reordered = sorted((packet.shown, packet.shown < last) for packet, last in zip(packets, latest, strict=True))
    return max(accumulate(reordered, lambda run, item: run + 1 if item[1] else 0, initial=0))


def _is_closed(packets: list[_Packet]) -> bool:
    """Whether no packet behind a keyframe is shown before it."""
    earliest = list(accumulate((packet.shown for packet in reversed(packets)), min))[::-1]
    return all(packet.shown == first for packet, first in zip(packets, earliest, strict=True) if packet.is_key)


def _peak_bit_rate(packets: list[_Packet], rate: Fraction) -> int:
    """Most bits in any second; of a file shorter than that, its mean."""
    window = max(1, min(len(packets), round(rate)))
    sums = list(accumulate((packet.size for packet in packets), initial=0))
    most = max(after - before for before, after in zip(sums, sums[window:], strict=False))
    return round(most * 8 * rate / window)


def _audio(container: InputContainer) -> AudioFacts | None:
    if not container.streams.audio:
        return None
    stream = container.streams.audio[0]
    context = stream.codec_context
    seconds = float((stream.duration or 0) * Fraction(stream.time_base or 1))
    return AudioFacts(context.name, context.profile or "", context.sample_rate, context.channels, seconds)
