"""Photographs of a request, from messages to checked values."""

from __future__ import annotations

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.core.references import PictureReference
from firstframe.core.regions import check_regions
from firstframe.imagegen.photo_fields import DEPTH, MATTE, PARTNER, REGIONS
from firstframe.imagegen.plans import PhotographRequest
from firstframe.imagegen.reframe import Reframe
from firstframe.runtime.hero_messages import file_of

_REFRAMES: dict[int, Reframe] = {
    imagegen_pb2.REFRAME_UNSPECIFIED: Reframe.CROP,
    imagegen_pb2.REFRAME_CROP: Reframe.CROP,
    imagegen_pb2.REFRAME_EXTEND: Reframe.EXTEND,
}


def photograph_of(message: imagegen_pb2.Photograph, size: PixelSize, seed: int) -> PhotographRequest:
    """Decodes a photograph.

    Raises:
        InvalidInput: A field is missing, out of range, or has no use beside another.
    """
    image = file_of(message.image, "photograph.image")
    _check_partner(message)
    return PhotographRequest(
        image,
        size,
        _reframe(message.reframe),
        _focus(message),
        matte=file_of(message.matte, MATTE) if message.HasField("matte") else None,
        inverse_depth=file_of(message.inverse_depth, DEPTH) if message.HasField("inverse_depth") else None,
        partner=file_of(message.partner, PARTNER) if message.HasField("partner") else None,
        seed=seed,
        regions=_regions(message),
    )


def _regions(message: imagegen_pb2.Photograph) -> tuple[tuple[str, PictureReference], ...]:
    check_regions([region.name for region in message.regions], field=REGIONS)
    return tuple(
        (region.name, file_of(region.mask, f"{REGIONS}[{index}].mask")) for index, region in enumerate(message.regions)
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
    if message.regions:
        raise InvalidInput.at(REGIONS, "stand beside a partner, and are drawn on one photograph", "leave them out")
    if message.reframe == imagegen_pb2.REFRAME_EXTEND:
        raise InvalidInput.at("photograph.reframe", "extends a photograph that has a partner", "leave it out")


def _reframe(value: int) -> Reframe:
    if value not in _REFRAMES:
        raise InvalidInput.at(
            "photograph.reframe", f"{value} is not a way to reframe", "use REFRAME_CROP or REFRAME_EXTEND"
        )
    return _REFRAMES[value]


def _focus(message: imagegen_pb2.Photograph) -> tuple[float, float] | None:
    if not message.HasField("focus"):
        return None
    for name, share in (("x", message.focus.x), ("y", message.focus.y)):
        if not 0 <= share <= 1:
            raise InvalidInput.at(f"photograph.focus.{name}", f"is {share}", "give 0 to 1")
    return message.focus.x, message.focus.y
