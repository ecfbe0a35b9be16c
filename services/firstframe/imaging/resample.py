"""Downscaling in linear light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firstframe.core.media import PixelSize, Rgb8

Floats = NDArray[np.float32]


def linear_of(code: Floats) -> Floats:
    """Linear light of sRGB code values, both 0 to 1 and of any shape (IEC 61966-2-1)."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def code_of(linear: Floats) -> Floats:
    """The sRGB code values of linear light, both 0 to 1 and of any shape (IEC 61966-2-1)."""
    light = np.clip(linear, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


_LINEAR = linear_of(np.linspace(0, 1, 256, dtype=np.float32))


def shrunk(picture: Rgb8, box: tuple[float, float, float, float], size: PixelSize) -> Floats:
    """Part of a picture at a smaller size, by a Lanczos filter over linear light.

    Mixing code values instead would darken fine bright detail. At the same size the part is taken as it is.

    Args:
        picture: Shape (h, w, 3).
        box: Left, top, right and bottom edge of the part, in pixels; whole numbers when the size does not change.
        size: Size of the result, at most that of the part.

    Returns:
        The sRGB code values, 0 to 1, shape (height, width, 3).
    """
    left, top, right, bottom = box
    if (right - left, bottom - top) == (size.width, size.height):
        part = picture[round(top) : round(bottom), round(left) : round(right)]
        return part.astype(np.float32) / np.float32(255)
    rows = slice(max(int(top) - 1, 0), int(np.ceil(bottom)) + 1)
    inner = (left, top - rows.start, right, bottom - rows.start)
    planes = [_plane(picture[rows, :, channel], inner, size) for channel in range(3)]
    return code_of(np.stack(planes, -1))


def _plane(plane: NDArray[np.uint8], box: tuple[float, float, float, float], size: PixelSize) -> Floats:
    # Pillow filters by the true scale, so that nothing aliases; OpenCV's Lanczos does not widen when it shrinks.
    light = Image.fromarray(_LINEAR[plane])
    return np.asarray(light.resize((size.width, size.height), Image.Resampling.LANCZOS, box=box), np.float32)
