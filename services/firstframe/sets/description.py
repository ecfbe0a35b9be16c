"""Generated sets written down, so that whoever films one builds the same again."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from firstframe.core.canonical import canonical_json
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize, Rgba8
from firstframe.sets.brands import MAX_MARK_PIXELS, Brand, BrandColours
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
    except (ValueError, KeyError, TypeError):
        raise InvalidInput.at(field, "is no description of a set", "send the hero as imagegen gave it") from None
    if version != VERSION:
        problem = f"was built by version {version!r} of the sets, and this server builds version {VERSION}"
        raise InvalidInput.at(field, problem, "make the hero again")
    try:
        return _request(values)
    except (ValueError, KeyError, TypeError):
        raise InvalidInput.at(field, "is a damaged description of a set", "make the hero again") from None


def _request(values: Mapping[str, Any]) -> SetRequest:
    width, height = map(int, values["size"])
    return SetRequest(
        scene=str(values["scene"]),
        palette=str(values["palette"]),
        copy=str(values["copy"]),
        tagline=str(values["tagline"]),
        size=PixelSize(width, height),
        seed=int(values["seed"]),
        quality=Quality(values["quality"]),
        brand=_brand(values["brand"]) if values["brand"] else None,
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


def _brand(values: Mapping[str, Any]) -> Brand:
    names = ("ground", "product", "accent", "paper", "ink")
    colours = BrandColours(*(str(values[name]) for name in names))
    mark = None if values["mark"] is None else _picture(values["mark"])
    return Brand(colours, str(values["font"]), float(values["clear_space"]), mark)


def _picture_text(mark: Rgba8) -> str:
    data = cv2.imencode(".png", cv2.cvtColor(mark, cv2.COLOR_RGBA2BGRA))[1]
    return base64.b64encode(data.tobytes()).decode("ascii")


def _picture(text: str) -> Rgba8:
    coded = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    found = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED)
    if found is None or found.ndim != 3 or found.shape[2] != 4 or found.shape[0] * found.shape[1] > MAX_MARK_PIXELS:
        raise ValueError("no mark")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGRA2RGBA), np.uint8)
