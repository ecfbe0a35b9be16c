"""Video files through PyAV (FFmpeg's libraries): mezzanine clips in and out, and what a file is.

The mezzanine is H.264 High 4:4:4 Predictive at 10 bits: 10 bits hold gradients, 4:4:4 holds saturated edges through
every stage, and every tool of the trade opens it. Settings were measured on frames of a rendered studio set in motion:
see `MEZZANINE_OPTIONS`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from firstframe.adapters.bt709 import to_rgb, to_ycbcr
from firstframe.core.errors import InvalidInput
from firstframe.core.media import ClipInfo, PixelSize
from firstframe.ports.video import Planes10, Rgb16, RgbFrame, VideoFacts

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

PIXEL_FORMAT = "yuv444p10le"
BT709 = 1
LIMITED_RANGE = 1
ENCODER_THREADS = 2
"""Fixed, since x264's bytes depend on the number of threads; the same everywhere."""
MEZZANINE_OPTIONS = {
    "preset": "ultrafast",
    "crf": "2",
    "x264-params": f"keyint=30:min-keyint=30:scenecut=0:open-gop=0:cabac=1:8x8dct=1:threads={ENCODER_THREADS}:deterministic=1",
}
"""Measured 2026-11 at 1080p on two busy cores, a rendered set in motion, then a dark gradient under 8-bit dither noise:
42 and 14 to 20 frames a second, 56.6 and 55.1 dB of R'G'B', 4.0 and 16 MB a second. CRF 2 keeps every 10-bit step of a
slow ramp; CRF 4 loses every second one. `superfast` costs half the speed for 1 dB; files without CABAC are a sixth
larger."""
READ_OPTIONS = {"protocol_whitelist": "file"}
"""A file may not make the reader open other files or addresses."""


class PyavVideo:
    """`firstframe.ports.video.VideoIO` on PyAV."""

    def write_clip(
        self,
        path: Path,
        frames: Iterable[RgbFrame],
        *,
        size: PixelSize,
        frame_rate: Fraction,
        on_frame: Callable[[int], None] | None = None,
    ) -> ClipInfo:
        """See `VideoIO.write_clip`."""
        with whole_file(path) as partial:
            count = _encode(partial, frames, size, frame_rate, on_frame)
        return ClipInfo(size, frame_rate, count)

    def read_frames(self, path: Path) -> Iterator[Rgb16]:
        """See `VideoIO.read_frames`."""
        return (to_rgb(planes) for planes in self.read_planes(path))

    def read_planes(self, path: Path) -> Iterator[Planes10]:
        """See `VideoIO.read_planes`."""
        with open_video(path) as (container, stream):
            if stream.pix_fmt != PIXEL_FORMAT:
                raise InvalidInput.at(
                    "clip", f"its frames are {stream.pix_fmt}", f"give a mezzanine clip ({PIXEL_FORMAT})"
                )
            for frame in container.decode(stream):
                yield planes_of(frame)

    def probe(self, path: Path) -> VideoFacts:
        """See `VideoIO.probe`."""
        from firstframe.adapters.video_probe import probe

        return probe(path)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives a name beside `path` to write to, and moves the file into place, synced, when the block ends well."""
    partial = path.with_name(f".{path.name}.part")
    try:
        yield partial
        sync(partial)
        partial.replace(path)
        sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Has the system write a file or folder to its disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Opens an MP4 and finds its one video track.

    Raises:
        InvalidInput: The file is not an MP4, has no video track or several, or cannot be decoded inside of the block.
    """
    import av

    try:
        with av.open(str(path), format="mp4", options=READ_OPTIONS) as container:
            if len(container.streams.video) != 1:
                raise InvalidInput.at("clip", f"{len(container.streams.video)} video tracks", "give an MP4 with one")
            yield container, container.streams.video[0]
    except av.FFmpegError as error:
        raise InvalidInput.at("clip", f"cannot be read as MP4 video ({error.strerror})", "make it again") from error


def planes_of(frame: av.VideoFrame) -> Planes10:
    """The planes of a 4:4:4 frame of 10 bits, as views, without FFmpeg's padding."""
    views = [plane_view(plane, np.dtype(np.uint16)) for plane in frame.planes]
    return views[0], views[1], views[2]


def plane_view(plane: Any, dtype: np.dtype[Any]) -> NDArray[Any]:  # noqa: ANN401  (PyAV exports no plane type)
    """A plane of a frame as a writable array, shape (height, width), without FFmpeg's padding."""
    rows = np.frombuffer(plane, dtype).reshape(plane.height, plane.line_size // dtype.itemsize)
    return rows[:, : plane.width]


def _encode(
    path: Path,
    frames: Iterable[RgbFrame],
    size: PixelSize,
    frame_rate: Fraction,
    on_frame: Callable[[int], None] | None,
) -> int:
    import av

    count = 0
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
        stream = _mezzanine_stream(container, size, frame_rate)
        for count, frame in enumerate(frames, start=1):
            container.mux(stream.encode(_as_video_frame(frame, size, count - 1, frame_rate)))
            if on_frame is not None:
                on_frame(count)
        if not count:
            raise InvalidInput.at("frames", "there are none", "give at least one")
        container.mux(stream.encode(None))
    return count


def _mezzanine_stream(container: av.container.OutputContainer, size: PixelSize, frame_rate: Fraction) -> VideoStream:
    stream = container.add_stream("libx264", rate=frame_rate, options=MEZZANINE_OPTIONS)
    configure(stream, size, frame_rate, PIXEL_FORMAT)
    return stream


def configure(stream: VideoStream, size: PixelSize, frame_rate: Fraction, pixel_format: str) -> None:
    """Sets size, time base and BT.709 limited-range tags of a stream to be written."""
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, pixel_format
    stream.codec_context.time_base = stream.time_base = 1 / frame_rate
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = LIMITED_RANGE
    context.sample_aspect_ratio = Fraction(1)


def _as_video_frame(frame: RgbFrame, size: PixelSize, index: int, frame_rate: Fraction) -> av.VideoFrame:
    import av

    if frame.shape != (size.height, size.width, 3):
        raise InvalidInput.at("frames", f"frame {index} has shape {frame.shape}", f"give {size} with three channels")
    ycbcr = to_ycbcr(frame)
    target = av.VideoFrame(size.width, size.height, PIXEL_FORMAT)
    for channel, plane in enumerate(planes_of(target)):
        np.copyto(plane, ycbcr[..., channel])
    target.pts, target.time_base = index, 1 / frame_rate
    return target
