"""Small heroes with layers, drawn by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect, Rgb8, Rgba8


def layered_hero(
    width: int = 192,
    height: int = 108,
    bleed: int = 12,
    *,
    confidence: float = 1.0,
    depths: tuple[float, float, float] = (2.4, 1.25, 0.8),
    subject: PixelRect | None = None,
) -> HeroPicture:
    """A wall with a soft pattern, a disc in the middle, and something at the right edge that the picture cuts."""
    rows, columns = np.mgrid[0 : height + 2 * bleed, 0 : width + 2 * bleed].astype(float)
    x, y = columns - bleed - (width - 1) / 2, rows - bleed - (height - 1) / 2
    wall = 120 + 60 * np.sin(x / 9) * np.cos(y / 7)
    disc = np.clip(height / 4 - np.hypot(x, y) + 0.5, 0, 1)
    post = np.clip(x - 0.4 * width + 0.5, 0, 1)
    layers = (
        LayerImage(LayerRole.BACKGROUND, rgba(wall, 0.8 * wall, 0.6 * wall, np.ones_like(x)), depths[0]),
        LayerImage(LayerRole.SUBJECT, rgba(200 - 0 * x, 80 + y, 40 + 0 * x, disc), depths[1]),
        LayerImage(LayerRole.FOREGROUND, rgba(30 + 0 * x, 60 + 0 * x, 20 + 0 * x, post), depths[2]),
    )
    pictures = LayerPictures(layers, bleed, horizontal_fov_deg=30.0, confidence=confidence)
    return HeroPicture(composite(pictures), pictures, None, None, subject)


def flat_hero(picture: Rgb8, *, bleed: int = 0) -> HeroPicture:
    """A picture of one layer."""
    alpha = np.full((*picture.shape[:2], 1), 255, np.uint8)
    layer = LayerImage(LayerRole.BACKGROUND, np.concatenate([picture, alpha], -1), 2.0)
    pictures = LayerPictures((layer,), bleed, 30.0, 1.0)
    return HeroPicture(composite(pictures), pictures, None, None, None)


def with_layers(hero: HeroPicture, *layers: LayerImage) -> HeroPicture:
    """The hero with other layers, composited again."""
    pictures = replace(hero.layers, layers=layers)
    return replace(hero, layers=pictures, image=composite(pictures))


def rgba(red: object, green: object, blue: object, alpha: object) -> Rgba8:
    """Colours of 0 to 255 and alpha of 0 to 1 as 8 bits."""
    planes = [np.asarray(red), np.asarray(green), np.asarray(blue), 255 * np.asarray(alpha)]
    return np.clip(np.rint(np.stack(np.broadcast_arrays(*planes), -1)), 0, 255).astype(np.uint8)


def composite(pictures: LayerPictures) -> Rgb8:
    """Straight alpha, from far to near, without the bleed."""
    bleed = pictures.bleed_px
    height, width = pictures.layers[0].rgba.shape[:2]
    frame = np.s_[bleed : height - bleed, bleed : width - bleed]
    result = np.zeros((height - 2 * bleed, width - 2 * bleed, 3))
    for layer in pictures.layers:
        part = layer.rgba[frame].astype(float)
        result += (part[..., :3] - result) * part[..., 3:] / 255
    return np.rint(result).astype(np.uint8)


class Watched:
    """Work that counts what an engine tells it, and stops after so many checks."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.checks = 0
        self.fractions: list[float] = []
        self._stop_after = stop_after

    def progress(self, phase: str, fraction: float) -> None:
        """Keeps the fraction."""
        self.fractions.append(fraction)

    def check(self) -> None:
        """Counts."""
        from firstframe.core.errors import Cancelled

        self.checks += 1
        if self._stop_after is not None and self.checks > self._stop_after:
            raise Cancelled("enough")
