"""Generated sets written down, so that whoever films one builds the same again."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import cv2

from firstframe.core.canonical import canonical_json
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize, Rgba8
from firstframe.core.seeds import MAX_SEED
from firstframe.core.sets import MAX_COPY, MAX_TAGLINE, check_font, check_palette, check_scene, check_staging
from firstframe.imaging import png
from firstframe.sets.brands import MAX_CLEAR_SPACE, MAX_MARK_PIXELS, Brand, BrandColours, check_colours
from firstframe.sets.requests import VERSION, SetRequest

MEDIA_TYPE = "application/vnd.firstframe.set+json"
MAX_BYTES = 32 * 1024 * 1024


def describe(request: SetRequest) -> bytes | None:
    """The set as canonical JSON; None for one with a product of the caller's, whose file is not kept with it."""
    if request.product is not None:
        return None
    return canonical_json(
        {
            "version": VERSION,
            "scene": request.scene,
            "palette": request.palette,
            "copy": request.copy,
            "tagline": request.tagline,
            "size": [request.size.width, request.size.height],
            "seed": request.seed,
            "quality": request.quality.value,
            "staging": request.staging,
            "brand": _brand_values(request.brand) if request.brand else None,
        }
    )


def described(data: bytes, *, field: str) -> SetRequest:
    """The set of a description.

    Args:
        data: As `describe` wrote it.
        field: What an error names.

    Raises:
        InvalidInput: It is no description, or one of another version.
    """
    try:
        values = json.loads(data)
        version = values["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidInput.at(field, "is no description of a set", "send the hero as imagegen gave it") from None
    if version != VERSION:
        problem = f"was built by version {version!r} of the sets, and this server builds version {VERSION}"
        raise InvalidInput.at(field, problem, "make the hero again")
    try:
        return _checked(_request(values, field), field)
    except (ValueError, KeyError, TypeError, OverflowError):
        raise InvalidInput.at(field, "is a damaged description of a set", "make the hero again") from None


def _checked(made: SetRequest, field: str) -> SetRequest:
    """The set, when imagegen would have built it: whoever can write to the store can write a description."""
    check_scene(made.scene, field=field)
    check_palette(made.palette, branded=made.brand is not None, field=field)
    check_staging(made.staging, field=field)
    if not 0 <= made.seed <= MAX_SEED or len(made.copy) > MAX_COPY or len(made.tagline) > MAX_TAGLINE:
        raise ValueError("out of range")
    if made.brand is not None:
        check_font(made.brand.font, field=field)
        check_colours(made.brand.colours, field=field)
        if not 0 <= made.brand.clear_space <= MAX_CLEAR_SPACE:
            raise ValueError("out of range")
    return made


def _request(values: Mapping[str, Any], field: str) -> SetRequest:
    width, height = map(int, values["size"])
    return SetRequest(
        scene=str(values["scene"]),
        palette=str(values["palette"]),
        copy=str(values["copy"]),
        tagline=str(values["tagline"]),
        size=PixelSize(width, height),
        seed=int(values["seed"]),
        quality=Quality(values["quality"]),
        brand=_brand(values["brand"], field) if values["brand"] else None,
        staging=int(values["staging"]),
    )


def _brand_values(brand: Brand) -> dict[str, Any]:
    colours = brand.colours
    return {
        "ground": colours.ground,
        "product": colours.product,
        "accent": colours.accent,
        "paper": colours.paper,
        "ink": colours.ink,
        "font": brand.font,
        "clear_space": brand.clear_space,
        "mark": None if brand.mark is None else _picture_text(brand.mark),
    }


def _brand(values: Mapping[str, Any], field: str) -> Brand:
    names = ("ground", "product", "accent", "paper", "ink")
    colours = BrandColours(*(str(values[name]) for name in names))
    mark = None if values["mark"] is None else _picture(values["mark"], field)
    return Brand(colours, str(values["font"]), float(values["clear_space"]), mark)


def _picture_text(mark: Rgba8) -> str:
    data = cv2.imencode(".png", cv2.cvtColor(mark, cv2.COLOR_RGBA2BGRA))[1]
    return base64.b64encode(data.tobytes()).decode("ascii")


def _picture(text: str, field: str) -> Rgba8:
    data = base64.b64decode(text, validate=True)
    size = png.size_of(data, field)
    if size.pixels > MAX_MARK_PIXELS:
        raise ValueError("no mark")
    return png.decoded(data, field, size, png.RGBA)
