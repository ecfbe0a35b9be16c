"""Dust in the light: few, soft, slow particles between the camera and the background.

Each particle has a place in three dimensions, so it takes part in the parallax, is hidden by what is nearer, and is out of
focus when it is not at the subject's distance. It shines where the picture behind it is bright.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelSize, Rgb8
from firstframe.imaging.camera import Pose, similarity
from firstframe.imaging.compiled import compiled

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

COUNT = 150
"""Particles over the frame and its surroundings."""
MARGIN = 0.15
"""Share of the frame around it in which there are particles too, so that some come in."""
FADE_IN_S = 0.6
FULL_SCALE = 65535.0

_REFERENCE_PX = 1080.0
"""Short side of the frame for which radii are given."""
_FOCUS_RADIUS_PX = 2.2
_DEFOCUS_PX = 12.0
_PEAK = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class _Particles:
    """Shapes (n,) and (n, 2)."""

    depth_m: Doubles
    place: Doubles
    """Pixels from the middle of the hero's frame."""
    drift: Doubles
    """Pixels per second."""
    sway: Doubles
    """Pixels."""
    phase: Doubles
    pace: Doubles
    """Swings per second."""
    radius: Doubles
    peak: Doubles


@compiled("(u2[:, ::1], i8, f8[::1], f8[::1], f8[::1], f8[::1], f4[::1])")
def glow(
    out: NDArray[np.uint16], width: int, x: Doubles, y: Doubles, radius: Doubles, peak: Doubles, tint: Floats
) -> None:
    """Adds soft discs of light to a frame, as "screen" does: light on white stays white.

    Args:
        out: Frame, shape (height, at least 3 · width).
        width: Pixels of a row.
        x: Middles, shape (n,), in pixels.
        y: The same.
        radius: In pixels.
        peak: Share of full scale at the middle.
        tint: Colour of the light, shape (3,), 0 to 1.
    """
    for i in range(x.shape[0]):
        for row in range(max(int(y[i] - radius[i]), 0), min(int(y[i] + radius[i]) + 2, out.shape[0])):
            for column in range(max(int(x[i] - radius[i]), 0), min(int(x[i] + radius[i]) + 2, width)):
                across, down = (column - x[i]) / radius[i], (row - y[i]) / radius[i]
                rest = max(1 - across * across - down * down, 0.0)
                light = peak[i] * rest * rest
                for channel in range(3):
                    value = np.float64(out[row, 3 * column + channel])
                    out[row, 3 * column + channel] = np.uint16(
                        value + light * tint[channel] * (FULL_SCALE - value) + 0.5
                    )


class Dust:
    """The dust of one clip.

    Args:
        hero: The still, which tells where there is light.
        focal: Focal length in pixels.
        subject_m: Distance that is in focus.
        background_m: Distance of the background.
        seed: The same seed gives the same dust.
    """

    def __init__(self, hero: Rgb8, *, focal: float, subject_m: float, background_m: float, seed: int) -> None:
        self._size = PixelSize(hero.shape[1], hero.shape[0])
        self._focal = focal
        self._light = light_map(hero)
        self._tint = light_tint(hero)
        self._particles = _scattered(self._size, subject_m, background_m, np.random.default_rng([seed, 7]))

    def draw(self, out: NDArray[np.uint16], pose: Pose, time_s: float, nearest_m: float, farthest_m: float) -> None:
        """Adds the particles between two distances to a frame.

        Args:
            out: Frame, shape (height, at least 3 · width).
            pose: Where the camera is.
            time_s: Time since the first frame; there is no dust at 0.
            nearest_m: Least distance, exclusive.
            farthest_m: Greatest distance, inclusive.
        """
        chosen = (self._particles.depth_m > nearest_m) & (self._particles.depth_m <= farthest_m)
        if not chosen.any() or time_s <= 0:
            return
        x, y, radius, peak = self._seen(np.flatnonzero(chosen), pose, time_s)
        glow(out, self._size.width, x, y, radius, peak * self._lit(x, y) * _smoothstep(time_s / FADE_IN_S), self._tint)

    def _seen(self, chosen: NDArray[np.intp], pose: Pose, time_s: float) -> tuple[Doubles, Doubles, Doubles, Doubles]:
        p = self._particles
        angle = 2 * np.pi * (p.pace[chosen] * time_s + p.phase[chosen])
        place = p.place[chosen] + p.drift[chosen] * time_s
        place[:, 0] += p.sway[chosen] * np.sin(angle)
        place[:, 1] += p.sway[chosen] * 0.6 * np.cos(0.7 * angle)
        views = [similarity(pose, depth, self._focal) for depth in p.depth_m[chosen]]
        seen = np.array([view.seen_at(x, y) for view, (x, y) in zip(views, place, strict=True)])
        scale = np.array([view.scale for view in views])
        glint = 0.7 + 0.3 * np.sin(1.7 * angle + 1)
        middle_x, middle_y = (self._size.width - 1) / 2, (self._size.height - 1) / 2
        return seen[:, 0] + middle_x, seen[:, 1] + middle_y, p.radius[chosen] * scale, p.peak[chosen] * glint

    def _lit(self, x: Doubles, y: Doubles) -> Doubles:
        """Light at places of the frame, 0 to 1."""
        height, width = self._light.shape
        columns = (x + 0.5) / self._size.width * width - 0.5
        rows = (y + 0.5) / self._size.height * height - 0.5
        across, down = columns.astype(np.float32)[None], rows.astype(np.float32)[None]
        sampled = cv2.remap(self._light, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(sampled[0], np.float64)


def light_map(hero: Rgb8) -> Floats:
    """Where there is light to shine in, 0 to 1, at a small size: brightness of the surroundings of each place."""
    small = cv2.resize(hero, _thumbnail(hero), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 2.5)
    low, high = np.percentile(grey, (25, 95))
    lit: Floats = 0.2 + 0.8 * _smooth((grey - low) / max(float(high - low), 1.0)).astype(np.float32)
    return lit


def light_tint(hero: Rgb8) -> Floats:
    """Colour of the light: that of the brightest twentieth of the picture, half way to white."""
    pixels = cv2.resize(hero, _thumbnail(hero), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32) / 255
    brightest = pixels[np.argsort(pixels.sum(axis=1))[-max(len(pixels) // 20, 1) :]]
    tint: Floats = (0.5 + 0.5 * brightest.mean(axis=0)).astype(np.float32)
    return tint


def _thumbnail(hero: Rgb8) -> tuple[int, int]:
    scale = 64 / max(hero.shape[:2])
    return max(round(hero.shape[1] * scale), 1), max(round(hero.shape[0] * scale), 1)


def _scattered(size: PixelSize, subject_m: float, background_m: float, rng: np.random.Generator) -> _Particles:
    unit = min(size.width, size.height) / _REFERENCE_PX
    near, far = 0.5 * subject_m, max(0.94 * background_m, subject_m)
    depth = 1 / rng.uniform(1 / far, 1 / near, COUNT)
    reach = np.array([size.width, size.height]) * (0.5 + MARGIN)
    defocus = np.abs(subject_m / depth - 1)
    radius = (_FOCUS_RADIUS_PX * rng.uniform(0.75, 1.5, COUNT) + _DEFOCUS_PX * defocus) * unit
    speed = (subject_m / depth)[:, None] * unit
    return _Particles(
        depth_m=depth,
        place=rng.uniform(-reach, reach, (COUNT, 2)),
        drift=(np.array([5.0, -7.0]) + rng.normal(0, 6, (COUNT, 2))) * speed,
        sway=rng.uniform(2, 9, COUNT) * unit,
        phase=rng.uniform(0, 1, COUNT),
        pace=rng.uniform(0.12, 0.35, COUNT),
        radius=radius,
        peak=_PEAK * rng.beta(1.6, 2.0, COUNT) * (_FOCUS_RADIUS_PX * unit / np.minimum(radius, 20 * unit)) ** 0.7,
    )


def _smooth(share: NDArray[np.float32]) -> NDArray[np.float32]:
    inside = np.clip(share, 0, 1)
    curved: NDArray[np.float32] = inside * inside * (3 - 2 * inside)
    return curved


def _smoothstep(share: float) -> float:
    inside = min(max(share, 0.0), 1.0)
    return inside * inside * (3 - 2 * inside)
