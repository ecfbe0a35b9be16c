"""Heroes by `photo:`: a picture of one's own, its mask and its depth, and how it is reframed."""

from __future__ import annotations

from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.cli.fields import Fields, as_number
from firstframe.cli.photographs import Photograph, examine, examine_map
from firstframe.core.errors import InvalidInput
from firstframe.core.regions import SUITING

PHOTO_KEYS = ("reframe", "focus", "matte", "depth", "partner", "regions")
REFRAMES = {"crop": imagegen_pb2.REFRAME_CROP, "extend": imagegen_pb2.REFRAME_EXTEND}


def only_for_photos(fields: Fields, reason: str) -> None:
    """Notes what a hero has that only photographs can."""
    for name in PHOTO_KEYS:
        if fields.has(name):
            fields.problem(name, f"is for a `photo`; take it away, {reason}")


def read_photo(fields: Fields, folder: Path, hero: campaigns_pb2.HeroBrief) -> list[Photograph]:
    """Reads a hero by `photo:`; what is wrong is noted.

    Args:
        fields: The entries of the hero.
        folder: What paths count from.
        hero: Is given its photograph.

    Returns:
        What has to be in the store.
    """
    reframe = fields.choice("reframe", REFRAMES) or imagegen_pb2.REFRAME_CROP
    focus = _focus(fields)
    words = fields.text("photo")
    if not words:
        return []
    try:
        photograph = examine(folder, words)
    except InvalidInput as error:
        fields.problem("photo", error.message)
        return []
    message = imagegen_pb2.Photograph(image=photograph.reference, reframe=reframe, focus=focus)
    parts = (("matte", message.matte), ("depth", message.inverse_depth))
    maps = [_map(fields, folder, name, photograph, part) for name, part in parts]
    drawn = _regions(fields, folder, photograph, message)
    partner = _partner(fields, folder, message)
    hero.photograph.CopyFrom(message)
    return [photograph, *(item for item in (*maps, *drawn, partner) if item is not None)]


def _regions(
    fields: Fields, folder: Path, photograph: Photograph, message: imagegen_pb2.Photograph
) -> list[Photograph | None]:
    """Masks of parts of the photograph, by what they show."""
    drawn = fields.section("regions", SUITING) if fields.has("regions") else None
    if drawn is None:
        return []
    masks = []
    for name in filter(drawn.has, SUITING):
        region = picture_pb2.Region(name=name)
        masks.append(_map(drawn, folder, name, photograph, region.mask))
        message.regions.append(region)
    return masks


def _partner(fields: Fields, folder: Path, message: imagegen_pb2.Photograph) -> Photograph | None:
    """A second portrait, where the file names one."""
    words = fields.text("partner")
    if not words:
        return None
    try:
        found = examine(folder, words)
    except InvalidInput as error:
        fields.problem("partner", error.message)
        return None
    message.partner.CopyFrom(found.reference)
    return found


def _map(
    fields: Fields, folder: Path, name: str, photograph: Photograph, part: artifact_pb2.ArtifactRef
) -> Photograph | None:
    """A mask or a depth map of a photograph, where the file names one."""
    words = fields.text(name)
    if not words:
        return None
    try:
        found = examine_map(folder, words, photograph)
    except InvalidInput as error:
        fields.problem(name, error.message)
        return None
    part.CopyFrom(found.reference)
    return found


def _focus(fields: Fields) -> imagegen_pb2.FocusPoint | None:
    if not fields.has("focus"):
        return None
    numbers = [as_number(words) for _, _, words in fields.texts("focus")]
    match numbers:
        case [float() as x, float() as y]:
            return imagegen_pb2.FocusPoint(x=x, y=y)
        case _:
            fix = "two numbers from 0 to 1, from the left and from the top, for example [0.5, 0.4]"
            fields.problem("focus", f"must be {fix}")
            return None
