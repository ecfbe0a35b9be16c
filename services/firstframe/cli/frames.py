"""Single frames of a finished video."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame


def sample_frames(video: Path) -> tuple[Image.Image, Image.Image, Image.Image]:
    """First, middle and last frame as RGB pictures, with as little decoding as the key frames allow."""
    import av

    with av.open(str(video)) as container:
        first = _first_from(container, 0)
        length = container.streams.video[0].duration or 0
        middle = _first_from(container, length // 2)
        last = _last_from(container, length)
        return _picture(first), _picture(middle), _picture(last)


def _seek(container: InputContainer, time: int) -> None:
    """Goes to the key frame at or before a time in the stream's own units."""
    container.seek(time, stream=container.streams.video[0], backward=True)


def _first_from(container: InputContainer, time: int) -> VideoFrame:
    """The first frame that is shown at or after `time`, else the last one."""
    _seek(container, time)
    shown = None
    for shown in container.decode(video=0):
        if shown.pts is not None and shown.pts >= time:
            break
    if shown is None:
        raise ValueError(f"{container.name} has no frames")
    return shown


def _last_from(container: InputContainer, length: int) -> VideoFrame:
    _seek(container, length)
    last = deque(container.decode(video=0), maxlen=1)
    if not last:
        raise ValueError(f"{container.name} has no frames")
    return last.pop()


def _picture(frame: VideoFrame) -> Image.Image:
    from av.video.reformatter import Colorspace

    rgb = frame.reformat(format="rgb24", src_colorspace=Colorspace.ITU709, dst_colorspace=Colorspace.ITU709)
    return Image.fromarray(rgb.to_ndarray())
