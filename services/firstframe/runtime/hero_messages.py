"""Heroes between messages and values: the part of decoding that stages share."""

from __future__ import annotations

import math
from collections.abc import Sequence

from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.media import MAX_SIDE_PX, LayerRole, PixelRect, PixelSize
from firstframe.core.references import HeroReference, LayerReference, PictureReference
from firstframe.core.regions import check_regions
from firstframe.core.sets import MAX_PICTURE_BYTES, check_length
from firstframe.runtime.clip_messages import artifact_of, digest_of, size_of

MAX_LAYERS = 16
MAX_LAYER_PIXELS = 256 * 1024 * 1024
"""Over all layers of a hero; four bytes each."""
MAX_REGION_PIXELS = 128 * 1024 * 1024
"""Over all regions of a hero; one byte each."""
MAX_OBJECTS = 255
"""As many as a pixel of eight bits tells apart, beside none."""

_ROLES = {
    picture_pb2.LAYER_ROLE_BACKGROUND: LayerRole.BACKGROUND,
    picture_pb2.LAYER_ROLE_MIDGROUND: LayerRole.MIDGROUND,
    picture_pb2.LAYER_ROLE_SUBJECT: LayerRole.SUBJECT,
    picture_pb2.LAYER_ROLE_FOREGROUND: LayerRole.FOREGROUND,
}


def hero_of(message: picture_pb2.Hero, field: str = "hero") -> HeroReference:
    """Decodes a hero.

    Raises:
        InvalidInput: A field is missing or out of range.
    """
    size, stack = size_of(message.size, f"{field}.size"), message.layers
    hero = HeroReference(
        image=picture_of(message.image, f"{field}.image"),
        size=size,
        layers=tuple(_layer(layer, f"{field}.layers.layers[{index}]") for index, layer in enumerate(stack.layers)),
        bleed_px=int(within(f"{field}.layers.bleed_px", stack.bleed_px, 0, MAX_SIDE_PX)),
        horizontal_fov_deg=within(f"{field}.layers.horizontal_fov_deg", stack.horizontal_fov_deg, 1, 170),
        confidence=within(f"{field}.layers.confidence", stack.confidence, 0, 1),
        subject=_subject(message.subject, size, f"{field}.subject") if message.HasField("subject") else None,
        matte=picture_of(message.matte, f"{field}.matte") if message.HasField("matte") else None,
        scene=picture_of(message.scene, f"{field}.scene") if message.HasField("scene") else None,
        objects=picture_of(message.object_ids, f"{field}.object_ids") if message.HasField("object_ids") else None,
        object_names=_names(message.object_names, f"{field}.object_names"),
        inverse_depth=(
            picture_of(message.inverse_depth, f"{field}.inverse_depth") if message.HasField("inverse_depth") else None
        ),
        regions=_regions(message.regions, f"{field}.regions"),
    )
    _check_stack(hero, f"{field}.layers.layers")
    _at_most(len(hero.regions) * hero.size.pixels, MAX_REGION_PIXELS, f"{field}.regions")
    return hero


def _check_stack(hero: HeroReference, field: str) -> None:
    if not 1 <= len(hero.layers) <= MAX_LAYERS:
        raise InvalidInput.at(field, f"there are {len(hero.layers)}", f"give 1 to {MAX_LAYERS}")
    _at_most(len(hero.layers) * hero.layer_size.pixels, MAX_LAYER_PIXELS, field)
    for index, (far, near) in enumerate(zip(hero.layers, hero.layers[1:], strict=False), start=1):
        if near.depth_m > far.depth_m:
            problem = f"is {near.depth_m:g}, farther than the layer before it ({far.depth_m:g})"
            raise InvalidInput.at(f"{field}[{index}].depth_m", problem, "order layers from far to near")


def _at_most(pixels: int, most: int, field: str) -> None:
    if pixels > most:
        raise InvalidInput.at(field, f"hold {pixels} pixels", f"give at most {most}")


def _names(names: Sequence[str], field: str) -> tuple[str, ...]:
    if len(names) > MAX_OBJECTS:
        raise InvalidInput.at(field, f"there are {len(names)}", f"give at most {MAX_OBJECTS}")
    return tuple(names)


def _regions(regions: Sequence[picture_pb2.Region], field: str) -> tuple[tuple[str, PictureReference], ...]:
    check_regions([region.name for region in regions], field=field)
    return tuple(
        (region.name, picture_of(region.mask, f"{field}[{index}].mask")) for index, region in enumerate(regions)
    )


def _layer(message: picture_pb2.Layer, field: str) -> LayerReference:
    if message.role not in _ROLES:
        raise InvalidInput.at(f"{field}.role", f"{message.role} is not a role", "send the layer as imagegen gave it")
    depth = within(f"{field}.depth_m", message.depth_m, 1e-3, 1e6)
    return LayerReference(_ROLES[message.role], picture_of(message.image, f"{field}.image"), depth)


def picture_of(message: artifact_pb2.ArtifactRef, field: str) -> PictureReference:
    """Decodes a reference to a picture.

    Raises:
        InvalidInput: It has no digest or no length.
    """
    return PictureReference(field, *artifact_of(message, field))


def file_of(message: artifact_pb2.ArtifactRef, field: str, most: int = MAX_PICTURE_BYTES) -> PictureReference:
    """Decodes a reference to a file of a caller's own.

    Args:
        message: The reference.
        field: Where it stands.
        most: Its greatest length in bytes.

    Raises:
        InvalidInput: It has no digest, or no length from 1 to `most`.
    """
    digest = digest_of(message, field)
    return PictureReference(field, digest, check_length(message.size_bytes, field=field, most=most))


def _subject(message: picture_pb2.PixelRect, size: PixelSize, field: str) -> PixelRect:
    rect = rect_of(message)
    if not inside(rect, size):
        raise InvalidInput.at(field, f"is not a rectangle inside of {size}", "send the hero as imagegen gave it")
    return rect


def rect_of(message: picture_pb2.PixelRect) -> PixelRect:
    """A rectangle as it is said to be."""
    return PixelRect(message.x_px, message.y_px, message.width_px, message.height_px)


def inside(rect: PixelRect, size: PixelSize) -> bool:
    """Whether a rectangle has an area and lies in a picture of that size."""
    return rect.width > 0 and rect.height > 0 and PixelRect(0, 0, size.width, size.height).contains(rect)


def within(field: str, value: float, least: float, most: float) -> float:
    """The value.

    Raises:
        InvalidInput: It is not a finite number from `least` to `most`.
    """
    if not (math.isfinite(value) and least <= value <= most):
        raise InvalidInput.at(field, f"is {value:g}", f"give {least:g} to {most:g}")
    return value
