"""Masks and depth maps of strangers: pictures that carry one number for each pixel."""

from __future__ import annotations

import numpy as np
from PIL import Image

from firstframe.adapters.pictures import loaded, wrong
from firstframe.core.media import Levels

_GREY = 6.0
"""Mean difference of the channels, in levels of 8 bits, up to which a picture counts as grey: JPEG's own error."""
_LOOKED_AT = 1024
"""Longer side, in pixels, at which it is seen whether a picture is grey."""
_SHEER = 0.02
"""Share of pixels that are not opaque from which a picture's transparency is what it tells."""


def decode_levels(data: bytes, *, field: str, transparency: bool) -> Levels:
    """Decodes a picture of greys; its values are taken as they are, without any colour profile.

    Args:
        data: The file.
        field: Field to name in errors.
        transparency: Whether a picture that is partly transparent tells by its alpha instead, as cut-outs do.

    Raises:
        InvalidInput: As `firstframe.adapters.pictures.decode`; also when it is a picture of colours.
    """
    picture = loaded(data, field)
    if transparency and (alpha := _alpha(picture)) is not None:
        return alpha
    if picture.mode.startswith("I"):  # 16 bits
        return np.clip(np.asarray(picture, np.float32) / 65535, 0, 1)
    if picture.mode not in ("L", "LA"):
        _check_grey(picture, field)
    levels = np.array(
        picture.convert("L"), np.float32
    )  # only now: three channels of floats do not fit for 80 megapixels
    levels /= 255
    return levels


def _check_grey(picture: Image.Image, field: str) -> None:
    """Refuses colours.

    Raises:
        InvalidInput: It is a picture of colours.
    """
    small = np.asarray(_shrunken(picture).convert("RGB"), np.float32)
    if float((small.max(axis=2) - small.min(axis=2)).mean()) > _GREY:
        raise wrong(field, "is a picture of colours", "give one of greys")


def _shrunken(picture: Image.Image) -> Image.Image:
    """Some of its pixels, evenly spaced, as they are: averages of colours may be grey."""
    share = max(picture.size) / _LOOKED_AT
    if share <= 1:
        return picture
    size = (max(1, round(picture.width / share)), max(1, round(picture.height / share)))
    return picture.resize(size, Image.Resampling.NEAREST)


def _alpha(picture: Image.Image) -> Levels | None:
    """The transparency, where a picture has some."""
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode not in ("RGBA", "LA"):
        return None
    alpha = np.asarray(picture.getchannel("A"), np.float32) / np.float32(255)
    return alpha if float((alpha < 1).mean()) > _SHEER else None
