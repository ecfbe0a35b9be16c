"""Water that ripples in its region, and flows where a direction is given.

Ripples are waves on a surface in perspective (`sea.py`). They throw what is mirrored up and down by their slope and catch the
light; what is mirrored stays where it is. A current carries the picture along: two copies of it, half a round apart, each set
back while it cannot be seen (Vlachos, "Water Flow in Portal 2", SIGGRAPH 2010), the first as it stood at the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place, Sheet, smooth, smoothstep
from firstframe.imaging.air.noise import tiled
from firstframe.imaging.air.regions import bound
from firstframe.imaging.air.sea import Sea
from firstframe.imaging.air.skin import FINE, OPAQUE, Skin

Floats = NDArray[np.float32]

_SIDE = 128
_METRES = 6.0
"""Of water to a tile."""
_TILES = 1.1
"""Tiles to the width of the picture at the near edge of the water."""
_THROW = 0.011
"""How far a slope of one standard deviation throws what is mirrored, over the picture's height, at an amount of 1."""
_FLATTENS = 1.5
"""Power of the nearness by which that falls off."""
_SIDEWAYS = 0.35
_RUNNING = 0.45
"""How much of that in a current, which breaks up what is mirrored by itself."""
_WAY_DEG = 256.0
"""Waves run towards the viewer: their crests lie across the picture, as one sees them from a shore."""
_GLINT = 0.13
"""How much lighter or darker that slope makes it, at an amount of 1."""
_LEAST_NEARNESS = 0.16
"""Beyond, waves are drawn no smaller: a frame could not hold them."""
_STILL = 0.03
"""Width along the shore, over the picture's height, in which water comes to rest."""
_CURRENT = 0.075
"""Speed of a current at the near edge, over the picture's width in a second, at an amount of 1."""
_ROUND_S = 0.9
"""Time after which a copy of the picture is set back."""
_SETTLE_S = 1.0


class Water(Medium):
    """The water of one clip.

    Args:
        place: Where it is.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        x, y = place.way(_WAY_DEG)
        period = place.duration_s if place.repeats else None
        self._sea = Sea(_SIDE, _METRES, 3.0, (x, y), place.random(71), period, longest=0.4, shortest=0.05)
        self._first = self._sea.slopes(0.0)
        self._round_s = place.duration_s / max(round(place.duration_s / _ROUND_S), 1) if place.repeats else _ROUND_S
        self._surfaces: list[_Surface] = []

    def cut(self, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
        """See `Medium`."""
        for sheet in sheets:
            region = bound(sheet, self._place, cover=OPAQUE)
            if region is not None:
                self._surfaces.append(_Surface(sheet, region, self._place))
        return sheets

    def move(self, moment: Moment) -> None:
        """See `Medium`."""
        slopes = self._slopes(moment.time_s)
        phase = moment.time_s / self._round_s + 0.5
        for surface in self._surfaces:
            surface.lay(slopes, phase, self._round_s if self._place.direction_deg is not None else 0.0)

    def _slopes(self, time_s: float) -> tuple[Floats, Floats]:
        """Slopes as against the first frame, when the water is as the hero has it."""
        kept = 1.0 if self._place.repeats else 1 - smoothstep(time_s / _SETTLE_S)
        now = self._sea.slopes(time_s)
        return now[0] - np.float32(kept) * self._first[0], now[1] - np.float32(kept) * self._first[1]


class _Surface:
    """Water on one sheet."""

    def __init__(self, sheet: Sheet, region: Floats, place: Place) -> None:
        height, width = region.shape
        self._throw = _THROW * place.amount * height
        self._glint = np.float32(_GLINT * place.amount)
        reach = int(3 * self._throw + _CURRENT * place.amount * width * _ROUND_S) + 4
        self._skin = Skin(sheet, region, min(reach, height // 4))
        self._near = self._nearness()
        self._calm = smooth(self._fine(self._skin.depth()) / np.float32(_STILL * height))
        # Far waves are seen low: thrown farther than they are high, what is mirrored would break up into noise.
        self._thrown = self._near ** np.float32(_FLATTENS) * self._calm
        self._x, self._y = self._plane(width)
        way = place.way(0.0)
        speed = _CURRENT * place.amount * width * self._near * self._calm
        self._current = (speed * np.float32(way[0]), speed * np.float32(way[1]) * np.float32(0.6))

    def lay(self, slopes: tuple[Floats, Floats], phase: float, round_s: float) -> None:
        """Puts the water where it is.

        Args:
            slopes: Of the tile, across and along.
            phase: Rounds of the current that are done; a half at the beginning.
            round_s: Length of one in seconds, 0 where there is no current.
        """
        across, along = (tiled(slope, self._x, self._y) for slope in slopes)
        thrown = np.float32(self._throw if round_s <= 0 else _RUNNING * self._throw) * self._thrown
        right, down = np.float32(_SIDEWAYS) * thrown * across, thrown * along
        gain = self._glint * self._near * self._calm * np.clip(across - along, -2.5, 2.5)
        if round_s <= 0:
            self._skin.lay([(right, down)], 0.0, gain)
            return
        moves = []
        for begun in (phase % 1.0, (phase + 0.5) % 1.0):
            seconds = np.float32((begun - 0.5) * round_s)
            moves.append((right - seconds * self._current[0], down - seconds * self._current[1]))
        self._skin.lay(moves, abs(2 * (phase % 1.0) - 1), gain)

    def _fine(self, values: Floats) -> Floats:
        rows, columns = self._skin.fine_shape
        return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)

    def _nearness(self) -> Floats:
        """1 at the near edge of the water, falling to 0 at its horizon: how large things on it are seen."""
        rows = np.flatnonzero((self._skin.inside > 0.5).any(1))
        first, last = int(rows[0]), int(rows[-1])
        horizon = first - 0.02 * (last - first) - 1
        line = (np.arange(len(self._skin.inside), dtype=np.float32) - horizon) / (last - horizon)
        return self._fine(
            np.repeat(np.clip(line, 0.02, 1.2)[:, None], self._skin.inside.shape[1], 1).astype(np.float32)
        )

    def _plane(self, width: int) -> tuple[Floats, Floats]:
        """Where on the water's plane each place is, in tiles."""
        rows, columns = np.mgrid[0 : self._near.shape[0], 0 : self._near.shape[1]].astype(np.float32)
        near = np.maximum(self._near, _LEAST_NEARNESS)
        x = ((columns - columns.mean()) * FINE / width) * _TILES / near
        deep = np.float32(0.55 * _TILES) / near + (near - self._near) * np.float32(3.0)
        return x.astype(np.float32), deep.astype(np.float32) + 0 * rows
