"""R'G'B' to Y'CbCr and back: BT.709 matrix, limited range, 10 bits.

ITU-R BT.709-6 (06/2015), items 3.2 to 3.5: K_R = 0.2126, K_B = 0.0722; at n bits Y' = (219 Y + 16) · 2^(n−8) and
C = (224 C + 128) · 2^(n−8). Values are converted as they are encoded: the transfer curve is not touched.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.ports.video import Planes10, Rgb16, RgbFrame

K_RED = 0.2126
K_BLUE = 0.0722
FULL_SCALE = 65535.0
LUMA_RANGE = 219 * 4
CHROMA_RANGE = 224 * 4
OFFSETS = (16.0 * 4, 128.0 * 4, 128.0 * 4)


@cache
def forward_matrix() -> NDArray[np.float64]:
    """Shape (3, 4): from R'G'B' of 0 to 65535, with a one appended, to 10-bit Y'CbCr."""
    luma = np.array([K_RED, 1 - K_RED - K_BLUE, K_BLUE])
    blue = (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - K_BLUE))
    red = (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - K_RED))
    scaled = np.stack([luma * LUMA_RANGE, blue * CHROMA_RANGE, red * CHROMA_RANGE]) / FULL_SCALE
    return np.column_stack([scaled, OFFSETS])


@cache
def inverse_matrix() -> NDArray[np.float64]:
    """Shape (3, 4): from 10-bit Y'CbCr, with a one appended, to R'G'B' of 0 to 65535."""
    inverse = np.linalg.inv(forward_matrix()[:, :3])
    return np.column_stack([inverse, -inverse @ np.array(OFFSETS)])


def to_ycbcr(frame: RgbFrame) -> NDArray[np.uint16]:
    """Frame as 10-bit Y'CbCr, shape (height, width, 3), rounded to nearest.

    Raises:
        InvalidInput: The frame is neither uint8 nor uint16.
    """
    import cv2

    return cast("NDArray[np.uint16]", cv2.transform(_full_scale(frame), forward_matrix()))


def to_rgb(planes: Planes10) -> Rgb16:
    """Frame as R'G'B', 0 to 65535; what lies outside of the RGB cube is clipped to it."""
    import cv2

    return cast("Rgb16", cv2.transform(cv2.merge(planes), inverse_matrix()))


def _full_scale(frame: RgbFrame) -> NDArray[np.uint16]:
    if frame.dtype == np.uint16:
        return cast("NDArray[np.uint16]", frame)
    if frame.dtype == np.uint8:
        return frame.astype(np.uint16) * np.uint16(257)
    raise InvalidInput.at("frames", f"{frame.dtype} values", "give uint8 or uint16")
