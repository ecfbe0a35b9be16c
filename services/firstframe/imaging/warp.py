"""Resampling of layers that move by a scale and a translation.

Such a motion is separable: columns and rows are resampled on their own. Positions are never rounded: the kernel is
evaluated at the exact fraction of every column and row, so that a slow move neither judders nor jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgba8
from firstframe.imaging.bounds import shown_box
from firstframe.imaging.compiled import compiled
from firstframe.imaging.vectors import COLUMN_TAPS, LANES, ROW_TAPS

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

PHASES = 512
REACH = ROW_TAPS // 2
MIN_STEP, MAX_STEP = 0.8, 1.2
"""Layer pixels per frame pixel that sixteen neighbours and `COLUMN_TAPS` can carry: 15 · |step − 1| ≤ 3."""

EMPTY, MIXED, SOLID = 0, 1, 2
"""What sixteen pixels of a frame see of a layer: nothing, some of it, or nothing else."""

CELL = 4
"""Columns of a plate in one of its cells."""

_PAD_BEFORE = 2 * LANES
_PAD_AFTER = 4 * LANES
_WINDOW = CELL + LANES + COLUMN_TAPS
"""Columns of a plate that a block of sixteen pixels may touch, counted from the first of a cell."""


def lanczos(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lanczos kernel with three lobes, of any shape (Duchon, "Lanczos Filtering in One and Two Dimensions", 1979)."""
    return np.where(np.abs(distance) < REACH, np.sinc(distance) * np.sinc(distance / REACH), 0.0)


@cache
def kernel_table() -> Floats:
    """Taps at `PHASES` + 1 fractions from 0 to 1, shape (PHASES + 1, ROW_TAPS); each row sums to one."""
    fractions = np.linspace(0, 1, PHASES + 1)[:, None]
    taps = lanczos(np.arange(1 - REACH, REACH + 1)[None] - fractions)
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)


@compiled("(f8, f8, f4, f4[:, ::1], i4[::1], f4[:, ::1])")
def row_taps(origin: float, step: float, gain: float, table: Floats, first: Ints, taps: Floats) -> None:
    """Where each of the frame's rows (or columns) reads.

    Args:
        origin: Position in the plate that row 0 shows.
        step: Plate pixels from one row to the next.
        gain: Factor on every tap.
        table: See `kernel_table`.
        first: Result: index of the first tap, shape (rows,).
        taps: Result: shape (rows, ROW_TAPS).
    """
    for row in range(first.shape[0]):
        position = origin + row * step
        whole = np.floor(position)
        phase = (position - whole) * PHASES
        low = min(int(phase), PHASES - 1)
        mix = np.float32(phase - low)
        first[row] = int(whole) - (REACH - 1)
        for tap in range(ROW_TAPS):
            taps[row, tap] = (table[low, tap] + mix * (table[low + 1, tap] - table[low, tap])) * gain


@compiled("(i4[::1], f4[:, ::1], i4[::1], f4[:, :, ::1])")
def column_blocks(first: Ints, taps: Floats, starts: Ints, block_taps: Floats) -> None:
    """Arranges the taps of single columns for sixteen columns at a time.

    Column c of block b reads `taps[b, k, c] * row[starts[b] + c + k]` for every k.

    Args:
        first: Index of the first tap of each column, shape (16 · blocks,).
        taps: Shape (16 · blocks, ROW_TAPS).
        starts: Result: shape (blocks,).
        block_taps: Result: shape (blocks, COLUMN_TAPS, 16).
    """
    block_taps[:] = 0
    for block in range(starts.shape[0]):
        begin = block * LANES
        start = first[begin]
        for lane in range(1, LANES):
            start = min(start, first[begin + lane] - lane)
        starts[block] = start
        for lane in range(LANES):
            skip = first[begin + lane] - lane - start
            for tap in range(ROW_TAPS):
                block_taps[block, skip + tap, lane] = taps[begin + lane, tap]


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A layer made ready for sampling: cut to what it shows, premultiplied, in planes, with its edges repeated outwards."""

    planes: Bytes
    """Red, green and blue times alpha, then alpha; shape (4, height, width)."""
    cells: Bytes
    """EMPTY, MIXED or SOLID for what a block sees whose first row is the row and whose first column is in the cell."""
    x: int
    """Column of the layer at which the plate begins."""
    y: int


def make_plate(rgba: Rgba8) -> Plate | None:
    """A plate of a layer; None when nothing of it can be seen.

    Args:
        rgba: Straight alpha, shape (height, width, 4).
    """
    box = shown_box(rgba)
    if box is None:
        return None
    left, top = max(box.x - REACH, 0), max(box.y - REACH, 0)
    part = np.ascontiguousarray(rgba[top : box.bottom + REACH, left : box.right + REACH])
    after = _PAD_AFTER + -part.shape[1] % CELL
    padded = cv2.copyMakeBorder(part, _PAD_BEFORE, _PAD_BEFORE, _PAD_BEFORE, after, cv2.BORDER_REPLICATE)
    planes = _premultiplied(np.asarray(padded, np.uint8))
    return Plate(planes, _cells(planes[3]), left - _PAD_BEFORE, top - _PAD_BEFORE)


def _premultiplied(rgba: Rgba8) -> Bytes:
    planes = np.empty((4, *rgba.shape[:2]), np.uint8)
    for channel in range(4):
        cv2.extractChannel(rgba, channel, planes[channel])
    if planes[3].min() < 255:
        for channel in range(3):
            planes[channel] = cv2.multiply(planes[channel], planes[3], scale=1 / 255)
    return planes


def _cells(alpha: Bytes) -> Bytes:
    """See `Plate.cells`; shape (rows, columns / CELL)."""
    window = np.ones((ROW_TAPS, _WINDOW), np.uint8)
    low = cv2.erode(alpha, window, anchor=(0, 0))[:, ::CELL]
    high = cv2.dilate(alpha, window, anchor=(0, 0))[:, ::CELL]
    return np.where(high == 0, EMPTY, np.where(low == 255, SOLID, MIXED)).astype(np.uint8)
