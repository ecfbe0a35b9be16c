"""Decodes a brief of the contract and checks everything that can be known from the brief alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any, TypeVar

from google.protobuf.message import Message

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2
from firstframe.core.canonical import ARTIFACT_DIGEST
from firstframe.core.delivery import platform_named
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality, format_named
from firstframe.core.seeds import MAX_SEED
from firstframe.core.sets import MAX_COPY, MAX_TAGLINE, check_staging
from firstframe.orchestrator.brief import (
    BRAND_COLOURS,
    MAX_CLEAR_SPACE,
    MAX_CLIP_SECONDS,
    MAX_CLIPS,
    MAX_COLOUR_CHARACTERS,
    MAX_GUIDANCE,
    MAX_HEROES,
    MAX_LANES,
    MAX_PEOPLE,
    MAX_PRODUCT_M,
    MAX_STEPS,
    MAX_STILL_PART_CHARACTERS,
    MAX_STILL_PROMPT_CHARACTERS,
    MAX_TURN_DEG,
    MAX_VARIATIONS,
    MIN_PRODUCT_M,
    Approval,
    Brief,
    HeroBrief,
    PromptBrief,
    Visibility,
)
from firstframe.orchestrator.motion_decode import decode_motion, one_line
from firstframe.orchestrator.naming import CONSENT_ID, matched
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

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")

_APPROVALS: Mapping[int, Approval] = {
    campaigns_pb2.APPROVAL_POLICY_UNSPECIFIED: Approval.REQUIRED,
    campaigns_pb2.APPROVAL_POLICY_AUTO: Approval.AUTO,
    campaigns_pb2.APPROVAL_POLICY_REQUIRED: Approval.REQUIRED,
}
_VISIBILITIES: Mapping[int, Visibility] = {
    campaigns_pb2.VISIBILITY_UNSPECIFIED: Visibility.PRIVATE,
    campaigns_pb2.VISIBILITY_PRIVATE: Visibility.PRIVATE,
    campaigns_pb2.VISIBILITY_PUBLIC: Visibility.PUBLIC,
}
_QUALITIES: Mapping[int, Quality] = {
    imagegen_pb2.QUALITY_UNSPECIFIED: Quality.STANDARD,
    imagegen_pb2.QUALITY_DRAFT: Quality.DRAFT,
    imagegen_pb2.QUALITY_STANDARD: Quality.STANDARD,
    imagegen_pb2.QUALITY_FINE: Quality.FINE,
}
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

Item = TypeVar("Item")


def decode_brief(message: campaigns_pb2.Brief) -> Brief:
    """Checks a brief of the contract and gives it to the domain.

    Raises:
        InvalidInput: A field is wrong; `metadata["field"]` has its path, for example `heroes[0].set.copy`.
    """
    brief = Brief(
        campaign=_name(message.campaign, "campaign"),
        seed=_seed(message.seed, "seed"),
        heroes=_heroes(message.heroes),
        formats=_formats(message.formats),
        motion=decode_motion(message.motion),
        platforms=_platforms(message.platforms),
        approval=_known(message, "approval", _APPROVALS, "approval"),
        visibility=_known(message, "visibility", _VISIBILITIES, "visibility"),
        quality=_known(message, "quality", _QUALITIES, "quality"),
    )
    _check_lanes(brief)
    return brief


def _check_lanes(brief: Brief) -> None:
    lanes = len(brief.formats) * sum(hero.variations for hero in brief.heroes)
    if lanes > MAX_LANES:
        fix = f"at most {MAX_LANES}; make several campaigns of it"
        raise InvalidInput.at("heroes", f"heroes × variations × formats come to {lanes}", fix)
    clips = lanes * ceil(brief.motion.seconds / MAX_CLIP_SECONDS)
    if clips > MAX_CLIPS:
        problem = f"{lanes} lanes of {brief.motion.seconds:g} s come to {clips} clips"
        raise InvalidInput.at(
            "motion.seconds", problem, f"at most {MAX_CLIPS}; shorten the piece, or make several campaigns"
        )


def _name(value: str, field: str) -> str:
    if not _NAME.fullmatch(value):
        rule = "use 1 to 63 lower-case letters, digits and hyphens, starting with a letter"
        raise InvalidInput.at(field, f"{value!r} is not a name", rule)
    return value


def _seed(value: int, field: str) -> int:
    if not 0 <= value <= MAX_SEED:
        raise InvalidInput.at(field, f"{value} is out of range", f"use a whole number from 0 to {MAX_SEED}")
    return value


def _distinct(values: Sequence[Item], field: str, name: Callable[[Item], str]) -> None:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        first = seen.setdefault(name(value), index)
        if first != index:
            raise InvalidInput.at(
                f"{field}[{index}]", f"{name(value)!r} is there already, at {field}[{first}]", "drop one"
            )


def _count(values: Sequence[object], field: str, most: int) -> None:
    if not values:
        raise InvalidInput.at(field, "there is none", "give at least one")
    if len(values) > most:
        raise InvalidInput.at(field, f"there are {len(values)}", f"give at most {most}")


def _heroes(messages: Sequence[campaigns_pb2.HeroBrief]) -> tuple[HeroBrief, ...]:
    _count(messages, "heroes", MAX_HEROES)
    heroes = tuple(_hero(message, f"heroes[{index}]") for index, message in enumerate(messages))
    _distinct(heroes, "heroes", lambda hero: hero.name)
    return heroes


def _hero(message: campaigns_pb2.HeroBrief, field: str) -> HeroBrief:
    variations = message.variations or 1
    if not 1 <= variations <= MAX_VARIATIONS:
        raise InvalidInput.at(f"{field}.variations", f"{variations} is out of range", f"use 1 to {MAX_VARIATIONS}")
    source = _source(message, field)
    if variations > 1 and isinstance(source, PhotoSource):
        raise InvalidInput.at(f"{field}.variations", "a photograph has one take", "drop `variations` or use a set")
    seed = _seed(message.seed, f"{field}.seed") if message.HasField("seed") else None
    people = _people(message.people, f"{field}.people")
    return HeroBrief(_name(message.name, f"{field}.name"), variations, source, seed, people)


def _people(names: Sequence[str], field: str) -> tuple[str, ...]:
    if len(names) > MAX_PEOPLE:
        raise InvalidInput.at(field, f"there are {len(names)}", f"name at most {MAX_PEOPLE}")
    for index, name in enumerate(names):
        matched(CONSENT_ID, name, f"{field}[{index}]", "lower-case letters, digits and hyphens, as it was recorded")
    _distinct(names, field, str)
    return tuple(names)


def _source(message: campaigns_pb2.HeroBrief, field: str) -> SetSource | PhotoSource | PromptBrief:
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
        _name(getattr(message, part), f"{field}.{part}")
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
        _artifact(message.cutout.image, f"{field}.cutout.image"),
        _known(message.cutout, "matte", _CUTOUTS, f"{field}.cutout.matte"),
        _height(message.cutout.height_m, f"{field}.cutout.height_m"),
    )


def _model(message: imagegen_pb2.Model, field: str) -> ModelSource:
    if not -MAX_TURN_DEG <= message.turn_deg <= MAX_TURN_DEG:
        raise InvalidInput.at(f"{field}.turn_deg", f"{message.turn_deg:g} is out of range", "use -360 to 360")
    return ModelSource(
        _artifact(message.mesh, f"{field}.mesh"),
        _known(message, "up", _Z_UP, f"{field}.up"),
        message.turn_deg,
        _height(message.height_m, f"{field}.height_m"),
        _name(message.material, f"{field}.material") if message.material else "",
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
        font=_name(message.font, f"{field}.font") if message.font else "",
        logo=_artifact(message.logo, f"{field}.logo") if message.HasField("logo") else None,
        clear_space=message.clear_space,
        **colours,
    )


def _colour(value: str, field: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise InvalidInput.at(field, f"{value!r} is not a colour", "use # and six hexadecimal digits")
    return value


def _photograph(message: imagegen_pb2.Photograph, field: str) -> PhotoSource:
    image = _artifact(message.image, f"{field}.image")
    policy = _known(message, "reframe", _REFRAMES, f"{field}.reframe")
    focus = _focus(message.focus, f"{field}.focus") if message.HasField("focus") else None
    return PhotoSource(
        image.digest,
        image.media_type,
        image.size_bytes,
        policy,
        focus,
        matte=_artifact(message.matte, f"{field}.matte") if message.HasField("matte") else None,
        inverse_depth=_artifact(message.inverse_depth, f"{field}.inverse_depth")
        if message.HasField("inverse_depth")
        else None,
        partner=_partner(message, field) if message.HasField("partner") else None,
    )


def _partner(message: imagegen_pb2.Photograph, field: str) -> ArtifactSource:
    """A second portrait, which is found by models: what an owner says of one photograph is refused beside it."""
    for name in ("focus", "matte", "inverse_depth"):
        if message.HasField(name):
            raise InvalidInput.at(f"{field}.{name}", "stands beside a partner, who is found by models", "leave it out")
    if message.reframe == imagegen_pb2.REFRAME_EXTEND:
        raise InvalidInput.at(f"{field}.reframe", "extends a photograph that has a partner", "leave it out")
    return _artifact(message.partner, f"{field}.partner")


def _artifact(message: artifact_pb2.ArtifactRef, field: str) -> ArtifactSource:
    if not ARTIFACT_DIGEST.fullmatch(message.digest):
        raise InvalidInput.at(f"{field}.digest", "is not a digest", "use sha256: and 64 hexadecimal digits")
    return ArtifactSource(message.digest, message.media_type, message.size_bytes)


def _prompt(message: campaigns_pb2.PromptBrief, field: str) -> PromptBrief:
    if not message.text.strip():
        raise InvalidInput.at(f"{field}.text", "is missing", "say what is to be seen")
    words = {
        name: one_line(getattr(message, name), f"{field}.{name}", MAX_STILL_PART_CHARACTERS)
        for name in ("style", "foreground", "midground", "background")
    }
    reference = _artifact(message.reference, f"{field}.reference") if message.HasField("reference") else None
    return PromptBrief(
        text=one_line(message.text, f"{field}.text", MAX_STILL_PROMPT_CHARACTERS),
        negative=one_line(message.negative_text, f"{field}.negative_text", MAX_STILL_PROMPT_CHARACTERS),
        pack=_name(message.pack, f"{field}.pack") if message.pack else "",
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


def _formats(names: Sequence[str]) -> tuple[str, ...]:
    _count(names, "formats", 4)
    for index, name in enumerate(names):
        format_named(name, field=f"formats[{index}]")
    _distinct(names, "formats", str)
    return tuple(names)


def _platforms(names: Sequence[str]) -> tuple[str, ...]:
    _count(names, "platforms", 20)
    for index, name in enumerate(names):
        platform_named(name, field=f"platforms[{index}]")
    _distinct(names, "platforms", str)
    return tuple(names)


def _known(message: Message, name: str, meanings: Mapping[int, Item], field: str) -> Item:
    """What the value of an enumeration means; one of a later contract is refused, not taken for the default."""
    value = getattr(message, name)
    if value not in meanings:
        kind: Any = message.DESCRIPTOR.fields_by_name[name].enum_type
        known = ", ".join(kind.values_by_number[number].name for number in meanings)
        raise InvalidInput.at(field, f"{value} is not known", f"use one of {known}")
    return meanings[value]
