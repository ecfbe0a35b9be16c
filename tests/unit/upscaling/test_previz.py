"""The engine on real clips."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters.video import PyavVideo
from firstframe.core.errors import Cancelled, InvalidInput
from firstframe.core.media import ClipInfo, PixelSize
from firstframe.ports.video import Rgb16
from firstframe.upscaling.engines.previz import PrevizUpscaler, check_size

SMALL = PixelSize(96, 64)
LARGE = PixelSize(192, 128)
RATE = Fraction(30000, 1001)


@pytest.fixture
def clip(tmp_path: Path) -> tuple[Path, ClipInfo]:
    """Five frames, each of one grey; the third and fourth are the same."""
    path = tmp_path / "clip.mp4"
    frames = (np.full((64, 96, 3), value * 257, np.uint16) for value in (40, 80, 120, 120, 200))
    return path, PyavVideo().write_clip(path, frames, size=SMALL, frame_rate=RATE)


def silent(_phase: str, _fraction: float) -> None:
    """For callers that do not want to know."""


def test_frames_keep_their_order_number_and_rate(clip: tuple[Path, ClipInfo], tmp_path: Path) -> None:
    video, target = PyavVideo(), tmp_path / "large.mp4"
    info = PrevizUpscaler(video).upscale(*clip, LARGE, target, silent)
    assert info == video.probe(target).clip == ClipInfo(LARGE, RATE, 5)
    greys = [float(frame.mean()) / 257 for frame in video.read_frames(target)]
    assert greys == pytest.approx([40, 80, 120, 120, 200], abs=0.5)


def test_a_still_clip_stays_still(tmp_path: Path) -> None:
    """Frames that are the same as decoded are the same after enlarging: what the encoder adds stays below one level."""
    rng = np.random.default_rng(5)
    still = rng.integers(0, 65536, (8, 12, 3)).repeat(8, 0).repeat(8, 1).astype(np.uint16)
    video, source, target = PyavVideo(), tmp_path / "still.mp4", tmp_path / "large.mp4"
    info = video.write_clip(source, [still] * 8, size=SMALL, frame_rate=RATE)
    PrevizUpscaler(video).upscale(source, info, LARGE, target, silent)
    frames = [frame.astype(float) / 257 for frame in video.read_frames(target)]
    assert max(np.abs(after - before).mean() for before, after in itertools.pairwise(frames)) < 0.3


def test_progress_rises_to_one_and_can_stop_the_work(clip: tuple[Path, ClipInfo], tmp_path: Path) -> None:
    told: list[float] = []
    PrevizUpscaler(PyavVideo()).upscale(*clip, LARGE, tmp_path / "a.mp4", lambda _phase, share: told.append(share))
    assert told == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])

    def stop(_phase: str, share: float) -> None:
        if share > 0.5:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        PrevizUpscaler(PyavVideo()).upscale(*clip, LARGE, tmp_path / "b.mp4", stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "clip.mp4"]


def test_one_frame_is_held_at_a_time(clip: tuple[Path, ClipInfo], tmp_path: Path) -> None:
    """Frames are read as they are written: a clip of any length takes the same memory."""
    read: list[int] = []

    class Counting(PyavVideo):
        def read_frames(self, path: Path) -> Iterator[Rgb16]:
            for index, frame in enumerate(super().read_frames(path), start=1):
                read.append(index)
                yield frame

    behind: list[int] = []
    engine = PrevizUpscaler(Counting())
    engine.upscale(*clip, LARGE, tmp_path / "a.mp4", lambda _phase, share: behind.append(len(read) - round(share * 5)))
    assert behind == [0, 0, 0, 0, 0]


def test_a_clip_that_is_not_what_it_is_said_to_be_is_refused(clip: tuple[Path, ClipInfo], tmp_path: Path) -> None:
    wrong = ClipInfo(SMALL, RATE, 6)
    with pytest.raises(InvalidInput, match=r"holds 5 frames of 96×64 at 29\.97 fps, said to be 6 frames"):
        PrevizUpscaler(PyavVideo()).upscale(clip[0], wrong, LARGE, tmp_path / "a.mp4", silent)


@pytest.mark.parametrize("size", [LARGE, SMALL, PixelSize(144, 96), PixelSize(146, 98), PixelSize(1080, 720)])
def test_sizes_of_the_same_ratio_pass(size: PixelSize) -> None:
    check_size(SMALL, size)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (PixelSize(191, 128), "odd side"),
        (PixelSize(94, 62), "smaller than the clip's 96×64"),
        (PixelSize(192, 62), "smaller than the clip"),
        (PixelSize(192, 132), "would stretch the clip of 96×64; at that width ask for 192×128"),
    ],
)
def test_other_sizes_are_refused(size: PixelSize, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        check_size(SMALL, size)
    assert caught.value.metadata["field"] == "size"
