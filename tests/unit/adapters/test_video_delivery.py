"""Finished files: structure, colour tags, sound, bit-rate cap, and the same bytes anywhere."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from firstframe.adapters.video import PyavVideo
from firstframe.adapters.video_delivery import PyavDeliveryWriter
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.ports.video import BT709_LIMITED, DeliveryEncoding, Planes8, VideoFacts

ENCODING = DeliveryEncoding(
    size=PixelSize(192, 108),
    frame_rate=Fraction(24),
    gop_frames=12,
    b_frames=2,
    crf=16,
    max_bit_rate=8_000_000,
    keyframes=frozenset({17}),
    silent_audio=True,
)


def frames(count: int, grain: int = 0) -> Iterator[Planes8]:
    """A texture that drifts by a pixel a frame; `grain` adds noise that no encoder can predict."""
    rng = np.random.default_rng(1)
    texture = rng.integers(60, 180, (27, 80)).repeat(4, 0).repeat(4, 1)
    for index in range(count):
        noise = rng.integers(-grain, grain + 1, (108, 192))
        luma = (texture[:, index : index + 192] + noise).clip(16, 235).astype(np.uint8)
        yield luma, np.full((54, 96), 120, np.uint8), np.full((54, 96), 140, np.uint8)


def deliver(path: Path, encoding: DeliveryEncoding = ENCODING, count: int = 60, grain: int = 0) -> VideoFacts:
    PyavDeliveryWriter().write_delivery(path, frames(count, grain), encoding)
    return PyavVideo().probe(path)


def test_structure(tmp_path: Path) -> None:
    facts = deliver(tmp_path / "file.mp4")
    assert (facts.codec, facts.profile, facts.pixel_format) == ("h264", "High", "yuv420p")
    assert (facts.size, facts.frame_rate, facts.frame_count) == (ENCODING.size, Fraction(24), 60)
    assert facts.keyframes == (0, 12, 17, 29, 41, 53)
    assert (facts.longest_b_run, facts.closed_gop, facts.interlaced, facts.pixel_aspect) == (2, True, False, 1)
    assert facts.stream_tags == facts.container_tags == BT709_LIMITED


def test_index_stands_first_and_b_frames_need_no_edit_list(tmp_path: Path) -> None:
    facts = deliver(tmp_path / "file.mp4")
    assert (facts.index_first, facts.edit_lists, facts.start_s, facts.constant_rate) == (True, 0, 0, True)


def test_silent_sound_is_as_long_as_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "file.mp4"
    audio = deliver(path).audio
    assert audio is not None
    assert (audio.codec, audio.profile, audio.sample_rate_hz, audio.channels) == ("aac", "LC", 48000, 2)
    assert audio.duration_s == pytest.approx(2.5, abs=2 * 1024 / 48000)
    with av.open(str(path)) as container:
        assert container.streams.audio[0].start_time == 0
        assert all(not np.any(frame.to_ndarray()) for frame in container.decode(audio=0))


def test_no_sound_when_none_is_asked_for(tmp_path: Path) -> None:
    assert deliver(tmp_path / "file.mp4", dataclasses.replace(ENCODING, silent_audio=False)).audio is None


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(25), Fraction(60)])
def test_rates_are_exact(tmp_path: Path, rate: Fraction) -> None:
    facts = deliver(tmp_path / "file.mp4", dataclasses.replace(ENCODING, frame_rate=rate), count=20)
    assert (facts.frame_rate, facts.start_s, facts.edit_lists) == (rate, 0, 0)


def test_noise_cannot_break_the_bit_rate_cap(tmp_path: Path) -> None:
    free = deliver(tmp_path / "free.mp4", count=72, grain=25)
    capped = deliver(tmp_path / "capped.mp4", dataclasses.replace(ENCODING, max_bit_rate=600_000), 72, 25)
    assert free.peak_bit_rate > 1_200_000
    assert capped.peak_bit_rate <= 600_000


def test_no_metadata_is_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file.mp4"
    deliver(path)
    data = path.read_bytes()
    assert b"x264" not in data
    assert b"Lav" not in data
    with av.open(str(path)) as container:
        assert set(container.metadata) == {"major_brand", "minor_version", "compatible_brands"}


@pytest.mark.parametrize("junk", ["1", "165"])
def test_another_process_writes_the_same_bytes_whatever_lay_in_its_memory(tmp_path: Path, junk: str) -> None:
    path = tmp_path / "file.mp4"
    deliver(path)
    other = tmp_path / "other.mp4"
    script = "import pathlib, sys; sys.path.insert(0, sys.argv[1]); "
    script += "import test_video_delivery as test; test.deliver(pathlib.Path(sys.argv[2]))"
    command = [sys.executable, "-c", script, str(Path(__file__).parent), str(other)]
    subprocess.run(command, check=True, timeout=60, env=os.environ | {"MALLOC_PERTURB_": junk})
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


def test_pictures_come_back(tmp_path: Path) -> None:
    path = tmp_path / "file.mp4"
    deliver(path)
    with av.open(str(path)) as container:
        for decoded, (luma, blue, _) in zip(container.decode(video=0), frames(60), strict=True):
            found = decoded.to_ndarray()[:108]
            assert 10 * np.log10(255**2 / np.mean((found.astype(float) - luma) ** 2)) > 40
            assert np.abs(decoded.to_ndarray()[108:135].astype(float) - blue[0, 0]).max() <= 2


def test_frames_of_another_size_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    wrong = dataclasses.replace(ENCODING, size=PixelSize(64, 64))
    with pytest.raises(InvalidInput, match="frame 0 has shape"):
        PyavDeliveryWriter().write_delivery(tmp_path / "file.mp4", frames(2), wrong)
    assert list(tmp_path.iterdir()) == []


def test_bytes_do_not_follow_the_pace_of_threads_when_the_cap_binds(tmp_path: Path) -> None:
    size = PixelSize(1280, 720)
    capped = dataclasses.replace(ENCODING, size=size, max_bit_rate=8_000_000, silent_audio=False)
    noise = np.random.default_rng(1).integers(16, 235, (740, 1300), np.uint8)
    grey = np.full((360, 640), 128, np.uint8)
    written = set()
    for _ in range(3):
        moving = ((noise[index : index + 720, index : index + 1280], grey, grey) for index in range(20))
        PyavDeliveryWriter().write_delivery(tmp_path / "file.mp4", moving, capped)
        written.add(hashlib.sha256((tmp_path / "file.mp4").read_bytes()).hexdigest())
    assert len(written) == 1
