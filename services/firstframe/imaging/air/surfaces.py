"""Where the points of every layer are in space, so that light bends over what it falls on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, LayerRole
from firstframe.imaging.air.cover import GRID, reduced
from firstframe.imaging.fill import push_pull

Floats = NDArray[np.float32]

SEEN_THROUGH = 8
"""Levels of alpha from none, or from all, from which it is not sure what a pixel shows."""
_NEARER, _FARTHER = 0.4, 5.0
"""How far a point may lie from its layer's middle, as a multiple of the distance."""


def surfaces(hero: HeroPicture, focal_px: float) -> tuple[Floats, ...]:
    """Points of every layer.

    Where the hero says how far away its pixels are, that is taken for what it shows of a layer, and continued where nearer
    layers hide it. Without, a layer is an upright plane.

    Args:
        hero: The still, its layers and perhaps its depth.
        focal_px: Focal length of the hero.

    Returns:
        From far to near; each of shape (h / `GRID`, w / `GRID`, 3) of the layer's picture: metres to the right, down and
        forwards of the camera.
    """
    distances = _distances(hero)
    height, width = distances[0].shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    bleed = hero.layers.bleed_px
    x = (columns * GRID + (GRID - 1) / 2 - bleed - (hero.size.width - 1) / 2) / focal_px
    y = (rows * GRID + (GRID - 1) / 2 - bleed - (hero.size.height - 1) / 2) / focal_px
    return tuple(np.stack([x * z, y * z, z], -1).astype(np.float32) for z in distances)


def shown_layer(hero: HeroPicture) -> NDArray[np.int64]:
    """Index of the layer that each pixel of the hero shows, shape (height, width)."""
    bleed, size = hero.layers.bleed_px, hero.size
    shown = np.zeros((size.height, size.width), np.int64)
    for index, layer in enumerate(hero.layers.layers):
        alpha = layer.rgba[bleed : bleed + size.height, bleed : bleed + size.width, 3]
        shown[alpha >= 128] = index
    return shown


def surely_shown(hero: HeroPicture) -> list[NDArray[np.bool_]]:
    """Where each layer is shown, shape (height, width).

    The objects of a set have no blur, its layers have: what is seen through a nearer layer's edge, and what a layer's own edge
    shows of an object that is elsewhere, is not told to be this layer's.
    """
    shown = shown_layer(hero)
    if hero.objects is None:
        return [shown == index for index in range(len(hero.layers.layers))]
    owner, bleed = _owners(shown, hero.objects), hero.layers.bleed_px
    nearer, sure = np.zeros(shown.shape, np.uint8), []
    for index, layer in reversed(list(enumerate(hero.layers.layers))):
        alpha = layer.rgba[bleed : bleed + shown.shape[0], bleed : bleed + shown.shape[1], 3]
        own = (alpha >= 255 - SEEN_THROUGH) | ((shown == index) & (owner == index))
        sure.append(own & (nearer <= SEEN_THROUGH))
        nearer = np.maximum(nearer, alpha)
    return sure[::-1]


def _owners(shown: NDArray[np.int64], objects: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Layer of the object that each pixel shows: the one where most of it is."""
    layer = np.zeros(int(objects.max()) + 1, np.int64)
    for number in np.unique(objects):
        layer[number] = np.bincount(shown[objects == number]).argmax()
    return np.asarray(layer[objects], np.int64)


def _distances(hero: HeroPicture) -> list[Floats]:
    layers, bleed = hero.layers.layers, hero.layers.bleed_px
    shape = reduced(layers[0].rgba[..., 3], GRID).shape
    if hero.inverse_depth is None:
        return [np.full(shape, layer.depth_m, np.float32) for layer in layers]
    inverse, sure = hero.inverse_depth.astype(np.float32), surely_shown(hero)
    scale = _metres(hero, inverse, shown_layer(hero))
    return [
        _continued((scale / np.maximum(inverse, 1e-3)).astype(np.float32), sure[index], layer.depth_m, bleed)
        for index, layer in enumerate(layers)
    ]


def _metres(hero: HeroPicture, inverse: Floats, shown: NDArray[np.int64]) -> float:
    """Metres times a level of inverse depth, as the subject tells it, or else the nearest layer that is seen."""
    layers = hero.layers.layers
    order = sorted(range(len(layers)), key=lambda index: (layers[index].role is not LayerRole.SUBJECT, -index))
    for index in order:
        levels = inverse[(shown == index) & (inverse > 0)]
        if levels.size:
            return layers[index].depth_m * float(np.median(levels))
    return layers[0].depth_m


def _continued(distance: Floats, known: NDArray[np.bool_], middle_m: float, bleed: int) -> Floats:
    """The distance of one layer, where it is known and beyond, shape of its picture over `GRID`."""
    bounded = np.clip(distance, _NEARER * middle_m, _FARTHER * middle_m)
    weight = np.pad(known.astype(np.float32), bleed)
    value = np.pad(bounded, bleed, "edge")
    small, sure = reduced(value * weight, GRID), reduced(weight, GRID)
    if not sure.any():
        return np.full(small.shape, middle_m, np.float32)
    mean = small / np.maximum(sure, 1e-6)
    filled = push_pull(np.repeat(mean[..., None], 3, -1), np.minimum(sure, 1).astype(np.float32))[..., 0]
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), 1.0), np.float32)
