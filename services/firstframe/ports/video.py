"""How stages read and write video files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import ClipInfo, PixelSize

RgbFrame = NDArray[np.uint8] | NDArray[np.uint16]
"""Frame, shape (height, width, 3), R'G'B' as encoded (sRGB or BT.709 transfer); full scale is 255 or 65535."""

Rgb16 = NDArray[np.uint16]
"""Frame, shape (height, width, 3), R'G'B' as encoded, 0 to 65535."""

Planes10 = tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16]]
"""Y', Cb and Cr, each of shape (height, width), 10 bits, BT.709 limited range: 64 to 940 and 64 to 960."""

Planes8 = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
"""Y' of shape (height, width), Cb and Cr of half of each side (4:2:0, chroma sited at the left, as H.264 has it by
default), 8 bits, BT.709 limited range: 16 to 235 and 16 to 240."""


@dataclass(frozen=True, slots=True)
class ColourTags:
    """ITU-T H.273 code points; 1 is BT.709 in each, 2 means unspecified."""

    primaries: int
    transfer: int
    matrix: int
    full_range: bool


BT709_LIMITED = ColourTags(primaries=1, transfer=1, matrix=1, full_range=False)


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What an audio track is."""

    codec: str
    profile: str
    """Of the codec, for example `LC`; empty when it has none."""
    sample_rate_hz: int
    channels: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video file was found to be, from its boxes and packets; nothing is decoded."""

    codec: str
    profile: str
    pixel_format: str
    """FFmpeg's name, for example `yuv420p`."""
    size: PixelSize
    frame_rate: Fraction
    frame_count: int
    constant_rate: bool
    """Whether all frames are shown for the same time."""
    start_s: float
    """Time at which the first frame is shown."""
    duration_s: float
    """Frames over frame rate."""
    stream_tags: ColourTags
    """As the bit stream says (VUI)."""
    container_tags: ColourTags | None
    """As the container says (`colr`, type `nclx`); None when the box is missing."""
    pixel_aspect: Fraction
    interlaced: bool
    keyframes: tuple[int, ...]
    """Numbers of the frames, in the order of showing, at which decoding can start."""
    longest_b_run: int
    """Most frames in a row, in the order of showing, that are decoded out of order."""
    closed_gop: bool
    """Whether no frame that comes after a keyframe in the file is shown before it."""
    audio: AudioFacts | None
    index_first: bool
    """Whether `moov` stands before `mdat`."""
    edit_lists: int
    """Number of `elst` boxes."""
    size_bytes: int
    """Of the file."""
    bit_rate: int
    """Mean bits per second of the whole file."""
    peak_bit_rate: int
    """Highest bits per second of the video over any second, in the order of decoding."""

    @property
    def longest_gop(self) -> int:
        """Most frames from one keyframe to the next, or to the end."""
        ends = (*self.keyframes[1:], self.frame_count)
        return max((end - start for start, end in zip(self.keyframes, ends, strict=True)), default=0)

    @property
    def clip(self) -> ClipInfo:
        """Size, rate and number of frames."""
        return ClipInfo(self.size, self.frame_rate, self.frame_count)


@dataclass(frozen=True, slots=True)
class DeliveryEncoding:
    """How a deliverable is encoded; the same values and frames give the same bytes."""

    size: PixelSize
    frame_rate: Fraction
    gop_frames: int
    """Frames from one keyframe to the next; every group is closed."""
    b_frames: int
    """Between two reference frames."""
    crf: float
    """x264's constant rate factor: lower is better."""
    max_bit_rate: int
    """Bits per second that no second of the video exceeds."""
    keyframes: frozenset[int] = frozenset()
    """Frames that start a group whatever `gop_frames` says: the cuts."""
    silent_audio: bool = False
    """Adds a silent AAC-LC stereo track at 48 kHz."""


class DeliveryWriter(Protocol):
    """Writes finished files: H.264 High in MP4, index first, without edit lists or metadata."""

    def write_delivery(
        self,
        path: Path,
        frames: Iterable[Planes8],
        encoding: DeliveryEncoding,
        *,
        on_frame: Callable[[int], None] | None = None,
    ) -> None:
        """Writes a file; it appears under its name only when it is whole.

        Args:
            path: Where to write.
            frames: Frames of `encoding.size`.
            encoding: How to encode.
            on_frame: Called with the number of frames so far after each; may raise to stop, and nothing is left behind.
        """


class VideoIO(Protocol):
    """Mezzanine clips, frame by frame; memory does not grow with their length."""

    def write_clip(
        self,
        path: Path,
        frames: Iterable[RgbFrame],
        *,
        size: PixelSize,
        frame_rate: Fraction,
        on_frame: Callable[[int], None] | None = None,
    ) -> ClipInfo:
        """Writes a mezzanine clip; the file appears under its name only when it is whole.

        Args:
            path: Where to write.
            frames: Frames of `size`, all of one type.
            size: Size of each frame.
            frame_rate: Frames per second.
            on_frame: Called with the number of frames so far after each; may raise to stop, and nothing is left behind.

        Raises:
            InvalidInput: There are no frames, or one has another size or type.
        """

    def read_frames(self, path: Path) -> Iterator[Rgb16]:
        """Frames of a mezzanine clip as R'G'B', 0 to 65535.

        Raises:
            InvalidInput: The file is not a mezzanine clip or cannot be decoded.
        """

    def read_planes(self, path: Path) -> Iterator[Planes10]:
        """Frames of a mezzanine clip as it holds them; each is valid until the next is asked for.

        Raises as `read_frames`.
        """

    def probe(self, path: Path) -> VideoFacts:
        """What a file is.

        Raises:
            InvalidInput: The file is not an MP4 with one video track.
        """
