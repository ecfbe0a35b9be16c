"""Where a hero of a brief comes from: a set, a photograph or a prompt, decoded and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.regions import check_regions
from firstframe.core.sets import MAX_COPY, MAX_TAGLINE, check_staging
from firstframe.orchestrator.brief import (
    BRAND_COLOURS,
    MAX_CLEAR_SPACE,
    MAX_COLOUR_CHARACTERS,
    MAX_GUIDANCE,
    MAX_PRODUCT_M,
    MAX_STEPS,
    MAX_STILL_PART_CHARACTERS,
    MAX_STILL_PROMPT_CHARACTERS,
    MAX_TURN_DEG,
    MIN_PRODUCT_M,
    PromptBrief,
)
from firstframe.orchestrator.decode.values import artifact_source, meaning, name_of, one_line
from firstframe.orchestrator.plan import (
    ArtifactSource,
    BrandSource,
    CutoutPolicy,
    CutoutSource,
    ModelSource,
    PhotoSource,
    ReframePolicy,
    SetSource,
)

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")

_REFRAMES: Mapping[int, ReframePolicy] = {
    imagegen_pb2.REFRAME_UNSPECIFIED: ReframePolicy.CROP,
    imagegen_pb2.REFRAME_CROP: ReframePolicy.CROP,
    imagegen_pb2.REFRAME_EXTEND: ReframePolicy.EXTEND,
}
_CUTOUTS: Mapping[int, CutoutPolicy] = {
    imagegen_pb2.CUTOUT_MATTE_UNSPECIFIED: CutoutPolicy.AUTO,
    imagegen_pb2.CUTOUT_MATTE_AUTO: CutoutPolicy.AUTO,
    imagegen_pb2.CUTOUT_MATTE_ALPHA: CutoutPolicy.ALPHA,
    imagegen_pb2.CUTOUT_MATTE_LEARNED: CutoutPolicy.LEARNED,
}
_Z_UP: Mapping[int, bool] = {
    imagegen_pb2.UP_AXIS_UNSPECIFIED: False,
    imagegen_pb2.UP_AXIS_Y: False,
    imagegen_pb2.UP_AXIS_Z: True,
}
"""What each value of the contract's enumerations means; one that is not said is the careful choice."""


def source_of(message: campaigns_pb2.HeroBrief, field: str) -> SetSource | PhotoSource | PromptBrief:
    """Decodes where a hero comes from; `field` is the hero's.

    Raises:
        InvalidInput: It has no source, or a field of it is wrong.
    """
    match message.WhichOneof("source"):
        case "set":
            return _set(message.set, f"{field}.set")
        case "photograph":
            return _photograph(message.photograph, f"{field}.photograph")
        case "prompt":
            return _prompt(message.prompt, f"{field}.prompt")
        case _:
            raise InvalidInput.at(field, "has no picture", "give it a `set`, a `photo` or a `prompt`")


def _set(message: imagegen_pb2.ProductSet, field: str) -> SetSource:
    for part in ("scene", "palette"):
        name_of(getattr(message, part), f"{field}.{part}")
    one_line(message.copy, f"{field}.copy", MAX_COPY)
    one_line(message.tagline, f"{field}.tagline", MAX_TAGLINE)
    brand = _brand(message.brand, f"{field}.brand") if message.HasField("brand") else None
    product = _product(message, field)
    staging = check_staging(message.staging, field=f"{field}.staging")
    return SetSource(message.scene, message.palette, message.copy, message.tagline, brand, product, staging)


def _product(message: imagegen_pb2.ProductSet, field: str) -> ModelSource | CutoutSource | None:
    kind = message.WhichOneof("product")
    if kind is None:
        return None
    for part in ("copy", "tagline"):
        if getattr(message, part):
            raise InvalidInput.at(f"{field}.{part}", f"a {kind} has no label to print it on", "leave it out")
    if kind == "model":
        return _model(message.model, f"{field}.model")
    return CutoutSource(
        artifact_source(message.cutout.image, f"{field}.cutout.image"),
        meaning(message.cutout, "matte", _CUTOUTS, f"{field}.cutout.matte"),
        _height(message.cutout.height_m, f"{field}.cutout.height_m"),
    )


def _model(message: imagegen_pb2.Model, field: str) -> ModelSource:
    if not -MAX_TURN_DEG <= message.turn_deg <= MAX_TURN_DEG:
        raise InvalidInput.at(f"{field}.turn_deg", f"{message.turn_deg:g} is out of range", "use -360 to 360")
    return ModelSource(
        artifact_source(message.mesh, f"{field}.mesh"),
        meaning(message, "up", _Z_UP, f"{field}.up"),
        message.turn_deg,
        _height(message.height_m, f"{field}.height_m"),
        name_of(message.material, f"{field}.material") if message.material else "",
        one_line(message.colour, f"{field}.colour", MAX_COLOUR_CHARACTERS),
    )


def _height(value: float, field: str) -> float:
    if value != 0 and not MIN_PRODUCT_M <= value <= MAX_PRODUCT_M:
        fix = f"use {MIN_PRODUCT_M:g} to {MAX_PRODUCT_M:g} metres, or leave it out to fit the stand"
        raise InvalidInput.at(field, f"{value:g} is out of range", fix)
    return value


def _brand(message: imagegen_pb2.Brand, field: str) -> BrandSource:
    colours = {name: _colour(getattr(message, name), f"{field}.{name}") for name in BRAND_COLOURS}
    if not 0 <= message.clear_space <= MAX_CLEAR_SPACE:
        raise InvalidInput.at(f"{field}.clear_space", f"{message.clear_space:g} is out of range", "use 0 to 2")
    return BrandSource(
        font=name_of(message.font, f"{field}.font") if message.font else "",
        logo=artifact_source(message.logo, f"{field}.logo") if message.HasField("logo") else None,
        clear_space=message.clear_space,
        **colours,
    )


def _colour(value: str, field: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise InvalidInput.at(field, f"{value!r} is not a colour", "use # and six hexadecimal digits")
    return value


def _photograph(message: imagegen_pb2.Photograph, field: str) -> PhotoSource:
    image = artifact_source(message.image, f"{field}.image")
    policy = meaning(message, "reframe", _REFRAMES, f"{field}.reframe")
    focus = _focus(message.focus, f"{field}.focus") if message.HasField("focus") else None
    return PhotoSource(
        image.digest,
        image.media_type,
        image.size_bytes,
        policy,
        focus,
        matte=artifact_source(message.matte, f"{field}.matte") if message.HasField("matte") else None,
        inverse_depth=artifact_source(message.inverse_depth, f"{field}.inverse_depth")
        if message.HasField("inverse_depth")
        else None,
        partner=_partner(message, field) if message.HasField("partner") else None,
        regions=_regions(message, f"{field}.regions"),
    )


def _regions(message: imagegen_pb2.Photograph, field: str) -> tuple[tuple[str, ArtifactSource], ...]:
    check_regions([region.name for region in message.regions], field=field)
    return tuple(
        (region.name, artifact_source(region.mask, f"{field}[{index}].mask"))
        for index, region in enumerate(message.regions)
    )


def _partner(message: imagegen_pb2.Photograph, field: str) -> ArtifactSource:
    """A second portrait, which is found by models: what an owner says of one photograph is refused beside it."""
    for name in ("focus", "matte", "inverse_depth"):
        if message.HasField(name):
            raise InvalidInput.at(f"{field}.{name}", "stands beside a partner, who is found by models", "leave it out")
    if message.regions:
        problem = "stand beside a partner, and are drawn on one photograph"
        raise InvalidInput.at(f"{field}.regions", problem, "leave them out")
    if message.reframe == imagegen_pb2.REFRAME_EXTEND:
        raise InvalidInput.at(f"{field}.reframe", "extends a photograph that has a partner", "leave it out")
    partner = artifact_source(message.partner, f"{field}.partner")
    if partner.digest == message.image.digest:
        raise InvalidInput.at(f"{field}.partner", "is the same picture", "name a portrait of the other person")
    return partner


def _prompt(message: campaigns_pb2.PromptBrief, field: str) -> PromptBrief:
    if not message.text.strip():
        raise InvalidInput.at(f"{field}.text", "is missing", "say what is to be seen")
    words = {
        name: one_line(getattr(message, name), f"{field}.{name}", MAX_STILL_PART_CHARACTERS)
        for name in ("style", "foreground", "midground", "background")
    }
    reference = artifact_source(message.reference, f"{field}.reference") if message.HasField("reference") else None
    return PromptBrief(
        text=one_line(message.text, f"{field}.text", MAX_STILL_PROMPT_CHARACTERS),
        negative=one_line(message.negative_text, f"{field}.negative_text", MAX_STILL_PROMPT_CHARACTERS),
        pack=name_of(message.pack, f"{field}.pack") if message.pack else "",
        steps=_in_range(message.steps, f"{field}.steps", 0, MAX_STEPS),
        guidance=_guidance(message, field),
        reference=reference,
        strength=_still_strength(message.strength, f"{field}.strength", with_reference=reference is not None),
        **words,
    )


def _in_range(value: int, field: str, least: int, most: int) -> int:
    if not least <= value <= most:
        raise InvalidInput.at(field, f"{value} is out of range", f"use {least} to {most}")
    return value


def _guidance(message: campaigns_pb2.PromptBrief, field: str) -> float | None:
    if not message.HasField("guidance"):
        return None
    if not 0 <= message.guidance <= MAX_GUIDANCE:
        raise InvalidInput.at(
            f"{field}.guidance", f"{message.guidance:g} is out of range", f"use 0 to {MAX_GUIDANCE:g}"
        )
    return message.guidance


def _still_strength(value: float, field: str, *, with_reference: bool) -> float:
    if with_reference and not 0 < value <= 1:
        raise InvalidInput.at(field, f"{value:g} is out of range", "use more than 0 and at most 1")
    if value and not with_reference:
        raise InvalidInput.at(field, "has nothing to work on", "give a reference, or leave it out")
    return value


def _focus(message: imagegen_pb2.FocusPoint, field: str) -> tuple[float, float]:
    for axis, value in (("x", message.x), ("y", message.y)):
        if not 0 <= value <= 1:
            raise InvalidInput.at(f"{field}.{axis}", f"{value:g} is out of range", "use 0 to 1")
    return (message.x, message.y)
