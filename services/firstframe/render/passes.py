"""What a tracer is asked for, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelRect

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pass:
    """What to render: a part of the frame for one layer."""

    layer: int
    """Index into `LAYER_ORDER`."""
    region: PixelRect
    """Part of the frame, in pixels of a picture of `width`×`height`."""
    width: int
    height: int
    spp: int
    max_depth: int
    """Longest light path in surfaces."""
    seed: int
    without_product: bool = False
    """Whether the product is looked through, as nearer layers are."""


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Shares of the samples of each pixel, 0 to 1, shape (height, width) of the pass's region."""

    alpha: Floats
    """Hit the layer, or its patch of floor."""
    product: Floats
    """Hit the product; of a card, by its alpha."""
    footprint: Floats
    """Hit floor on which something of a nearer layer stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Means over the samples of each pixel, linear light; shape (height, width, 3) of the pass's region."""

    colour: Floats
    """Premultiplied with the coverage's alpha, as the other two."""
    albedo: Floats
    normal: Floats
    coverage: Coverage


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """Where things are in a picture; both of shape (height, width)."""

    inverse_depth: Floats
    """1/m along the axis of the camera; 0 at infinity."""
    objects: NDArray[np.uint8]
    """Number of the object, from 1 in the order of the design's items; 0 is none."""
