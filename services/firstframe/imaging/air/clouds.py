"""Clouds that drift in the sky: the hero's own where it has some, faint veils of cirrus where it has none."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place, Sheet, smooth, smoothstep
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.air.kernels import veil
from firstframe.imaging.air.noise import cloudy, tiled
from firstframe.imaging.air.regions import bound, on_grid
from firstframe.imaging.air.skin import OPAQUE, Skin

Floats = NDArray[np.float32]

_DRIFT = 0.030
"""Share of the frame's width by which the nearest clouds drift in a second, at an amount of 1."""
_FARTHEST = 0.35
"""How fast those at the horizon are, over those at the top."""
_EDGE = 0.05
"""Width along the skyline, over the picture's height, in which clouds slow down."""
_STRUCTURE = 2.0
"""Change along a row, in levels of 8 bits, that a fifth of a sky has or exceeds when it has clouds of its own."""
_BROAD = 0.06
"""Size of clouds that are counted, over the picture's width."""
_VEIL = 0.75
"""Opacity of the thickest cirrus, at an amount of 1."""
_GATHER_S = 2.5
"""Seconds until it is there: nobody sees clouds come up in half of one."""


class Clouds(Medium):
    """The clouds of one clip.

    Args:
        place: Where they are.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._skies: list[_Sky] = []
        self._cirrus: _Cirrus | None = None

    def cut(self, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
        """See `Medium`."""
        found = [(sheet, bound(sheet, self._place, cover=OPAQUE)) for sheet in sheets]
        skies = [_Sky(sheet, region, self._place) for sheet, region in found if region is not None]
        self._skies = [sky for sky in skies if sky.structured]
        if skies and not self._skies:
            self._cirrus = _Cirrus(self._place)
            self.needs_cover = True
        return sheets

    def move(self, moment: Moment) -> None:
        """See `Medium`."""
        for sky in self._skies:
            sky.lay(moment.time_s)

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        """See `Medium`."""
        if self._cirrus is not None and moment.presence > 0:
            self._cirrus.over(out, moment, cover)


class _Sky:
    """A sky with clouds of its own."""

    def __init__(self, sheet: Sheet, region: Floats, place: Place) -> None:
        height, width = region.shape
        self._place = place
        reach = int(_DRIFT * place.amount * width * place.duration_s) + 4
        self._skin = Skin(sheet, region, min(reach, width // 4))
        inside = self._skin.depth() > 0.03 * height + 2
        texture = cv2.cvtColor(self._skin.texture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        broad = cv2.GaussianBlur(texture, (0, 0), sigmaX=_BROAD * width, sigmaY=0.002 * height + 0.5)
        fine = cv2.GaussianBlur(texture, (0, 0), 0.002 * height + 0.5)
        self.structured = bool(inside.any() and float(np.quantile(np.abs(fine - broad)[inside], 0.8)) > _STRUCTURE)
        rows, columns = self._skin.fine_shape
        below = np.linspace(1, _FARTHEST, rows, dtype=np.float32)[:, None]
        calm = cv2.resize(self._skin.depth(), (columns, rows), interpolation=cv2.INTER_AREA) / np.float32(
            _EDGE * height
        )
        speed = np.float32(_DRIFT * place.amount * width) * below * smooth(calm.astype(np.float32))
        way = place.way(0.0)
        self._speed = (speed * np.float32(way[0]), speed * np.float32(way[1]) * np.float32(0.4))
        self._light = np.zeros((rows, columns), np.float32)

    def lay(self, time_s: float) -> None:
        """Puts the clouds where they are; in a clip that repeats they go over into themselves as they began."""
        times, mix = [time_s], 0.0
        if self._place.repeats:
            times.append(time_s - self._place.duration_s)
            mix = smoothstep(time_s / self._place.duration_s)
        moves = [(-np.float32(time) * self._speed[0], -np.float32(time) * self._speed[1]) for time in times]
        self._skin.lay(moves, mix, self._light)


class _Cirrus:
    """Veils in a clear sky."""

    def __init__(self, place: Place) -> None:
        self._place, self._width = place, place.size.width
        rng = place.random(81)
        self._tiles = [cloudy(256, 1.55, rng, stretch=2.6), cloudy(256, 1.75, rng, stretch=1.6)]
        self._regions = on_grid(place) or []
        self._at = [_dome(place, surface) for surface in place.surfaces]
        sky = place.hero.reshape(-1, 3)[(place.within if place.within is not None else np.ones(0)).reshape(-1) > 0.5]
        bright = (sky.mean(0) if len(sky) else np.full(3, 200.0)) / 255
        self._colour = (0.3 * bright + 0.7 * min(1.5 * float(bright.max()), 1.0)).astype(np.float32)

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        """See `Medium.over`."""
        gathered = (
            smoothstep(moment.time_s / _GATHER_S) if not self._place.repeats else np.sin(np.pi * moment.share) ** 2
        )
        most = np.float32(_VEIL * self._place.amount * gathered)
        veils = [most * region * self._density(at, moment) for region, at in zip(self._regions, self._at, strict=True)]
        veil(out, self._width, cover.mixed(veils), self._colour)

    def _density(self, at: Floats, moment: Moment) -> Floats:
        way = np.array(self._place.way(0.0)) * _DRIFT * moment.time_s
        parts = [
            tiled(tile, at[..., 0] - np.float32(pace * way[0]), at[..., 1] - np.float32(pace * way[1]))
            for tile, pace in zip(self._tiles, (1.0, 0.8), strict=True)
        ]
        return smooth(0.30 + 0.27 * parts[0] + 0.27 * parts[1])


def _dome(place: Place, surface: Floats) -> Floats:
    """Where on the sky's plane each place is, in tiles: closer together towards the horizon."""
    at = surface[..., :2] / surface[..., 2:] * place.focal_px
    down = at[..., 1] / place.size.height + 0.5
    far = 1 / np.clip(1.1 - down, 0.25, 2.0)
    return np.stack([at[..., 0] / place.size.width * far * 0.8, far * 1.1], -1).astype(np.float32)
