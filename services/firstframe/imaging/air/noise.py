"""Noise without edges."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def cloudy(side: int, power: float, rng: np.random.Generator, stretch: float = 1.0) -> Floats:
    """A tile that continues itself: noise whose amplitude falls with frequency.

    Args:
        side: Of the tile, in samples.
        power: Amplitude falls with the frequency to this power, from two and a half shapes to a tile on.
        rng: Draws it.
        stretch: How much longer its shapes are along rows than along columns.

    Returns:
        Mean 0, standard deviation 1, shape (side, side).
    """
    down, across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None] * stretch
    frequency = np.hypot(down, across) * side
    weight = np.where(frequency > 0, np.maximum(frequency, 2.5) ** -power, 0.0)
    phases = rng.normal(size=weight.shape) + 1j * rng.normal(size=weight.shape)
    tile = np.fft.irfft2(weight * phases, (side, side))
    return np.asarray((tile - tile.mean()) / max(float(tile.std()), 1e-12), np.float32)


def tiled(tile: Floats, x: Floats, y: Floats) -> Floats:
    """A tile that repeats, at places given in tiles, of which there are fewer than a hundred either way."""
    side = tile.shape[0]
    found = cv2.remap(tile, x * np.float32(side), y * np.float32(side), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(found, np.float32)


class Wander:
    """A value that wanders around 0 as a sum of waves, each with whole swings in a clip that repeats.

    Args:
        spectrum: Variance per hertz at each of `frequencies`, up to a factor.
        frequencies: Hertz, evenly spaced in their logarithm, above 0.
        rng: Draws phases.
        period_s: Length of a clip that repeats, else None.
    """

    def __init__(
        self, spectrum: Doubles, frequencies: Doubles, rng: np.random.Generator, period_s: float | None
    ) -> None:
        amplitude = np.sqrt(spectrum * frequencies)  # width of a band grows with its frequency
        if period_s is not None:
            frequencies = np.maximum(np.round(frequencies * period_s), 1) / period_s
        self._pace = 2 * np.pi * frequencies
        self._amplitude = amplitude / np.sqrt((amplitude**2).sum() / 2)
        self._phase = rng.uniform(0, 2 * np.pi, len(frequencies))

    def at(self, time_s: float | Doubles) -> Doubles:
        """Standard deviation 1 over a long time; the shape is that of the time."""
        times = np.asarray(time_s, np.float64)[..., None]
        return np.asarray((self._amplitude * np.sin(self._pace * times + self._phase)).sum(-1), np.float64)
