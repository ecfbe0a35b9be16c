"""Requests of the image stage, from messages to checked values: what all sources have, and which source it is."""

from __future__ import annotations

from collections.abc import Sequence

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.core.seeds import MAX_SEED
from firstframe.imagegen.decode.photographs import photograph_of
from firstframe.imagegen.decode.prompts import prompt_of
from firstframe.imagegen.decode.sets import set_of
from firstframe.imagegen.engines import LEARNED, NAME
from firstframe.imagegen.plans import Plan
from firstframe.runtime.clip_messages import size_of

_QUALITIES: dict[int, Quality] = {
    imagegen_pb2.QUALITY_UNSPECIFIED: Quality.STANDARD,
    imagegen_pb2.QUALITY_DRAFT: Quality.DRAFT,
    imagegen_pb2.QUALITY_STANDARD: Quality.STANDARD,
    imagegen_pb2.QUALITY_FINE: Quality.FINE,
}
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
    quality = _quality(request.quality)
    if source == "set":
        return set_of(request, size, quality)
    if source == "photograph":
        return photograph_of(request.photograph, size, request.seed)
    return prompt_of(request, size, packs)


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


def _quality(value: int) -> Quality:
    if value not in _QUALITIES:
        raise InvalidInput.at("quality", f"{value} is not a quality", "use QUALITY_DRAFT, _STANDARD or _FINE")
    return _QUALITIES[value]


def _even_size(request: imagegen_pb2.GenerateHeroRequest) -> PixelSize:
    size = size_of(request.size, "size")
    for name, side in (("width_px", size.width), ("height_px", size.height)):
        if side % 2:
            raise InvalidInput.at(f"size.{name}", f"{side} is odd", "give an even number")
    return size
