"""Requests of the image stage, from messages to checked values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2
from firstframe.core.canonical import ARTIFACT_DIGEST
from firstframe.core.delivery import platform_named
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality, format_named
from firstframe.core.media import PixelRect, PixelSize
from firstframe.core.motion import Motion
from firstframe.core.seeds import MAX_SEED
from firstframe.core.sets import (
    MAX_COPY,
    MAX_MARK_BYTES,
    MAX_PICTURE_BYTES,
    MAX_TAGLINE,
    check_copy,
    check_font,
    check_length,
    check_scene,
    check_staging,
)
from firstframe.imagegen.checks import CheckPlan
from firstframe.imagegen.engines import LEARNED, NAME, PromptRequest
from firstframe.imagegen.goods import CUTOUT_FIELD, MATTE_FIELD, MODEL_FIELD, CutoutWish, Matte, ModelWish
from firstframe.imagegen.photo_fields import DEPTH, MATTE, PARTNER
from firstframe.preflight.plan import ShotPlan
from firstframe.runtime.clip_messages import frame_rate_of, size_of
from firstframe.runtime.hero_messages import hero_of, inside, rect_of, within
from firstframe.runtime.motion_messages import motion_of
from firstframe.sets import brands
from firstframe.sets.framing import framing_for
from firstframe.sets.label import check_text
from firstframe.sets.product_mesh import UpAxis, check_finish
from firstframe.sets.products import MAX_HEIGHT_M, MIN_HEIGHT_M
from firstframe.sets.requests import SetRequest

if TYPE_CHECKING:
    from firstframe.imagegen.photograph import Reframe

MAX_PROMPT_CHARS = 2000
MAX_STEPS = 200
MAX_GUIDANCE = 50.0
MAX_TURN_DEG = 360.0

_AXES: dict[int, UpAxis] = {
    imagegen_pb2.UP_AXIS_UNSPECIFIED: "y",
    imagegen_pb2.UP_AXIS_Y: "y",
    imagegen_pb2.UP_AXIS_Z: "z",
}
_MATTES = {
    imagegen_pb2.CUTOUT_MATTE_UNSPECIFIED: Matte.AUTO,
    imagegen_pb2.CUTOUT_MATTE_AUTO: Matte.AUTO,
    imagegen_pb2.CUTOUT_MATTE_ALPHA: Matte.ALPHA,
    imagegen_pb2.CUTOUT_MATTE_LEARNED: Matte.LEARNED,
}
MAX_COPIES = 16
MAX_RECIPE_CHARS = 63
FRAME_COUNTS = (2, 3600)
"""Of a piece: 60 s at 60 frames per second."""
MAX_FPS = 240

_QUALITIES = {
    imagegen_pb2.QUALITY_UNSPECIFIED: Quality.STANDARD,
    imagegen_pb2.QUALITY_DRAFT: Quality.DRAFT,
    imagegen_pb2.QUALITY_STANDARD: Quality.STANDARD,
    imagegen_pb2.QUALITY_FINE: Quality.FINE,
}


@dataclass(frozen=True, slots=True)
class PhotographRequest:
    """A photograph to make a hero of; checked."""

    image: PictureReference
    size: PixelSize
    reframe: Reframe
    focus: tuple[float, float] | None
    """Where the subject is, 0 to 1 from the left and from the top; found by itself when none is given."""
    matte: PictureReference | None = None
    """Its owner's mask of the subject."""
    inverse_depth: PictureReference | None = None
    """Its owner's map of inverse depth."""
    partner: PictureReference | None = None
    """A second portrait, for a hero of two people."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PictureReference:
    """A picture in the store."""

    field: str
    """Where in the request it is named."""
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PromptPlan:
    """A hero to make of words; checked."""

    pack: str
    request: PromptRequest
    """Without its reference, which has to be read first."""
    reference: PictureReference | None


@dataclass(frozen=True, slots=True)
class MarkedPlan:
    """A generated hero whose brand has a mark, which has to be read first; checked."""

    request: SetRequest
    """Its brand is without the mark."""
    brand: brands.Brand
    logo: PictureReference


@dataclass(frozen=True, slots=True)
class ProductPlan:
    """A generated hero of a caller's own product, whose file has to be read first; checked."""

    request: SetRequest
    """Its brand is without a mark: a product of the caller's has no label to print one on."""
    wish: ModelWish | CutoutWish


Plan = SetRequest | MarkedPlan | ProductPlan | PhotographRequest | PromptPlan
_ENGINES = {"set": NAME, "photograph": NAME, "prompt": LEARNED}
"""Engine of each source."""


def decode(request: imagegen_pb2.GenerateHeroRequest, packs: Sequence[str] = ()) -> Plan:
    """Decodes a request.

    Args:
        request: The request.
        packs: Model packs of this server, the default first.

    Raises:
        InvalidInput: A field is missing, out of range, or names what this server does not have.
    """
    source = request.WhichOneof("source")
    _check_engine(request.engine, source, packs)
    size = _even_size(request)
    if request.seed > MAX_SEED:
        raise InvalidInput.at("seed", f"is {request.seed}", f"give 0 to {MAX_SEED}")
    if request.quality not in _QUALITIES:
        raise InvalidInput.at("quality", f"{request.quality} is not a quality", "use QUALITY_DRAFT, _STANDARD or _FINE")
    if source == "set":
        return _set(request, size)
    if source == "photograph":
        return _photograph(request.photograph, size, request.seed)
    return _prompt(request, size, packs)


def _check_engine(name: str, source: str | None, packs: Sequence[str]) -> None:
    engines = (NAME, LEARNED) if packs else (NAME,)
    if name not in ("", *engines):
        raise InvalidInput.at("engine", f"{name!r} is not an engine of this server", f"use {' or '.join(engines)}")
    if source is None:
        raise InvalidInput.at("source", "is missing", "give `set`, `photograph` or `prompt`")
    wanted = _ENGINES[source]
    if wanted not in engines:
        mend = "on one machine `firstframe models pull PACK`, then `export PACK`; else ask one whose GetCapabilities lists some"
        raise InvalidInput.at("prompt", "this server has no model pack that makes pictures of words", mend)
    if name not in ("", wanted):
        raise InvalidInput.at("engine", f"{name!r} makes nothing of `{source}`", f"use {wanted}, or leave it out")


def _even_size(request: imagegen_pb2.GenerateHeroRequest) -> PixelSize:
    size = size_of(request.size, "size")
    for name, side in (("width_px", size.width), ("height_px", size.height)):
        if side % 2:
            raise InvalidInput.at(f"size.{name}", f"{side} is odd", "give an even number")
    return size


def _set(request: imagegen_pb2.GenerateHeroRequest, size: PixelSize) -> SetRequest | MarkedPlan | ProductPlan:
    wish = _product(request.set)
    made = _bare_set(request, size, labelled=wish is None)
    return _marked(made, request.set.brand) if wish is None else ProductPlan(made, wish)


def _marked(made: SetRequest, brand: imagegen_pb2.Brand) -> SetRequest | MarkedPlan:
    """The request, with the mark that has to be read where its brand has one."""
    if made.brand is None or not brand.HasField("logo"):
        return made
    return MarkedPlan(made, made.brand, _picture(brand.logo, "set.brand.logo", MAX_MARK_BYTES))


def _product(message: imagegen_pb2.ProductSet) -> ModelWish | CutoutWish | None:
    kind = message.WhichOneof("product")
    if kind is None:
        return None
    for name, words in (("copy", message.copy), ("tagline", message.tagline)):
        if words:
            raise InvalidInput.at(f"set.{name}", f"a {kind} has no label to print it on", "leave it out")
    return _model(message.model) if kind == "model" else _cutout(message.cutout)


def _model(message: imagegen_pb2.Model) -> ModelWish:
    mesh = _picture(message.mesh, MODEL_FIELD)
    if message.up not in _AXES:
        raise InvalidInput.at("set.model.up", f"{message.up} is not an axis", "use UP_AXIS_Y or UP_AXIS_Z")
    if not (math.isfinite(message.turn_deg) and abs(message.turn_deg) <= MAX_TURN_DEG):
        raise InvalidInput.at("set.model.turn_deg", f"is {message.turn_deg:g}", "give -360 to 360")
    return ModelWish(
        mesh.digest,
        mesh.size_bytes,
        _AXES[message.up],
        message.turn_deg,
        _height(message.height_m, "set.model.height_m"),
        check_finish(message.material, message.colour, field="set.model"),
    )


def _cutout(message: imagegen_pb2.Cutout) -> CutoutWish:
    image = _picture(message.image, CUTOUT_FIELD)
    if message.matte not in _MATTES:
        fix = "use CUTOUT_MATTE_AUTO, _ALPHA or _LEARNED"
        raise InvalidInput.at(MATTE_FIELD, f"{message.matte} is not a matte", fix)
    height = _height(message.height_m, "set.cutout.height_m")
    return CutoutWish(image.digest, image.size_bytes, _MATTES[message.matte], height)


def _height(height: float, field: str) -> float:
    if height != 0 and not MIN_HEIGHT_M <= height <= MAX_HEIGHT_M:
        fix = f"give {MIN_HEIGHT_M:g} to {MAX_HEIGHT_M:g} metres, or leave it out to fit the stand"
        raise InvalidInput.at(field, f"is {height:g}", fix)
    return height


def _bare_set(request: imagegen_pb2.GenerateHeroRequest, size: PixelSize, *, labelled: bool) -> SetRequest:
    wanted = request.set
    framing_for(size)
    brand = _brand(wanted.brand) if wanted.HasField("brand") else None
    if labelled:
        check_copy(wanted.copy, field="set.copy")
    return SetRequest(
        scene=check_scene(wanted.scene),
        palette=brands.worn(wanted.palette, brand).name,
        copy=check_text(wanted.copy, field="set.copy", limit=MAX_COPY),
        tagline=check_text(wanted.tagline, field="set.tagline", limit=MAX_TAGLINE),
        size=size,
        seed=request.seed,
        quality=_QUALITIES[request.quality],
        brand=brand,
        staging=check_staging(wanted.staging, field="set.staging"),
    )


def _brand(message: imagegen_pb2.Brand) -> brands.Brand:
    colours = brands.BrandColours(message.ground, message.product, message.accent, message.paper, message.ink)
    if not 0 <= message.clear_space <= brands.MAX_CLEAR_SPACE:
        problem = f"is {message.clear_space:g}"
        raise InvalidInput.at("set.brand.clear_space", problem, f"give 0 to {brands.MAX_CLEAR_SPACE:g}")
    return brands.Brand(
        brands.check_colours(colours, field="set.brand"),
        check_font(message.font, field="set.brand.font"),
        message.clear_space,
    )


def _photograph(message: imagegen_pb2.Photograph, size: PixelSize, seed: int) -> PhotographRequest:
    image = _picture(message.image, "photograph.image")
    _check_partner(message)
    return PhotographRequest(
        image,
        size,
        _reframe(message.reframe),
        _focus(message),
        matte=_picture(message.matte, MATTE) if message.HasField("matte") else None,
        inverse_depth=_picture(message.inverse_depth, DEPTH) if message.HasField("inverse_depth") else None,
        partner=_picture(message.partner, PARTNER) if message.HasField("partner") else None,
        seed=seed,
    )


def _check_partner(message: imagegen_pb2.Photograph) -> None:
    """Refuses what two portraits have no use of."""
    if not message.HasField("partner"):
        return
    for name in ("focus", "matte", "inverse_depth"):
        if message.HasField(name):
            raise InvalidInput.at(
                f"photograph.{name}", "stands beside a partner, who is found by models", "leave it out"
            )
    if message.reframe == imagegen_pb2.REFRAME_EXTEND:
        raise InvalidInput.at("photograph.reframe", "extends a photograph that has a partner", "leave it out")


def _picture(message: artifact_pb2.ArtifactRef, field: str, most: int = MAX_PICTURE_BYTES) -> PictureReference:
    if not ARTIFACT_DIGEST.fullmatch(message.digest):
        problem = f"is {message.digest!r}"
        raise InvalidInput.at(f"{field}.digest", problem, "give sha256: and 64 lower-case hexadecimal digits")
    return PictureReference(field, message.digest, check_length(message.size_bytes, field=field, most=most))


def _prompt(request: imagegen_pb2.GenerateHeroRequest, size: PixelSize, packs: Sequence[str]) -> PromptPlan:
    message = request.prompt
    pack = message.pack or packs[0]
    if pack not in packs:
        raise InvalidInput.at("prompt.pack", f"{pack!r} is not a pack of this server", f"use one of {', '.join(packs)}")
    reference = _picture(message.reference, "prompt.reference") if message.HasField("reference") else None
    _check_strength(message.strength, with_reference=reference is not None)
    made = PromptRequest(
        prompt=_words(message.text, "prompt.text", required=True),
        size=size,
        seed=request.seed,
        negative_prompt=_words(message.negative_text, "prompt.negative_text", required=False),
        steps=_steps(message.steps),
        guidance=_guidance(message),
        strength=message.strength,
    )
    return PromptPlan(pack, made, reference)


def _words(text: str, field: str, *, required: bool) -> str:
    words = text.strip()
    if required and not words:
        raise InvalidInput.at(field, "is missing", "say what is to be seen")
    if len(words) > MAX_PROMPT_CHARS:
        raise InvalidInput.at(field, f"has {len(words)} characters", f"use at most {MAX_PROMPT_CHARS}")
    return words


def _steps(steps: int) -> int:
    if not 0 <= steps <= MAX_STEPS:
        raise InvalidInput.at("prompt.steps", f"is {steps}", f"give 1 to {MAX_STEPS}, or 0 for the pack's own")
    return steps


def _guidance(message: imagegen_pb2.Prompt) -> float | None:
    if not message.HasField("guidance"):
        return None
    if not (math.isfinite(message.guidance) and 0 <= message.guidance <= MAX_GUIDANCE):
        raise InvalidInput.at("prompt.guidance", f"is {message.guidance:g}", f"give 0 to {MAX_GUIDANCE:g}")
    return message.guidance


def _check_strength(strength: float, *, with_reference: bool) -> None:
    if with_reference and not 0 < strength <= 1:
        raise InvalidInput.at("prompt.strength", f"is {strength:g}", "give more than 0 and at most 1")
    if strength and not with_reference:
        raise InvalidInput.at("prompt.strength", "has nothing to work on", "give prompt.reference, or leave it out")


def _reframe(value: int) -> Reframe:
    from firstframe.imagegen.photograph import Reframe

    kinds: dict[int, Reframe] = {
        imagegen_pb2.REFRAME_UNSPECIFIED: Reframe.CROP,
        imagegen_pb2.REFRAME_CROP: Reframe.CROP,
        imagegen_pb2.REFRAME_EXTEND: Reframe.EXTEND,
    }
    if value not in kinds:
        raise InvalidInput.at(
            "photograph.reframe", f"{value} is not a way to reframe", "use REFRAME_CROP or REFRAME_EXTEND"
        )
    return kinds[value]


def _focus(message: imagegen_pb2.Photograph) -> tuple[float, float] | None:
    if not message.HasField("focus"):
        return None
    for name, share in (("x", message.focus.x), ("y", message.focus.y)):
        if not 0 <= share <= 1:
            raise InvalidInput.at(f"photograph.focus.{name}", f"is {share}", "give 0 to 1")
    return message.focus.x, message.focus.y


def decode_check(request: imagegen_pb2.CheckHeroRequest) -> CheckPlan:
    """Decodes a request for checks.

    Raises:
        InvalidInput: A field is missing, out of range, or names what there is not.
    """
    if not request.HasField("plan"):
        raise InvalidInput.at("plan", "is missing", "say where the hero goes and how it moves")
    hero = hero_of(request.hero)
    return CheckPlan(hero, _shot(request.plan), _copies(request.plan, hero.size))


def _shot(message: imagegen_pb2.ShotPlan) -> ShotPlan:
    shape = format_named(message.format, field="plan.format")
    if len(message.recipe) > MAX_RECIPE_CHARS:
        problem = f"has {len(message.recipe)} characters"
        raise InvalidInput.at("plan.recipe", problem, f"use at most {MAX_RECIPE_CHARS}")
    rate = frame_rate_of(message.frame_rate, "plan.frame_rate")
    within("plan.frame_rate", float(rate), 1, MAX_FPS)
    return ShotPlan(
        format=shape.name,
        delivery=size_of(message.delivery_size, "plan.delivery_size"),
        platforms=_takers(message.platforms, shape.name),
        moves=_moves(message),
        motion=message.recipe,
        seconds=float(within("plan.frame_count", message.frame_count, *FRAME_COUNTS) / rate),
    )


def _moves(message: imagegen_pb2.ShotPlan) -> Motion:
    if not message.HasField("motion"):
        simple = animation_pb2.Motion(camera=message.camera, strength=message.strength)
        return motion_of(simple, "plan")
    for field in ("camera", "strength"):
        if getattr(message, field):
            raise InvalidInput.at("plan.motion", f"stands beside {field}", f"leave plan.{field} out")
    return motion_of(message.motion, "plan.motion")


def _takers(names: Sequence[str], format_name: str) -> tuple[str, ...]:
    for index, name in enumerate(names):
        platform = platform_named(name, field=f"plan.platforms[{index}]")
        if not platform.takes(format_name):
            problem = f"{platform.title} does not take {format_name}"
            raise InvalidInput.at(f"plan.platforms[{index}]", problem, "leave it out")
    return tuple(dict.fromkeys(names))


def _copies(message: imagegen_pb2.ShotPlan, size: PixelSize) -> tuple[PixelRect, ...]:
    if len(message.copy) > MAX_COPIES:
        raise InvalidInput.at("plan.copy", f"there are {len(message.copy)}", f"give at most {MAX_COPIES}")
    rects = tuple(rect_of(item) for item in message.copy)
    for index, rect in enumerate(rects):
        if not inside(rect, size):
            problem = f"is not a rectangle inside of {size}"
            raise InvalidInput.at(f"plan.copy[{index}]", problem, "give pixels of the hero")
    return rects
