"""Layers painted over each other from far to near, each moved on its own.

Every block of sixteen pixels is resampled only for layers that can be seen in it: what a nearer layer wholly hides is
skipped, and where a layer is opaque it is not blended. Values are those of the pictures' own transfer curve; results have
16 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import Internal
from firstframe.core.media import PixelSize
from firstframe.imaging.camera import Similarity
from firstframe.imaging.compiled import compiled, part
from firstframe.imaging.vectors import (
    COLUMN_TAPS,
    LANES,
    NARROW_TAPS,
    ROW_TAPS,
    column_sum,
    paint_opaque,
    paint_opaque_narrow,
    paint_over,
    paint_over_narrow,
)
from firstframe.imaging.warp import (
    CELL,
    EMPTY,
    MAX_STEP,
    MIN_STEP,
    MIXED,
    Bytes,
    Floats,
    Ints,
    Plate,
    column_blocks,
    kernel_table,
    row_taps,
)

Rgb16 = NDArray[np.uint16]
"""Frame, shape (height, width, 3), 0 to 65535."""

LEVEL = 257
"""One level of 8 bits in 16 bits."""


@compiled("(u1[:, ::1], i4[::1], i4[::1], u1[:, ::1], u1[:, ::1])")
def mark(cells: Bytes, rows: Ints, starts: Ints, hidden: Bytes, modes: Bytes) -> None:
    """Decides for every block of a frame how a layer is painted, from what nearer layers hide.

    Args:
        cells: See `Plate.cells`.
        rows: First row of the plate that each row of the frame reads, shape (height,).
        starts: First column of the plate that each block reads, shape (blocks,).
        hidden: One where nearer layers hide everything, else zero, shape (height, blocks); this layer's is added.
        modes: Result: EMPTY, MIXED or SOLID, shape (height, blocks).
    """
    begin, end = 0, starts.shape[0]
    while begin < end and starts[begin] < 0:
        begin += 1
    while end > begin and starts[end - 1] > cells.shape[1] * CELL - (2 * LANES + COLUMN_TAPS):
        end -= 1
    modes[:] = EMPTY
    columns = starts // CELL
    for y in range(modes.shape[0]):
        if 0 <= rows[y] <= cells.shape[0] - ROW_TAPS:
            row = np.int64(rows[y])
            for block in range(begin, end):
                mode = EMPTY if hidden[y, block] else cells[row, columns[block]]
                modes[y, block] = mode
                hidden[y, block] |= mode >> 1


Index = int | np.int64
"""A place in an array, as plain code or as compiled code has it."""


@part
def filter_row(
    plane: Bytes, source: int, stride: int, taps: Floats, y: int, work: Floats, target: int, left: Index, right: Index
) -> None:
    """Filters six rows of a plane from `source` on to one row of `work`, from column `left` to at least `right`."""
    w0, w1, w2, w3, w4, w5 = taps[y, 0], taps[y, 1], taps[y, 2], taps[y, 3], taps[y, 4], taps[y, 5]
    for x in range(left, right, LANES):
        column_sum(work, target + x, plane, source + x, stride, w0, w1, w2, w3, w4, w5)


@part
def end_of_shown(modes: Bytes, y: int, begin: int) -> int:
    """First block after `begin` that is empty."""
    stop = begin + 1
    while stop < modes.shape[1] and modes[y, stop] != EMPTY:
        stop += 1
    return stop


@part
def end_of_alike(modes: Bytes, y: int, begin: int, end: int) -> int:
    """First block after `begin` that is not painted like it, at most `end`."""
    stop = begin + 1
    while stop < end and modes[y, stop] == modes[y, begin]:
        stop += 1
    return stop


@part
def paint_block(
    pixels: Rgb16, place: int, work: Floats, start: Index, width: int, taps: Floats, first: int, mode: int, narrow: bool
) -> None:
    """Filters sixteen columns of `work` and paints them at `place`; see `vectors`."""
    if mode == MIXED and narrow:
        paint_over_narrow(pixels, place, work, start, width, taps, first)
    elif mode == MIXED:
        paint_over(pixels, place, work, start, width, taps, first)
    elif narrow:
        paint_opaque_narrow(pixels, place, work, start, width, taps, first)
    else:
        paint_opaque(pixels, place, work, start, width, taps, first)


@compiled("(u1[:, :, ::1], u1[:, ::1], i4[::1], f4[:, ::1], i4[::1], f4[::1], b1, u2[:, ::1], f4[::1])")
def paint(
    planes: Bytes,
    modes: Bytes,
    rows: Ints,
    taps: Floats,
    starts: Ints,
    block_taps: Floats,
    narrow: bool,
    out: Rgb16,
    work: Floats,
) -> None:
    """Paints one layer over a frame, run by run of blocks that are painted alike.

    Args:
        planes: See `Plate.planes`.
        modes: See `mark`.
        rows: First row of the plate that each row of the frame reads, shape (height,).
        taps: Taps of the rows, shape (height, ROW_TAPS), for a full scale of 65535.
        starts: First column of the plate that each block reads, shape (blocks,).
        block_taps: See `column_blocks`, flat.
        narrow: Whether `NARROW_TAPS` are enough for every block.
        out: Frame, shape (height, 3 · 16 · blocks).
        work: Room for one row of each plane, shape (4 · width of the planes + 16,).
    """
    pixels, flat = out.reshape(out.size), planes.reshape(planes.size)
    height, width = planes.shape[1], planes.shape[2]
    reach = LANES + (NARROW_TAPS if narrow else COLUMN_TAPS)
    for y in range(rows.shape[0]):
        source, begin = np.int64(rows[y]) * width, 0
        while begin < starts.shape[0]:
            if modes[y, begin] == EMPTY:
                begin += 1
                continue
            end = end_of_shown(modes, y, begin)
            left, right = np.int64(starts[begin]), np.int64(starts[end - 1]) + reach
            for channel in range(3):
                filter_row(flat, source + channel * height * width, width, taps, y, work, channel * width, left, right)
            while begin < end:
                mode, stop = modes[y, begin], end_of_alike(modes, y, begin, end)
                if mode == MIXED:
                    left, right = np.int64(starts[begin]), np.int64(starts[stop - 1]) + reach
                    filter_row(flat, source + 3 * height * width, width, taps, y, work, 3 * width, left, right)
                for block in range(begin, stop):
                    place, first = y * out.shape[1] + block * 3 * LANES, block * COLUMN_TAPS * LANES
                    paint_block(pixels, place, work, np.int64(starts[block]), width, block_taps, first, mode, narrow)
                begin = stop


@dataclass(frozen=True, slots=True, eq=False)
class _Sampling:
    """Where a frame reads a plate, and how each of its blocks is painted."""

    rows: Ints
    row_taps: Floats
    starts: Ints
    block_taps: Floats
    modes: Bytes
    work: Floats


class Canvas:
    """Paints plates on a frame, again and again, in memory that it keeps.

    Args:
        plates: From far to near.
        size: Size of a frame.
        bleed_px: Pixels by which layers are larger than the frame, on every side.
    """

    def __init__(self, plates: Sequence[Plate], size: PixelSize, bleed_px: int) -> None:
        self._plates, self._size, self._bleed = plates, size, bleed_px
        blocks = -(-size.width // LANES)
        self._out = np.zeros((size.height, blocks * LANES * 3), np.uint16)
        self._hidden = np.zeros((size.height, blocks), np.uint8)
        self._samplings = [_sampling(plate, size.height, blocks) for plate in plates]
        self._columns = np.zeros(blocks * LANES, np.int32), np.zeros((blocks * LANES, ROW_TAPS), np.float32)

    @property
    def rows(self) -> Rgb16:
        """The frame's memory, shape (height, at least 3 · width)."""
        return self._out

    @property
    def frame(self) -> Rgb16:
        """The frame as it is now; the next `place` begins another one in the same memory."""
        return self._out.reshape(self._size.height, -1, 3)[:, : self._size.width]

    def place(self, views: Sequence[Similarity]) -> None:
        """Begins a frame: says where it looks into each plate. Every one must then be painted, from far to near.

        Raises:
            Internal: A plate is enlarged or reduced more than the kernels can.
        """
        for view in views:
            if not MIN_STEP <= view.step <= MAX_STEP:
                raise Internal(
                    f"a layer is to be sampled at {view.step:.3f} of its pixels; {MIN_STEP} to {MAX_STEP} can be"
                )
        self._hidden[:] = 0
        for plate, view, sampling in reversed(list(zip(self._plates, views, self._samplings, strict=True))):
            self._aim(plate, view, sampling)
            mark(plate.cells, sampling.rows, sampling.starts, self._hidden, sampling.modes)

    def paint(self, index: int) -> None:
        """Paints the plate of that index over the frame."""
        plate, use = self._plates[index], self._samplings[index]
        taps, narrow = use.block_taps.reshape(-1), not use.block_taps[:, NARROW_TAPS:].any()
        paint(plate.planes, use.modes, use.rows, use.row_taps, use.starts, taps, narrow, self._out, use.work)

    def _aim(self, plate: Plate, view: Similarity, use: _Sampling) -> None:
        left = view.x + self._origin(self._size.width, view.step) - plate.x
        top = view.y + self._origin(self._size.height, view.step) - plate.y
        first, taps = self._columns
        row_taps(top, view.step, LEVEL, kernel_table(), use.rows, use.row_taps)
        row_taps(left, view.step, 1.0, kernel_table(), first, taps)
        column_blocks(first, taps, use.starts, use.block_taps)

    def _origin(self, side: int, step: float) -> float:
        """Layer coordinate that the first pixel of a side shows when the middle stays where it is."""
        middle = (side - 1) / 2
        return self._bleed + middle - middle * step


def _sampling(plate: Plate, height: int, blocks: int) -> _Sampling:
    return _Sampling(
        rows=np.zeros(height, np.int32),
        row_taps=np.zeros((height, ROW_TAPS), np.float32),
        starts=np.zeros(blocks, np.int32),
        block_taps=np.zeros((blocks, COLUMN_TAPS, LANES), np.float32),
        modes=np.zeros((height, blocks), np.uint8),
        work=np.zeros(4 * plate.planes.shape[2] + LANES, np.float32),
    )
