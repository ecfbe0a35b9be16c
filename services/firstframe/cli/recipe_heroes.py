"""Heroes that a recipe is tried on: a picture on this machine, or the still of a campaign's lane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firstframe.cli.check_arguments import nearest_format, read_picture
from firstframe.core.errors import NotFound, PreconditionFailed
from firstframe.core.formats import format_named
from firstframe.core.media import HeroPicture, LayerPictures, PixelRect, PixelSize, Rgb8, Rgba8

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.local_models import LocalModels
    from firstframe.ports.blobstore import BlobStore

SHORT_SIDE = 360
"""Of a preview, pixels; divisible by two in every format."""
_LONGEST = 1600
"""A picture is shrunk to this before its subject is looked for: a preview shows no more."""


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """A hero to try recipes on."""

    name: str
    picture: HeroPicture


def hero_of_file(file: Path, format_name: str, models: LocalModels) -> Tried:
    """A photograph, cut out and reframed as the image stage does it, at the size of a preview.

    Args:
        file: The picture.
        format_name: Name of a format; empty for the nearest.
        models: What can be asked about the picture.

    Raises:
        InvalidInput: It is no picture, or the format is not known.
    """
    from firstframe.imagegen.mattes import Mattes
    from firstframe.imagegen.photo_subject import Known, find
    from firstframe.imagegen.photograph import hero_of
    from firstframe.imagegen.reframe import Reframe

    photo = _shrunk(read_picture(file))
    size = PixelSize(photo.shape[1], photo.shape[0])
    shape = format_named(format_name or nearest_format(size), field="--format")
    known = Known(mattes=Mattes(models.inference, models.digests))
    picture = hero_of(photo, find(photo, known), size=_preview(shape.delivery_size), reframe=Reframe.CROP, known=known)
    return Tried(file.stem, picture)


def hero_of_lane(campaign: campaigns_pb2.Campaign, lane: str, store: BlobStore) -> Tried:
    """The still of a lane with its layers, at the size of a preview.

    Raises:
        NotFound: `LANE_NOT_FOUND`, or a picture is not in the store.
        PreconditionFailed: `NO_STILL_YET`.
    """
    from firstframe.heroes.reading import read_hero
    from firstframe.runtime.hero_messages import hero_of

    found = next((item for item in campaign.lanes if item.lane == lane), None)
    if found is None:
        text = f"there is no lane {lane!r}; use one of {', '.join(item.lane for item in campaign.lanes[:20])}"
        raise NotFound(text, reason="LANE_NOT_FOUND", metadata={"lane": lane})
    if not found.hero.image.digest:
        raise PreconditionFailed(f"{lane} has no still yet; wait until it is made", reason="NO_STILL_YET")
    return Tried(lane, small(read_hero(hero_of(found.hero), store, lambda: None)))


def small(hero: HeroPicture, short_side: int = SHORT_SIDE) -> HeroPicture:
    """A hero at the size of a preview; one that is smaller stays as it is."""
    scale = short_side / min(hero.size.width, hero.size.height)
    if scale >= 1:
        return hero
    bleed = round(hero.layers.bleed_px * scale)
    size = PixelSize(_even(hero.size.width * scale), _even(hero.size.height * scale))
    around = PixelSize(size.width + 2 * bleed, size.height + 2 * bleed)
    layers = tuple(replace(layer, rgba=_resized(layer.rgba, around)) for layer in hero.layers.layers)
    pictures = replace(hero.layers, layers=layers, bleed_px=bleed)
    return HeroPicture(
        image=_over(pictures, size),
        layers=pictures,
        inverse_depth=None,
        matte=None,
        subject=None if hero.subject is None else _scaled(hero.subject, scale, size),
        regions={
            name: cv2.resize(mask, (size.width, size.height)).astype(np.uint8) for name, mask in hero.regions.items()
        },
    )


def _preview(size: PixelSize) -> PixelSize:
    scale = SHORT_SIDE / min(size.width, size.height)
    return PixelSize(_even(size.width * scale), _even(size.height * scale))


def _even(value: float) -> int:
    return 2 * round(value / 2)


def _shrunk(photo: Rgb8) -> Rgb8:
    scale = _LONGEST / max(photo.shape[:2])
    if scale >= 1:
        return photo
    size = round(photo.shape[1] * scale), round(photo.shape[0] * scale)
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _resized(rgba: Rgba8, size: PixelSize) -> Rgba8:
    """A layer at another size; its colours weigh as much as they are seen."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    both = np.concatenate([rgba[..., :3] * alpha, alpha], -1)
    both = np.asarray(cv2.resize(both, (size.width, size.height), interpolation=cv2.INTER_AREA), np.float32)
    cover = both[..., 3:]
    colours = both[..., :3] / np.maximum(cover, 1e-6)
    return np.concatenate([colours.clip(0, 255), 255 * cover], -1).round().astype(np.uint8)


def _over(pictures: LayerPictures, size: PixelSize) -> Rgb8:
    from firstframe.render.layers import composite

    image = composite([layer.rgba for layer in pictures.layers], pictures.bleed_px)
    return np.ascontiguousarray(image[: size.height, : size.width])


def _scaled(rect: PixelRect, scale: float, size: PixelSize) -> PixelRect:
    left, top = round(rect.x * scale), round(rect.y * scale)
    return PixelRect(
        left, top, min(round(rect.width * scale), size.width - left), min(round(rect.height * scale), size.height - top)
    )
