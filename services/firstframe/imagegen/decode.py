"""Requests of the image stage, from messages to checked values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.canonical import ARTIFACT_DIGEST
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.core.seeds import MAX_SEED
from firstframe.imagegen.engines import NAME, SetRequest
from firstframe.imagegen.sets.framing import framing_for
from firstframe.imagegen.sets.label import MAX_COPY, MAX_TAGLINE, check_text
from firstframe.imagegen.sets.palettes import palette_named
from firstframe.imagegen.sets.scenes import check_scene
from firstframe.runtime.clip_messages import size_of

if TYPE_CHECKING:
    from firstframe.imagegen.photograph import Reframe

MAX_PHOTOGRAPH_BYTES = 64 * 1024 * 1024

_QUALITIES = {
    imagegen_pb2.QUALITY_UNSPECIFIED: Quality.STANDARD,
    imagegen_pb2.QUALITY_DRAFT: Quality.DRAFT,
    imagegen_pb2.QUALITY_STANDARD: Quality.STANDARD,
    imagegen_pb2.QUALITY_FINE: Quality.FINE,
}


@dataclass(frozen=True, slots=True)
class PhotographRequest:
    """A photograph to make a hero of; checked."""

    digest: str
    size_bytes: int
    size: PixelSize
    reframe: Reframe
    focus: tuple[float, float] | None
    """Where the subject is, 0 to 1 from the left and from the top; found by saliency when none is given."""


def decode(request: imagegen_pb2.GenerateHeroRequest) -> SetRequest | PhotographRequest:
    """Decodes a request.

    Raises:
        InvalidInput: A field is missing, out of range, or names what this server does not have.
    """
    if request.engine not in ("", NAME):
        raise InvalidInput.at("engine", f"{request.engine!r} is not an engine of this server", f"use {NAME}")
    size = _even_size(request)
    if request.seed > MAX_SEED:
        raise InvalidInput.at("seed", f"is {request.seed}", f"give 0 to {MAX_SEED}")
    if request.quality not in _QUALITIES:
        raise InvalidInput.at("quality", f"{request.quality} is not a quality", "use QUALITY_DRAFT, _STANDARD or _FINE")
    source = request.WhichOneof("source")
    if source == "set":
        return _set(request, size)
    if source == "photograph":
        return _photograph(request.photograph, size)
    raise InvalidInput.at("source", "is missing", "give `set` or `photograph`")


def _even_size(request: imagegen_pb2.GenerateHeroRequest) -> PixelSize:
    size = size_of(request.size, "size")
    for name, side in (("width_px", size.width), ("height_px", size.height)):
        if side % 2:
            raise InvalidInput.at(f"size.{name}", f"{side} is odd", "give an even number")
    return size


def _set(request: imagegen_pb2.GenerateHeroRequest, size: PixelSize) -> SetRequest:
    wanted = request.set
    framing_for(size)
    return SetRequest(
        scene=check_scene(wanted.scene),
        palette=palette_named(wanted.palette).name,
        copy=check_text(wanted.copy, field="set.copy", limit=MAX_COPY, required=True),
        tagline=check_text(wanted.tagline, field="set.tagline", limit=MAX_TAGLINE, required=False),
        size=size,
        seed=request.seed,
        quality=_QUALITIES[request.quality],
    )


def _photograph(message: imagegen_pb2.Photograph, size: PixelSize) -> PhotographRequest:
    if not ARTIFACT_DIGEST.fullmatch(message.image.digest):
        problem = f"is {message.image.digest!r}"
        raise InvalidInput.at("photograph.image.digest", problem, "give sha256: and 64 lower-case hexadecimal digits")
    if not 0 < message.image.size_bytes <= MAX_PHOTOGRAPH_BYTES:
        problem = f"is {message.image.size_bytes}"
        raise InvalidInput.at(
            "photograph.image.size_bytes", problem, f"give 1 to {MAX_PHOTOGRAPH_BYTES}, the file's length"
        )
    return PhotographRequest(
        message.image.digest, message.image.size_bytes, size, _reframe(message.reframe), _focus(message)
    )


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
