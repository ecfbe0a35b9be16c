"""How alike two pictures look at a glance: a hash of their layout, and the distance of their colours.

The hash is the sign of the lowest frequencies of a discrete cosine transform (pHash: Zauner, "Implementation and Benchmarking
of Perceptual Image Hash Functions", 2010): it holds still under noise, blur and resizing. It knows nothing of colour, which is
compared on a coarse grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8

HASH_SIDE = 8
_REDUCED = 32
_GRID = 8


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What is compared of a picture."""

    bits: NDArray[np.bool_]
    """Shape (64,)."""
    colours: NDArray[np.float32]
    """CIE L*a*b* of 8 × 8 fields, shape (64, 3)."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far two pictures are from each other."""

    hash_bits: int
    """Bits of the hash that differ, 0 to 64."""
    colour: float
    """Mean ΔE*ab (CIE 1976) over the fields, 0 to about 100."""


def signature(picture: Rgb8) -> Signature:
    """The signature of a picture, shape (h, w, 3)."""
    unit = picture.astype(np.float32) / 255
    grey = cv2.resize(cv2.cvtColor(unit, cv2.COLOR_RGB2GRAY), (_REDUCED, _REDUCED), interpolation=cv2.INTER_AREA)
    low = np.asarray(cv2.dct(grey))[:HASH_SIDE, :HASH_SIDE].flatten()
    fields = cv2.resize(unit, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    colours = np.asarray(cv2.cvtColor(fields, cv2.COLOR_RGB2LAB), np.float32).reshape(-1, 3)
    # The first coefficient is the mean brightness, which would move the median.
    return Signature(low > np.median(low[1:]), colours)


def likeness(one: Signature, other: Signature) -> Likeness:
    """How far two pictures of the same format are from each other."""
    bits = int(np.count_nonzero(one.bits != other.bits))
    return Likeness(bits, float(np.linalg.norm(one.colours - other.colours, axis=1).mean()))
