"""What time did to a photograph, taken back: marks are mended, and what has faded gets its range of tones again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.portrait.paper import Paper

Floats = NDArray[np.float32]

_DARKEST, _LIGHTEST = 12.0, 246.0
"""Levels to which the ends of a faded photograph's range are brought."""
_ENDS = 0.3, 99.7
_MOST_GAIN = 1.6
_MIDDLE = 127.0


class Restoration:
    """What is done to every frame of a photograph.

    The tone of the paper, such as sepia, stays: its range is widened in all channels by one curve.

    Args:
        photo: Shape (h, w, 3).
        paper: What its paper is.
    """

    def __init__(self, photo: Rgb8, paper: Paper) -> None:
        self._marks = np.asarray((photo - paper.picture) * paper.marks[..., None], np.float32)
        mended = photo - self._marks
        low, high = (float(value) for value in np.percentile(mended.mean(axis=-1), _ENDS))
        self._gain = float(np.clip((_LIGHTEST - _DARKEST) / max(high - low, 1.0), 1.0, _MOST_GAIN))
        self._middle = (low + high) / 2
        self._to = self._middle + (_MIDDLE - self._middle) * (0.5 if self._gain > 1 else 0.0)

    def applied(self, frame: Floats, share: float) -> Floats:
        """A frame without the marks, its tones widened, shape (h, w, 3), levels of 255.

        Args:
            frame: Of the photograph, its marks where they were.
            share: How much of it, 0 to 1.
        """
        part = np.float32(share)
        mended = frame - part * self._marks
        wide = np.float32(self._to) + (mended - np.float32(self._middle)) * np.float32(self._gain)
        return np.asarray(np.clip(mended + (wide - mended) * part, 0, 255), np.float32)
