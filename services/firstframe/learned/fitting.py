"""Pictures brought to the size that a pipeline works at, and what it made brought back to the format's ratio."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.core.media import PixelRect, PixelSize, Rgb8
from firstframe.imaging.resample import shrunk
from firstframe.learned.native import NativeShot


def fitted(picture: Rgb8, shot: NativeShot, *, field: str) -> Rgb8:
    """A picture of the format at the size that the pipeline works at: where that has another ratio, edges are mirrored.

    What is mirrored is what `trimmed` cuts off, so that nothing of the picture is lost or distorted.

    Args:
        picture: Shape (h, w, 3), of the format's ratio to half a pixel.
        shot: See `native_shot`.
        field: Where the picture stands in the request.

    Raises:
        InvalidInput: The picture has another ratio.
    """
    height, width = picture.shape[:2]
    if abs(width * shot.size.height - height * shot.size.width) > max(shot.size.width, shot.size.height) / 2:
        problem = f"is {width}×{height}, which has not the ratio of {shot.size}"
        raise InvalidInput.at(field, problem, "reframe it to the format first")
    inner = resized(picture, shot.size)
    kept = shot.kept
    below, right = shot.made.height - kept.bottom, shot.made.width - kept.right
    return np.pad(inner, ((kept.y, below), (kept.x, right), (0, 0)), mode="reflect")


def resized(picture: Rgb8, size: PixelSize) -> Rgb8:
    """A picture at another size, Lanczos: in linear light where it shrinks, in code values where it grows."""
    height, width = picture.shape[:2]
    if width >= size.width and height >= size.height:
        return np.rint(shrunk(picture, (0, 0, width, height), size) * 255).astype(np.uint8)
    return np.asarray(Image.fromarray(picture).resize((size.width, size.height), Image.Resampling.LANCZOS))


def trimmed(frames: NDArray[Any], rect: PixelRect) -> NDArray[Any]:
    """A part of each picture; rows and columns are the third and second axis from the end."""
    return frames[..., rect.y : rect.bottom, rect.x : rect.right, :]


def check_made(frames: NDArray[Any], size: PixelSize, count: int) -> None:
    """Makes sure that a pipeline made what it was asked for: libraries round sizes and lengths without a word.

    Args:
        frames: Shape (count, height, width, 3).
        size: What was asked for.
        count: How many were asked for.

    Raises:
        PreconditionFailed: `MODEL_MISMATCH`, it made something else.
    """
    if frames.shape != (count, size.height, size.width, 3):
        made = f"{frames.shape[0]} of {frames.shape[2]}×{frames.shape[1]}"
        problem = f"the pipeline made {made}, not {count} of {size}; correct the pack's native sizes or frames"
        raise PreconditionFailed(problem, reason="MODEL_MISMATCH")
