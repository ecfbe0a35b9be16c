"""The `previz` engine: classical resampling, frame by frame, without weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from firstframe.core.errors import InvalidInput
from firstframe.core.media import ClipInfo, PixelSize
from firstframe.ports.video import VideoIO
from firstframe.upscaling.resample import enlarge

NAME = "previz"
VERSION = "1"
"""Changes whenever the bytes of a clip may change."""


class PrevizUpscaler:
    """Enlarges clips; holds no state, so that one serves all slots. Memory does not grow with the length of a clip."""

    def __init__(self, video: VideoIO) -> None:
        self._video = video

    def upscale(
        self, source: Path, info: ClipInfo, size: PixelSize, target: Path, progress: Callable[[str, float], None]
    ) -> ClipInfo:
        """Writes the clip at `size`.

        Args:
            source: The clip.
            info: What the clip is said to be.
            size: Size to reach; see `check_size`.
            target: File to write; not there when an error is raised.
            progress: Called after each frame with what is done and the share of the whole work; may raise to stop.

        Returns:
            What was written: frame rate and count unchanged.

        Raises:
            InvalidInput: The size cannot be reached without stretching or shrinking, or the clip is not what it is
            said to be.
        """
        check_size(info.size, size)
        self.check_clip(source, info)
        return self._video.write_clip(
            target,
            (enlarge(frame, size) for frame in self._video.read_frames(source)),
            size=size,
            frame_rate=info.frame_rate,
            on_frame=lambda count: progress("enlarging", count / info.frame_count),
        )

    def check_clip(self, source: Path, info: ClipInfo) -> None:
        """Raises InvalidInput unless the file is what the request says."""
        found = self._video.probe(source).clip
        if found != info:
            problem = f"holds {found}, said to be {info}"
            raise InvalidInput.at("clip", problem, "send the clip as the stage gave it")


def check_size(source: PixelSize, size: PixelSize) -> None:
    """Checks that a clip can be brought to a size by enlarging alone.

    Raises:
        InvalidInput: The size is odd, smaller than the clip, or of another ratio by more than one pixel.
    """
    if size.width % 2 or size.height % 2:
        raise InvalidInput.at("size", f"{size} has an odd side", "give even numbers")
    if size.width < source.width or size.height < source.height:
        raise InvalidInput.at("size", f"{size} is smaller than the clip's {source}", "ask for at least the clip's size")
    if not _same_ratio(source, size):
        fit = _fitting(source, size.width)
        raise InvalidInput.at("size", f"{size} would stretch the clip of {source}", f"at that width ask for {fit}")


def _same_ratio(source: PixelSize, size: PixelSize) -> bool:
    """Whether the width that fits the height, or the other way round, is at most one pixel off."""
    cross = abs(size.width * source.height - size.height * source.width)
    return cross <= max(source.width, source.height)


def _fitting(source: PixelSize, width: int) -> PixelSize:
    return PixelSize(width, 2 * round(width * source.height / source.width / 2))
