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


def restored(photo: Rgb8, paper: Paper) -> Floats:
    """What restoring adds to a photograph, shape (h, w, 3), levels of 255.

    The tone of the paper, such as sepia, stays: its range is widened in all channels by one curve.

    Args:
        photo: Shape (h, w, 3).
        paper: What its paper is.
    """
    seen = photo.astype(np.float32)
    mended = np.where(paper.marks[..., None], paper.picture, seen)
    low, high = (float(value) for value in np.percentile(mended.mean(axis=-1), _ENDS))
    gain = float(np.clip((_LIGHTEST - _DARKEST) / max(high - low, 1.0), 1.0, _MOST_GAIN))
    middle = (low + high) / 2
    target = middle + (127.0 - middle) * np.float32(0.5 if gain > 1 else 0)
    wide = target + (mended - middle) * np.float32(gain)
    return np.asarray(np.clip(wide, 0, 255) - seen, np.float32)
