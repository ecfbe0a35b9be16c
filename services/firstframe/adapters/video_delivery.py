"""Finished files through PyAV: H.264 High and silent AAC in MP4."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firstframe.adapters.video import configure, plane_view, whole_file
from firstframe.core.errors import InvalidInput
from firstframe.ports.video import DeliveryEncoding, Planes8

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

PIXEL_FORMAT = "yuv420p"
ENCODER_THREADS = 1
"""With a leaky bucket, x264's threads look at how far the others have come: 6 runs of one input gave 6 files with 4 threads
and `deterministic=1`, one with 1 (x264 core 165, November 2026). Slots use the other processors."""
PRESET = "veryfast"
"""With trellis 1. Measured 2026-11 at 1080p, CRF 16, processor time, two busy cores, a rendered set in motion: 24 frames a
second and core, 54.0 dB of luma at 8.5 Mbit/s. `faster` and `medium` cost a third to a half of the speed for 0.1 to 0.3 dB."""
AUDIO_RATE_HZ = 48_000
AUDIO_BIT_RATE = 128_000
AAC_FRAME = 1024
"""Samples of an AAC-LC frame."""
MUXER_OPTIONS = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0", "fflags": "+bitexact"}
"""B-frames are decoded before they are shown, and an MP4 says so either with an edit list or with negative composition
offsets (`ctts` version 1, ISO/IEC 14496-12, 8.6.1.3). The latter needs no edit list and still starts at zero."""
DROP_SEI = "filter_units=remove_types=6"
"""x264 writes its version and all settings into a SEI unit; a deliverable carries no such metadata."""


class PyavDeliveryWriter:
    """`firstframe.ports.video.DeliveryWriter` on PyAV."""

    def write_delivery(
        self,
        path: Path,
        frames: Iterable[Planes8],
        encoding: DeliveryEncoding,
        *,
        on_frame: Callable[[int], None] | None = None,
    ) -> None:
        """See `DeliveryWriter.write_delivery`."""
        import av

        with whole_file(path) as partial, av.open(str(partial), "w", format="mp4", options=MUXER_OPTIONS) as container:
            _encode(container, frames, encoding, on_frame or _ignore)


def _ignore(_count: int) -> None:
    """Stands for a caller that does not want to know."""


def _encode(
    container: OutputContainer, frames: Iterable[Planes8], encoding: DeliveryEncoding, on_frame: Callable[[int], None]
) -> None:
    video = _Video(container, encoding)
    sound = _Silence(container) if encoding.silent_audio else None
    for count, planes in enumerate(frames, start=1):
        container.mux(video.packets(planes, count - 1))
        if sound is not None:
            container.mux(sound.packets_until(count / encoding.frame_rate))
        on_frame(count)
    container.mux(video.last_packets())


def x264_options(encoding: DeliveryEncoding) -> dict[str, str]:
    """Options of libx264.

    The rate that any second may have is split between the leaky bucket's rate and its depth: rate + depth is the most
    that one second can hold (ITU-T H.264, annex C). AQ mode 3 gives dark areas more bits, where bands show first.
    """
    kilobits = encoding.max_bit_rate / 1000
    parameters = {
        "keyint": encoding.gop_frames,
        "min-keyint": 1,
        "scenecut": 0,
        "open-gop": 0,
        "bframes": encoding.b_frames,
        "b-pyramid": "none",
        "weightp": 0,
        "trellis": 1,
        "aq-mode": 3,
        "aq-strength": 1.3,
        "vbv-maxrate": int(kilobits * 2 / 3),
        "vbv-bufsize": int(kilobits / 3),
        "threads": ENCODER_THREADS,
        # libavcodec turns this off unless told otherwise.
        "deterministic": 1,
        # Its vector code reads past the end of a row of macroblocks (x264 core 165): whatever lay in memory before
        # then moved the quantisers. Without it the bytes are the same after `MALLOC_PERTURB_`.
        "mbtree": 0,
    }
    text = ":".join(f"{name}={value}" for name, value in parameters.items())
    return {"preset": PRESET, "profile": "high", "crf": f"{encoding.crf:g}", "x264-params": text}


class _Video:
    """The video track."""

    def __init__(self, container: OutputContainer, encoding: DeliveryEncoding) -> None:
        from av.bitstream import BitStreamFilterContext

        self._encoding = encoding
        self._stream: VideoStream = container.add_stream(
            "libx264", rate=encoding.frame_rate, options=x264_options(encoding)
        )
        configure(self._stream, encoding.size, encoding.frame_rate, PIXEL_FORMAT)
        self._stream.codec_context.open()
        self._filter = BitStreamFilterContext(DROP_SEI, self._stream)

    def packets(self, planes: Planes8, index: int) -> list[Packet[VideoStream]]:
        return self._filtered(self._stream.encode(self._frame(planes, index)))

    def last_packets(self) -> list[Packet[VideoStream]]:
        return self._filtered(self._stream.encode(None))

    def _filtered(self, packets: Iterable[Packet[VideoStream]]) -> list[Packet[VideoStream]]:
        return [kept for packet in packets for kept in self._filter.filter(packet)]

    def _frame(self, planes: Planes8, index: int) -> av.VideoFrame:
        import av
        from av.video.frame import PictureType

        size = self._encoding.size
        if planes[0].shape != (size.height, size.width):
            raise InvalidInput.at("frames", f"frame {index} has shape {planes[0].shape}", f"give {size}")
        frame = av.VideoFrame(size.width, size.height, PIXEL_FORMAT)
        for target, source in zip(frame.planes, planes, strict=True):
            np.copyto(plane_view(target, np.dtype(np.uint8)), source)
        frame.pts, frame.time_base = index, 1 / self._encoding.frame_rate
        if index in self._encoding.keyframes:
            frame.pict_type = PictureType.I
        return frame


class _Silence:
    """A silent audio track, made as the video grows so that the muxer need not hold the one for the other."""

    def __init__(self, container: OutputContainer) -> None:
        from av.codec.context import Flags

        self._stream: AudioStream = container.add_stream("aac", rate=AUDIO_RATE_HZ, layout="stereo")
        self._stream.codec_context.bit_rate = AUDIO_BIT_RATE
        self._stream.codec_context.flags |= Flags.bitexact  # leaves out the encoder's name
        self._made = 0

    def packets_until(self, seconds: Fraction) -> list[Packet[AudioStream]]:
        """Packets that bring the track to the last whole AAC frame before `seconds`."""
        wanted = math.ceil(seconds * AUDIO_RATE_HZ / AAC_FRAME)
        packets: list[Packet[AudioStream]] = []
        while self._made < wanted:
            packets += self._stream.encode(self._frame())
            self._made += 1
        return [_from_zero(packet) for packet in packets]

    def _frame(self) -> av.AudioFrame:
        import av

        frame = av.AudioFrame(format="fltp", layout="stereo", samples=AAC_FRAME)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.time_base = AUDIO_RATE_HZ, Fraction(1, AUDIO_RATE_HZ)
        frame.pts = self._made * AAC_FRAME
        return frame


def _from_zero(packet: Packet[AudioStream]) -> Packet[AudioStream]:
    """The encoder's delay, one frame of nothing, needs an edit list to be skipped; in silence it can stay."""
    packet.pts, packet.dts = (packet.pts or 0) + AAC_FRAME, (packet.dts or 0) + AAC_FRAME
    return packet
