"""What a photograph's owner gives along with it: a mask of the subject, a map of its depth. Held against the photograph."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, Levels, PixelSize, same_shape
from firstframe.imagegen.photo_fields import DEPTH, MATTE

_LEAST = 0.001
"""Share of a mask that has to be the subject, and that has not to be."""
_RANGE = 0.02
"""Least difference between near and far in a map."""
_SPLITS = 0.02, 0.6
"""Share of the picture that what is near may have, to be taken for the subject."""


def checked_matte(matte: Levels, photo: PixelSize) -> Levels:
    """A mask that can be used.

    Raises:
        InvalidInput: It has another ratio than the photograph, or shows nothing, or everything.
    """
    _check_shape(matte, photo, MATTE)
    own = float((matte > 0.5).mean())
    if own < _LEAST:
        raise InvalidInput.at(
            MATTE, "shows no subject: nothing in it is white", "paint the subject white, the rest black"
        )
    if own > 1 - _LEAST:
        raise InvalidInput.at(MATTE, "is white everywhere", "paint the subject white, the rest black")
    return matte


def checked_depth(inverse: Levels, photo: PixelSize) -> Levels:
    """A map that can be used, its nearest point at 1.

    Raises:
        InvalidInput: It has another ratio than the photograph, or one value everywhere.
    """
    _check_shape(inverse, photo, DEPTH)
    low, high = float(inverse.min()), float(inverse.max())
    if high - low < _RANGE:
        raise InvalidInput.at(DEPTH, "has one value everywhere", "give lighter greys to what is nearer")
    return np.asarray(inverse / high, np.float32)


def checked_region(mask: Levels, photo: PixelSize, field: str) -> Grey8:
    """A drawn part of a photograph that can be used; it may be the whole.

    Returns:
        The mask, no larger than the photograph: there may be many of them, and all are kept until it is framed.

    Raises:
        InvalidInput: It has another ratio than the photograph, or shows nothing.
    """
    _check_shape(mask, photo, field)
    if float((mask > 0.5).mean()) < _LEAST:
        raise InvalidInput.at(field, "shows nothing: nothing in it is white", "paint the region white, the rest black")
    if mask.shape[1] > photo.width:
        mask = np.asarray(cv2.resize(mask, (photo.width, photo.height), interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray(np.rint(mask * np.float32(255)), np.uint8)


def near_part(inverse: Levels) -> Levels | None:
    """What stands out as nearer in a map, as a matte; None where near and far do not part.

    The map is split where that leaves the least variance on either side: Otsu, "A Threshold Selection Method from
    Gray-Level Histograms", IEEE Trans. SMC 9 (1979).
    """
    levels = np.rint(inverse * 255).astype(np.uint8)
    _, near = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    share = float((near > 0).mean())
    if not _SPLITS[0] <= share <= _SPLITS[1]:
        return None
    return np.asarray(near, np.float32) / np.float32(255)


def _check_shape(values: Levels, photo: PixelSize, field: str) -> None:
    size = PixelSize(values.shape[1], values.shape[0])
    if not same_shape(size, photo):
        raise InvalidInput.at(
            field, f"is {size} px, the photograph is {photo}", "export it with the photograph's ratio, over all of it"
        )
