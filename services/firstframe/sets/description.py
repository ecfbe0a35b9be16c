"""Generated sets written down, so that whoever films one builds the same again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import cv2

from firstframe.core.canonical import canonical_json
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize, Rgba8
from firstframe.core.seeds import MAX_SEED
from firstframe.core.sets import (
    MAX_COPY,
    MAX_TAGLINE,
    check_font,
    check_length,
    check_material,
    check_palette,
    check_scene,
    check_staging,
)
from firstframe.core.solids import Solid
from firstframe.imaging import png
from firstframe.sets.brands import MAX_CLEAR_SPACE, MAX_MARK_PIXELS, Brand, BrandColours, check_colours
from firstframe.sets.product_mesh import Finish, ModelProduct, UpAxis
from firstframe.sets.products import MAX_HEIGHT_M, MIN_HEIGHT_M
from firstframe.sets.requests import VERSION, SetRequest

MEDIA_TYPE = "application/vnd.firstframe.set+json"
MAX_BYTES = 32 * 1024 * 1024
MAX_TURN_DEG = 360.0


@dataclass(frozen=True, slots=True)
class ModelNote:
    """A caller's model, by its file."""

    digest: str
    size_bytes: int
    up: UpAxis
    turn_deg: float
    height_m: float
    finish: Finish

    def product(self, solid: Solid) -> ModelProduct:
        """The product that the file gives."""
        return ModelProduct(solid, self.up, self.turn_deg, self.height_m, self.finish)


ReadMesh = Callable[[ModelNote], Solid]
"""Reads a model's file."""


def describe(request: SetRequest, model: ModelNote | None = None) -> bytes | None:
    """The set as canonical JSON; None for one with a cut-out, which is flat and shows nothing new from elsewhere.

    Args:
        request: What was built.
        model: The caller's model on it.
    """
    if request.product is not None and model is None:
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
            **({"model": _model_values(model)} if model else {}),
        }
    )


def described(data: bytes, *, field: str, read_mesh: ReadMesh) -> SetRequest:
    """The set of a description.

    Args:
        data: As `describe` wrote it.
        field: What an error names.
        read_mesh: Reads the file of a caller's model.

    Raises:
        InvalidInput: It is no description, or one of another version. Else raises as `read_mesh`.
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
        made = _checked(_request(values, field), field)
        model = _model(values["model"], field) if "model" in values else None
    except (ValueError, KeyError, TypeError, OverflowError):
        raise InvalidInput.at(field, "is a damaged description of a set", "make the hero again") from None
    return made if model is None else replace(made, product=model.product(read_mesh(model)))


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


def _model_values(model: ModelNote) -> dict[str, Any]:
    return {
        "digest": model.digest,
        "size_bytes": model.size_bytes,
        "up": model.up,
        "turn_deg": model.turn_deg,
        "height_m": model.height_m,
        "material": model.finish.material,
        "colour": model.finish.colour,
    }


def _model(values: Mapping[str, Any], field: str) -> ModelNote:
    up, turn, size = values["up"], float(values["turn_deg"]), int(values["size_bytes"])
    height = float(values["height_m"])
    upright = up in get_args(UpAxis) and abs(turn) <= MAX_TURN_DEG
    if not upright or not (height == 0 or MIN_HEIGHT_M <= height <= MAX_HEIGHT_M):
        raise ValueError("out of range")
    check_length(size, field=field)
    check_material(values["material"], values["colour"], field=field)
    return ModelNote(str(values["digest"]), size, up, turn, height, Finish(values["material"], values["colour"]))


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
