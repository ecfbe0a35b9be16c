"""Where the words of a generated set stand in its picture: the part of the bottle's label that has type on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelRect
from firstframe.sets.bottle import TYPE_ACROSS
from firstframe.sets.label import TYPE_DOWN


def type_area(label: NDArray[np.bool_]) -> PixelRect | None:
    """The part of a label in which its type is set, below the mark and above the lower rule.

    A label goes round its bottle, so that its upper and lower edges are arcs; they are taken from the column in the middle.

    Args:
        label: Where the picture shows the label, shape (h, w).

    Returns:
        Pixels of the picture; None where the label is hidden.
    """
    columns = np.flatnonzero(label.any(0))
    rows = np.flatnonzero(label[:, int(columns[len(columns) // 2])]) if columns.size else columns
    if not rows.size:
        return None
    left, right = _part(columns, TYPE_ACROSS)
    top, bottom = _part(rows, TYPE_DOWN)
    return PixelRect(left, top, right - left, bottom - top)


def _part(places: NDArray[np.intp], shares: tuple[float, float]) -> tuple[int, int]:
    first, extent = int(places[0]), int(places[-1]) + 1 - int(places[0])
    return first + round(shares[0] * extent), first + round(shares[1] * extent)
