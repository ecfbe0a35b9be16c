"""Mezzanine clips: exact colour, whole files, honest facts."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firstframe.adapters.bt709 import forward_matrix, to_ycbcr
from firstframe.adapters.video import PyavVideo
from firstframe.core.errors import InvalidInput
from firstframe.core.media import ClipInfo, PixelSize
from firstframe.ports.video import BT709_LIMITED

SIZE = PixelSize(256, 144)
RATE = Fraction(24)


def patches() -> NDArray[np.uint8]:
    """Patches of 32 × 36: corners of the RGB cube and colours inside of it."""
    corners = list(itertools.product((0, 255), repeat=3))
    inner = [(128, 128, 128), (16, 16, 16), (64, 0, 128), (192, 255, 64)]
    inner += [(200, 30, 30), (30, 60, 200), (1, 2, 3), (250, 200, 150)]
    picture = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    for index, colour in enumerate((corners + inner) * 2):
        row, column = divmod(index, 8)
        picture[row * 36 : row * 36 + 36, column * 32 : column * 32 + 32] = colour
    return picture


def moving(count: int, size: PixelSize = SIZE) -> Iterator[NDArray[np.uint16]]:
    """A smooth pattern that drifts."""
    y, x = np.mgrid[0 : size.height, 0 : size.width]
    for index in range(count):
        red = 0.5 + 0.45 * np.sin((x + index) / 9) * np.cos(y / 7)
        green = (x + y) / (size.width + size.height)
        yield np.rint(np.stack([red, green, 1 - green], -1) * 65535).astype(np.uint16)


def write(path: Path) -> None:
    PyavVideo().write_clip(path, moving(8), size=SIZE, frame_rate=RATE)


def psnr(first: NDArray[np.float64], second: NDArray[np.float64], peak: float) -> float:
    return float(10 * np.log10(peak**2 / np.mean((first - second) ** 2)))


def test_patches_come_back_within_two_levels(tmp_path: Path) -> None:
    video, path, picture = PyavVideo(), tmp_path / "clip.mp4", patches()
    video.write_clip(path, itertools.repeat(picture, 4), size=SIZE, frame_rate=RATE)
    for frame in video.read_frames(path):
        assert np.abs(frame / 257.0 - picture).max() <= 2


def test_moving_pictures_come_back_near_lossless(tmp_path: Path) -> None:
    video, path = PyavVideo(), tmp_path / "clip.mp4"
    video.write_clip(path, moving(12), size=SIZE, frame_rate=RATE)
    pairs = list(zip(moving(12), video.read_frames(path), strict=True))
    assert min(psnr(a.astype(float), b.astype(float), 65535) for a, b in pairs) > 48


def test_slow_gradient_keeps_its_steps(tmp_path: Path) -> None:
    """Steps of a quarter of an 8-bit level are there after reading; an 8-bit file would be off by half a level."""
    ramp = np.linspace(20 * 257, 21.5 * 257, SIZE.width)
    frame = np.broadcast_to(ramp[None, :, None], (SIZE.height, SIZE.width, 3)).round().astype(np.uint16)
    video, path = PyavVideo(), tmp_path / "clip.mp4"
    video.write_clip(path, [frame], size=SIZE, frame_rate=RATE)
    back = next(video.read_frames(path)).astype(float).mean(axis=(0, 2))
    assert np.abs(back - ramp).max() < 0.2 * 257


def test_white_black_and_primaries_have_the_values_of_the_standard() -> None:
    """Ten-bit values of ITU-R BT.709-6: white 940, black 64, pure red's Cr and pure blue's Cb 960."""
    picture = np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]]], np.uint8)
    white, black, red, blue = to_ycbcr(picture)[0].tolist()
    assert white == [940, 512, 512]
    assert black == [64, 512, 512]
    assert red[0] == round(64 + 876 * 0.2126)
    assert red[2] == 960
    assert blue[0] == round(64 + 876 * 0.0722)
    assert blue[1] == 960


def test_eight_and_sixteen_bits_mean_the_same() -> None:
    picture = patches()
    assert np.array_equal(to_ycbcr(picture), to_ycbcr(picture.astype(np.uint16) * np.uint16(257)))
    assert forward_matrix().shape == (3, 4)


def test_facts_of_a_clip(tmp_path: Path) -> None:
    video, path = PyavVideo(), tmp_path / "clip.mp4"
    info = video.write_clip(path, moving(65), size=SIZE, frame_rate=Fraction(30000, 1001))
    facts = video.probe(path)
    assert info == facts.clip == ClipInfo(SIZE, Fraction(30000, 1001), 65)
    assert (facts.codec, facts.profile, facts.pixel_format) == ("h264", "High 4:4:4 Predictive", "yuv444p10le")
    assert facts.stream_tags == facts.container_tags == BT709_LIMITED
    assert facts.keyframes == (0, 30, 60)
    assert facts.longest_gop == 30
    assert (facts.closed_gop, facts.longest_b_run, facts.index_first, facts.constant_rate) == (True, 0, True, True)
    assert (facts.pixel_aspect, facts.interlaced, facts.start_s, facts.audio) == (1, False, 0, None)
    assert facts.size_bytes == path.stat().st_size
    assert facts.bit_rate == round(facts.size_bytes * 8 / facts.duration_s)


def test_another_process_writes_the_same_bytes_whatever_lay_in_its_memory(tmp_path: Path) -> None:
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    write(first)
    script = "import pathlib, sys; sys.path.insert(0, sys.argv[1]); "
    script += "import test_video as test; test.write(pathlib.Path(sys.argv[2]))"
    command = [sys.executable, "-c", script, str(Path(__file__).parent), str(second)]
    subprocess.run(command, check=True, timeout=60, env=os.environ | {"MALLOC_PERTURB_": "165"})
    assert first.read_bytes() == second.read_bytes()


def test_frames_are_taken_one_by_one(tmp_path: Path) -> None:
    """The writer asks for a frame only when the one before is in; so does the reader."""
    video, path, asked, told = PyavVideo(), tmp_path / "clip.mp4", [], []

    def frames() -> Iterator[NDArray[np.uint16]]:
        for index, frame in enumerate(moving(6)):
            asked.append((index, len(told)))
            yield frame

    video.write_clip(path, frames(), size=SIZE, frame_rate=RATE, on_frame=told.append)
    assert asked == [(index, index) for index in range(6)]
    assert told == [1, 2, 3, 4, 5, 6]
    assert next(video.read_frames(path)).shape == (144, 256, 3)


def test_nothing_is_left_when_the_caller_stops(tmp_path: Path) -> None:
    def stop(count: int) -> None:
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PyavVideo().write_clip(tmp_path / "clip.mp4", moving(5), size=SIZE, frame_rate=RATE, on_frame=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "there are none"),
        ([np.zeros((10, 10, 3), np.uint8)], "frame 0 has shape"),
        ([np.zeros((144, 256, 3), np.float32)], "float32 values"),
    ],
)
def test_frames_of_another_kind_are_refused(tmp_path: Path, frames: list[NDArray[np.uint8]], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        PyavVideo().write_clip(tmp_path / "clip.mp4", frames, size=SIZE, frame_rate=RATE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"no video at all, just words", b"\0\0\0\x08moov\0\0\0\x08mdat"])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    with pytest.raises(InvalidInput):
        PyavVideo().probe(path)
    with pytest.raises(InvalidInput):
        list(PyavVideo().read_planes(path))
