"""Numbers of the network that cuts out subjects (the pack `isnet-matting`): what it is shown, what it answers."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8

Floats = NDArray[np.float32]

MATTING = "isnet-matting"
"""Name of the pack and of its one model."""
SIDE_PX = 1024
INPUT, OUTPUT = "input", "output"


def matting_input(picture: Rgb8) -> Floats:
    """The network's input, about -0.5 to 0.5, shape (1, 3, 1024, 1024): the picture stretched to a square."""
    way = cv2.INTER_AREA if max(picture.shape[:2]) > SIDE_PX else cv2.INTER_LINEAR
    square = np.asarray(cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=way), np.float32)
    return np.ascontiguousarray(((square - 128) / 256).transpose(2, 0, 1)[None])


def matte_of(output: NDArray[Any]) -> Floats:
    """The matte in the network's output, 0 to 1, shape (1024, 1024): over the whole picture, stretched to a square."""
    return np.asarray(np.clip(output[0, 0], 0, 1), np.float32)
