"""Boxes are read as ISO/IEC 14496-12 has them, and broken files end in an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstframe.adapters import mp4
from firstframe.core.errors import InvalidInput
from firstframe.ports.video import ColourTags


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return (8 + len(body)).to_bytes(4) + kind + body


def sample_description(colour: bytes) -> bytes:
    entry = box(b"avc1", bytes(mp4.SAMPLE_ENTRY_BYTES - 8), colour)
    return box(b"stsd", bytes(4), (1).to_bytes(4), entry)


def film(colour: bytes = b"", edits: bytes = b"") -> bytes:
    table = box(b"stbl", sample_description(colour))
    return box(b"moov", box(b"trak", edits, box(b"mdia", box(b"minf", table))))


NCLX = box(b"colr", b"nclx", (9).to_bytes(2), (16).to_bytes(2), (10).to_bytes(2), b"\x80")
EDITS = box(b"edts", box(b"elst", bytes(8)))


def layout(tmp_path: Path, data: bytes) -> mp4.Mp4Layout:
    path = tmp_path / "file.mp4"
    path.write_bytes(data)
    return mp4.read_layout(path)


def test_index_colour_and_edit_lists_are_found(tmp_path: Path) -> None:
    found = layout(tmp_path, box(b"ftyp", b"isom") + film(NCLX, EDITS) + box(b"mdat", b"1234"))
    assert found == mp4.Mp4Layout(index_first=True, edit_lists=1, colour=ColourTags(9, 16, 10, full_range=True))


def test_an_index_at_the_end_is_seen(tmp_path: Path) -> None:
    found = layout(tmp_path, box(b"mdat", b"1234") + film())
    assert found == mp4.Mp4Layout(index_first=False, edit_lists=0, colour=None)


def test_long_and_open_ended_boxes_are_read(tmp_path: Path) -> None:
    long_box = (1).to_bytes(4) + b"free" + (24).to_bytes(8) + bytes(8)
    open_box = bytes(4) + b"mdat" + b"to the end"
    assert layout(tmp_path, long_box + film() + open_box).index_first


@pytest.mark.parametrize(
    "data",
    [
        film()[:-1] + box(b"mdat"),
        film() + box(b"mdat") + b"\0\0",
        film() + (4).to_bytes(4) + b"mdat",
        box(b"moov") + box(b"free"),
        box(b"moov", box(b"trak") * (mp4.MAX_BOXES + 1)) + box(b"mdat"),
    ],
    ids=["cut", "rest", "too small", "no media", "too many"],
)
def test_broken_files_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InvalidInput, match="is not an MP4"):
        layout(tmp_path, data)
