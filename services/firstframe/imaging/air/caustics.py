"""Light that moving water throws on what is around it: bright lines where its surface gathers the light.

The rays of a lamp are bent by the surface's slope and land beside where they would have; where many land it is bright. The
pattern is thrown along one direction onto the surfaces of the hero, so it lies on the ground and bends over a bottle.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.air.base import Medium, Moment, Place
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.air.kernels import relight
from firstframe.imaging.air.light import factor, lifts, light_tint
from firstframe.imaging.air.noise import tiled
from firstframe.imaging.air.regions import on_grid
from firstframe.imaging.air.sea import Sea
from firstframe.imaging.compiled import compiled

Floats = NDArray[np.float32]

_SIDE, _RAYS = 128, 256
_METRES = 3.2
"""Of water to a tile: waves of 0.2 to 1.3 m, which keep below three swings in a second."""
_TILE = 0.42
"""Width of the tile where it lands, over the subject's distance."""
_BEND = 0.05
"""How far a slope of one standard deviation throws a ray, in tiles."""
_MOST = 1.3
"""How much more light a place has where it is twice the mean, at an amount of 1."""
_RAY = np.array([0.30, 0.52, 0.80])
"""Where the light goes: to the right, down and forwards."""


@compiled("(f4[:, ::1], f4[:, ::1], f4, i8, f4[:, ::1])")
def land(slope_x: Floats, slope_y: Floats, bend: float, rays: int, out: Floats) -> None:
    """Adds up where rays land that a tile of water bends.

    Args:
        slope_x: Slope along columns, shape (side, side).
        slope_y: The same along rows.
        bend: Samples of `out` by which a slope of one throws a ray.
        rays: Rays along a side of the tile.
        out: Result, shape (n, n); added to, mean of one for `rays` equal to n.
    """
    side, size = slope_x.shape[0], out.shape[0]
    for j in range(rays):
        for i in range(rays):
            y, x = j * side / rays, i * side / rays
            y0, x0 = int(y), int(x)
            y1, x1, fy, fx = (y0 + 1) % side, (x0 + 1) % side, y - y0, x - x0
            a, b, c, d = (1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx
            sx = a * slope_x[y0, x0] + b * slope_x[y0, x1] + c * slope_x[y1, x0] + d * slope_x[y1, x1]
            sy = a * slope_y[y0, x0] + b * slope_y[y0, x1] + c * slope_y[y1, x0] + d * slope_y[y1, x1]
            px, py = i * size / rays - bend * sx, j * size / rays - bend * sy
            u, v = int(np.floor(px)), int(np.floor(py))
            gx, gy = px - u, py - v
            u0, v0, u1, v1 = u % size, v % size, (u + 1) % size, (v + 1) % size
            out[v0, u0] += (1 - gx) * (1 - gy)
            out[v0, u1] += gx * (1 - gy)
            out[v1, u0] += (1 - gx) * gy
            out[v1, u1] += gx * gy


class Caustics(Medium):
    """The light of one clip.

    Args:
        place: Where it falls.
    """

    needs_cover = True

    def __init__(self, place: Place) -> None:
        self._place, self._width = place, place.size.width
        period = place.duration_s if place.repeats else None
        x, y = place.way(200.0)
        self._sea = Sea(_SIDE, _METRES, 2.2, (x, y), place.random(61), period, longest=0.5, shortest=0.2)
        self._at = [_landing(place, surface) for surface in place.surfaces]
        self._near = [_nearness(place, surface) for surface in place.surfaces]
        self._lift = lifts(place)
        self._regions = on_grid(place)
        self._tint = light_tint(place.hero)

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        """See `Medium`."""
        if moment.presence <= 0:
            return
        tile = self.pattern(moment.time_s)
        most = np.float32(_MOST * self._place.amount * moment.presence)
        gains = [
            factor(most * self._region(index, near * lift * tiled(tile, at[..., 0], at[..., 1])))
            for index, (at, near, lift) in enumerate(zip(self._at, self._near, self._lift, strict=True))
        ]
        relight(out, self._width, cover.mixed(gains), self._tint)

    def pattern(self, time_s: float) -> Floats:
        """Light over its mean, a tile that continues itself; where there is little, a faint shade."""
        slope_x, slope_y = self._sea.slopes(time_s)
        light = np.zeros((_RAYS, _RAYS), np.float32)
        land(slope_x, slope_y, _BEND * _RAYS, _RAYS, light)
        wrapped = cv2.copyMakeBorder(light, 4, 4, 4, 4, cv2.BORDER_WRAP)
        soft = cv2.GaussianBlur(wrapped, (0, 0), 1.1)[4:-4, 4:-4]
        return np.asarray(np.clip(soft - 0.8, -0.3, 4.0), np.float32)

    def _region(self, layer: int, light: Floats) -> Floats:
        return light if self._regions is None else np.asarray(light * self._regions[layer], np.float32)


def _landing(place: Place, surface: Floats) -> Floats:
    """Where on the pattern the points of a layer lie, in tiles: across the light's direction."""
    ray = _RAY / np.linalg.norm(_RAY)
    right = np.cross(ray, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    down = np.cross(ray, right)
    return np.asarray(surface @ np.stack([right, down], -1) / (_TILE * place.subject_m), np.float32)


def _nearness(place: Place, surface: Floats) -> Floats:
    """Far things are farther from the water, and the pattern would be too small on them; near ones are out of focus."""
    distance = surface[..., 2] / place.subject_m
    return np.asarray(1 / (1 + (distance / 2.6) ** 4) * np.clip(2.5 * distance - 1.25, 0, 1), np.float32)
