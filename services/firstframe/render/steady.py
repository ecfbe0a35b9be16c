"""Frames of a moving camera that hold still what does not change: the frame before, seen from where the camera is now.

What a denoiser makes of few samples is wrong in another way in each frame, which is seen as a shimmer. Where the surface of a
pixel was seen in the frame before, half of its light is taken from there; not where it comes out from behind something. What a
mirror shows moves another way: light from before is held within what is around the pixel now.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.sets.framing import Camera

BEFORE = 0.5
"""Share of the light that is taken from the frame before, where it can be."""
_SAME = 0.02
"""How far two depths may be apart, as a share of one, to be those of one surface."""
_SPREAD = 1.5
"""Deviations of the light around a pixel within which light from before is held."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    light: Floats
    camera: Camera
    inverse_depth: Floats


class Steady:
    """Frames one after the other."""

    def __init__(self) -> None:
        self._before: _Seen | None = None

    def next(self, light: Floats, camera: Camera, inverse_depth: Floats) -> Floats:
        """The frame, steadied by those before it.

        Args:
            light: Linear light without its noise, shape (h, w, 3).
            camera: What it was seen with.
            inverse_depth: 1/m along the axis of the camera, 0 at infinity, shape (h, w).

        Returns:
            Of the same shape as `light`; the first frame is as it is.
        """
        steadied = light if self._before is None else _mixed(light, camera, inverse_depth, self._before)
        self._before = _Seen(steadied, camera, inverse_depth)
        return steadied


def _mixed(light: Floats, camera: Camera, inverse_depth: Floats, before: _Seen) -> Floats:
    x, y, depth = _places(camera, inverse_depth, before.camera)
    height, width = inverse_depth.shape
    apart = np.abs(_at(before.inverse_depth, x, y, cv2.INTER_LINEAR) * depth - 1)
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    share = np.where((apart < _SAME) & inside, np.float32(BEFORE), np.float32(0))[..., None]
    held = _held(_at(before.light, x, y, cv2.INTER_CUBIC), light)
    return np.asarray(light + (held - light) * share, np.float32)


def _places(camera: Camera, inverse_depth: Floats, before: Camera) -> tuple[Floats, Floats, Floats]:
    """Where the surface of each pixel was in the frame before, in pixels, and how far away, metres."""
    height, width = inverse_depth.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32) + np.float32(0.5)
    away = 1 / np.maximum(inverse_depth, 1e-4)
    across = camera.position[0] + (camera.left + columns / width * (camera.right - camera.left)) * away
    up = camera.position[1] + (camera.top - rows / height * (camera.top - camera.bottom)) * away
    depth = before.position[2] - (camera.position[2] - away)
    u, v = (across - before.position[0]) / depth, (up - before.position[1]) / depth
    x = (u - before.left) / (before.right - before.left) * width - 0.5
    y = (before.top - v) / (before.top - before.bottom) * height - 0.5
    return np.asarray(x, np.float32), np.asarray(y, np.float32), np.asarray(depth, np.float32)


def _held(earlier: Floats, light: Floats) -> Floats:
    """Light from before, within what is around each pixel now."""
    mean = cv2.blur(light, (3, 3))
    spread = np.float32(_SPREAD) * np.sqrt(np.maximum(cv2.blur(light * light, (3, 3)) - mean * mean, 0))
    return np.asarray(np.clip(earlier, mean - spread, mean + spread), np.float32)


def _at(values: Floats, x: Floats, y: Floats, how: int) -> Floats:
    return np.asarray(cv2.remap(values, x, y, how, borderMode=cv2.BORDER_REPLICATE), np.float32)
