"""What an atmosphere is bound to, layer by layer."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, LayerRole
from firstframe.imaging.air.base import Place, Sheet
from firstframe.imaging.air.cover import GRID, reduced
from firstframe.imaging.air.surfaces import surely_shown

Floats = NDArray[np.float32]


def on_grid(place: Place) -> list[Floats] | None:
    """The regions of a place's layers at the size of its surfaces; None for the whole."""
    return None if place.regions is None else [reduced(region, GRID) for region in place.regions]


LEAST_PART = 0.002
"""Share of a layer's picture below which a region is not on it: edges of neighbours, no more."""


def bound(sheet: Sheet, place: Place, *, cover: int = 129) -> Floats | None:
    """What of a sheet a place is bound to, 0 to 1, shape of its picture; None when it is next to nothing.

    Args:
        sheet: The sheet.
        place: The place.
        cover: Alpha from which a pixel of the sheet counts.
    """
    if place.regions is None:
        return None
    region = place.regions[sheet.layer]
    seen = (region > 0.5) & (sheet.rgba[..., 3] >= cover)
    return region if seen.mean() >= LEAST_PART else None


def spread(levels: Floats, hero: HeroPicture, *, subject_too: bool) -> tuple[Floats, ...]:
    """A region of the hero on each of its layers: what the hero shows of a layer tells for what it hides, too.

    Args:
        levels: Over the hero, 0 to 1, shape (height, width).
        hero: The still and its layers.
        subject_too: Whether the subject's own layer may be in it.

    Returns:
        For every layer, 0 to 1, shape of its picture.
    """
    sure = surely_shown(hero)
    return tuple(
        _continued(levels, sure[index], layer.rgba[..., 3], hero.layers.bleed_px)
        if subject_too or layer.role is not LayerRole.SUBJECT
        else np.zeros(layer.rgba.shape[:2], np.float32)
        for index, layer in enumerate(hero.layers.layers)
    )


def _continued(levels: Floats, known: NDArray[np.bool_], alpha: NDArray[np.uint8], bleed: int) -> Floats:
    """Levels where a layer is shown, elsewhere those of the nearest place where it is."""
    if not known.any():
        return np.zeros(alpha.shape, np.float32)
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.zeros(int(labels.max()) + 1, np.float32)
    values[labels[known]] = levels[known]
    spread_out = cv2.blur(np.pad(values[labels], bleed, "edge"), (3, 3))
    return np.where(alpha > 0, spread_out, np.float32(0)).astype(np.float32)
