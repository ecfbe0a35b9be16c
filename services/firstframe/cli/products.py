"""Products that a set shows instead of its own bottle: `model:` and `cutout:`, with what stands beside them."""

from __future__ import annotations

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.fields import Fields
from firstframe.cli.photographs import Photograph
from firstframe.cli.product_files import ProductFiles
from firstframe.core.errors import InvalidInput

_SHARED = ("height",)
_OF_MODEL = ("up", "turn", "material", "colour")
_OF_CUTOUT = ("matte",)
PRODUCT_KEYS = ("model", "cutout", *_SHARED, *_OF_MODEL, *_OF_CUTOUT)

MATTES = {
    "auto": imagegen_pb2.CUTOUT_MATTE_AUTO,
    "alpha": imagegen_pb2.CUTOUT_MATTE_ALPHA,
    "learned": imagegen_pb2.CUTOUT_MATTE_LEARNED,
}
AXES = {"y": imagegen_pb2.UP_AXIS_Y, "z": imagegen_pb2.UP_AXIS_Z}
_HEIGHT = "0.01 to 1, metres"
_MOST_TURN = 360


def has_product(fields: Fields) -> bool:
    """Whether a set names a product of its own."""
    return fields.has("model") or fields.has("cutout")


def read_product(fields: Fields, files: ProductFiles, message: imagegen_pb2.ProductSet) -> list[Photograph]:
    """Reads the product of a set into its message; what is wrong is noted.

    Args:
        fields: The entries under `set`.
        files: The products' files.
        message: Gets the product.

    Returns:
        What has to be in the store.
    """
    kind = "model" if fields.has("model") else "cutout"
    _note_strangers(fields, kind)
    path = fields.text(kind, required="name a file")
    found = _examined(fields, kind, files, path) if path else None
    if kind == "model":
        message.model.CopyFrom(_model(fields))
    else:
        message.cutout.CopyFrom(_cutout(fields))
    if found is None:
        return []
    (message.model.mesh if kind == "model" else message.cutout.image).CopyFrom(found.reference)
    return [found]


def note_without(fields: Fields) -> None:
    """Notes what only a product of the set's own can have."""
    for name in (*_SHARED, *_OF_MODEL, *_OF_CUTOUT):
        if fields.has(name):
            fields.problem(name, "is for a `model` or a `cutout`; take it away, the scene has its own bottle")


def _note_strangers(fields: Fields, kind: str) -> None:
    if kind == "model" and fields.has("cutout"):
        fields.problem("cutout", "a set shows a `model` or a `cutout`; make two heroes of it")
    for name in ("copy", "tagline"):
        if fields.has(name):
            fields.problem(name, f"a {kind} has no label to print it on; take it away")
    for name in _OF_CUTOUT if kind == "model" else _OF_MODEL:
        if fields.has(name):
            fields.problem(name, f"is not for a `{kind}`; take it away")


def _examined(fields: Fields, kind: str, files: ProductFiles, path: str) -> Photograph | None:
    try:
        return files.model(path) if kind == "model" else files.cutout(path, fields.text("matte") or "auto")
    except InvalidInput as error:
        fields.problem(kind, error.message)
        return None


def _model(fields: Fields) -> imagegen_pb2.Model:
    message = imagegen_pb2.Model(
        up=fields.choice("up", AXES) or imagegen_pb2.UP_AXIS_UNSPECIFIED,
        turn_deg=fields.integer("turn", least=-_MOST_TURN, most=_MOST_TURN),
        height_m=fields.number("height", rule=_HEIGHT),
        material=fields.text("material"),
        colour=fields.text("colour"),
    )
    _note_finish(fields, message)
    return message


def _note_finish(fields: Fields, message: imagegen_pb2.Model) -> None:
    from firstframe.sets.product_mesh import check_finish

    try:
        check_finish(message.material, message.colour, field="")
    except InvalidInput as error:
        path, _, words = error.message.partition(": ")
        fields.problem(path.strip("."), words)


def _cutout(fields: Fields) -> imagegen_pb2.Cutout:
    matte = fields.choice("matte", MATTES) or imagegen_pb2.CUTOUT_MATTE_UNSPECIFIED
    return imagegen_pb2.Cutout(matte=matte, height_m=fields.number("height", rule=_HEIGHT))
