"""Boxes of an MP4 file: ISO/IEC 14496-12 (ISO base media file format), read without a decoder."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from firstframe.core.errors import InvalidInput
from firstframe.ports.video import ColourTags

CONTAINERS = frozenset({b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl", b"dinf"})
SAMPLE_ENTRY_BYTES = 86
"""A VisualSampleEntry's header and fixed fields, after which its boxes stand (clause 12.1.3)."""
STSD_BYTES = 16
"""A SampleDescriptionBox's header, version, flags and entry count (clause 8.5.2)."""
MAX_BOXES = 10_000


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its place in the file, in bytes."""

    kind: bytes
    start: int
    header: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes from `start` to `end`, one level.

    Raises:
        InvalidInput: A box is broken or reaches beyond `end`.
    """
    while start < end:
        box = _box_at(file, start, end)
        yield box
        start = box.end


def _box_at(file: BinaryIO, start: int, end: int) -> Box:
    file.seek(start)
    head = file.read(16)
    if len(head) < 8:
        raise _broken(start)
    size, kind, header = int.from_bytes(head[:4]), head[4:8], 8
    if size == 1:
        size, header = int.from_bytes(head[8:16]), 16
    size = size or end - start
    if size < header or start + size > end:
        raise _broken(start)
    return Box(kind, start, header, start + size)


def _broken(offset: int) -> InvalidInput:
    return InvalidInput.at("clip", f"is not an MP4: the box at byte {offset} is broken", "make it again")


@dataclass(frozen=True, slots=True)
class Mp4Layout:
    """What the boxes of a file say."""

    index_first: bool
    """Whether `moov` stands before the first `mdat`."""
    edit_lists: int
    colour: ColourTags | None
    """From `colr` of type `nclx` (clause 12.1.5) of the first track that has one."""


def read_layout(path: Path) -> Mp4Layout:
    """Reads the layout of an MP4 file.

    Raises:
        InvalidInput: The file is not an MP4 or lacks `moov` or `mdat`.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        top = [box.kind for box in boxes(file, 0, size)]
        if b"moov" not in top or b"mdat" not in top:
            raise InvalidInput.at("clip", "is not an MP4: it lacks moov or mdat", "make it again")
        inner = list(_walk(file, 0, size, [0]))
        colour = next((tags for box in inner if box.kind == b"colr" and (tags := _nclx(file, box))), None)
    edit_lists = sum(box.kind == b"elst" for box in inner)
    return Mp4Layout(top.index(b"moov") < top.index(b"mdat"), edit_lists, colour)


def _walk(file: BinaryIO, start: int, end: int, seen: list[int]) -> Iterator[Box]:
    """All boxes that matter, depth first; `seen` counts them, so that a hostile file ends."""
    for box in boxes(file, start, end):
        seen[0] += 1
        if seen[0] > MAX_BOXES:
            raise InvalidInput.at("clip", f"is not an MP4: it has more than {MAX_BOXES} boxes", "make it again")
        yield box
        skip = _children_at(box)
        if skip:
            yield from _walk(file, box.start + skip, box.end, seen)


def _children_at(box: Box) -> int:
    """Bytes from a box's start to its first child; 0 when it has none of interest."""
    if box.kind in CONTAINERS:
        return box.header
    if box.kind == b"stsd":
        return STSD_BYTES
    return SAMPLE_ENTRY_BYTES if box.kind == b"avc1" else 0


def _nclx(file: BinaryIO, box: Box) -> ColourTags | None:
    file.seek(box.start + box.header)
    data = file.read(11)
    if len(data) < 11 or data[:4] != b"nclx":
        return None
    primaries, transfer, matrix, flags = struct.unpack(">HHHB", data[4:11])
    return ColourTags(primaries, transfer, matrix, bool(flags & 0x80))
