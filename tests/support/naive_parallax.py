"""A parallax as it is often done: the still cut into slices by its depth, each moved on its own. It leaves ghosts and rims."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from firstframe.core.media import HeroPicture, LayerImage


def sliced(hero: HeroPicture) -> HeroPicture:
    """The hero with layers as its depth map alone would give: hard masks, and nothing filled in behind."""
    assert hero.inverse_depth is not None
    pictures, bleed = hero.layers, hero.layers.bleed_px
    inverse = hero.inverse_depth.astype(np.float64)
    near = pictures.layers[-1].depth_m
    metres = near * np.percentile(inverse, 99.5) / np.maximum(inverse, 1)
    depths = np.array([layer.depth_m for layer in pictures.layers])
    nearest = np.abs(np.log(metres[..., None] / depths)).argmin(axis=-1)
    layers = [
        _slice(hero, layer, np.full(nearest.shape, 255) if at == 0 else 255 * (nearest == at), bleed)
        for at, layer in enumerate(pictures.layers)
    ]
    return replace(hero, layers=replace(pictures, layers=tuple(layers)))


def _slice(hero: HeroPicture, layer: LayerImage, alpha: np.ndarray, bleed: int) -> LayerImage:
    rgba = np.dstack([hero.image, alpha.astype(np.uint8)])
    return replace(layer, rgba=np.asarray(cv2.copyMakeBorder(rgba, bleed, bleed, bleed, bleed, cv2.BORDER_REPLICATE)))
