"""Generated sets of a request, with their products and brands, from messages to checked values."""

from __future__ import annotations

import math

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.core.sets import (
    MAX_COPY,
    MAX_MARK_BYTES,
    MAX_TAGLINE,
    check_copy,
    check_font,
    check_scene,
    check_staging,
)
from firstframe.imagegen.goods import CUTOUT_FIELD, MATTE_FIELD, MODEL_FIELD, CutoutWish, Matte, ModelWish
from firstframe.imagegen.plans import MarkedPlan, ProductPlan
from firstframe.runtime.hero_messages import file_of
from firstframe.sets import brands
from firstframe.sets.framing import framing_for
from firstframe.sets.label import check_text
from firstframe.sets.product_mesh import UpAxis, check_finish
from firstframe.sets.products import MAX_HEIGHT_M, MIN_HEIGHT_M
from firstframe.sets.requests import SetRequest

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


def set_of(
    request: imagegen_pb2.GenerateHeroRequest, size: PixelSize, quality: Quality
) -> SetRequest | MarkedPlan | ProductPlan:
    """Decodes a generated set.

    Args:
        request: Whose source is a set.
        size: Its size, decoded.
        quality: Its quality, decoded.

    Raises:
        InvalidInput: A field is out of range, or names what there is not.
    """
    wish = _product(request.set)
    made = _bare_set(request, size, quality, labelled=wish is None)
    return _marked(made, request.set.brand) if wish is None else ProductPlan(made, wish)


def _marked(made: SetRequest, brand: imagegen_pb2.Brand) -> SetRequest | MarkedPlan:
    """The request, with the mark that has to be read where its brand has one."""
    if made.brand is None or not brand.HasField("logo"):
        return made
    return MarkedPlan(made, made.brand, file_of(brand.logo, "set.brand.logo", MAX_MARK_BYTES))


def _product(message: imagegen_pb2.ProductSet) -> ModelWish | CutoutWish | None:
    kind = message.WhichOneof("product")
    if kind is None:
        return None
    for name, words in (("copy", message.copy), ("tagline", message.tagline)):
        if words:
            raise InvalidInput.at(f"set.{name}", f"a {kind} has no label to print it on", "leave it out")
    return _model(message.model) if kind == "model" else _cutout(message.cutout)


def _model(message: imagegen_pb2.Model) -> ModelWish:
    mesh = file_of(message.mesh, MODEL_FIELD)
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
    image = file_of(message.image, CUTOUT_FIELD)
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


def _bare_set(
    request: imagegen_pb2.GenerateHeroRequest, size: PixelSize, quality: Quality, *, labelled: bool
) -> SetRequest:
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
        quality=quality,
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
