"""A surface of water in waves: a tile that continues itself, in space and, where a clip repeats, in time.

Tessendorf, "Simulating Ocean Water", SIGGRAPH course notes 2001: a spectrum of waves of random phase, each running at the speed
that gravity gives its length (deep water, ω² = g·k). With a period, every frequency is rounded to whole swings in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

GRAVITY = 9.81


class Sea:
    """Waves on a square.

    Args:
        side: Samples along a side of the tile.
        metres: Length of a side.
        wind: Speed of the wind in metres per second; longer waves than it raises there are not.
        way: Unit vector to where the waves run, along columns and rows.
        rng: Draws it.
        period_s: Length of a clip that repeats, else None.
        longest: Longest wave, over the tile's side.
        shortest: What is shorter fades away, over the tile's side.
    """

    def __init__(
        self,
        side: int,
        metres: float,
        wind: float,
        way: tuple[float, float],
        rng: np.random.Generator,
        period_s: float | None,
        longest: float = 0.5,
        shortest: float = 0.03,
    ) -> None:
        line = 2 * np.pi * np.fft.fftfreq(side, metres / side)
        self.kx, self.ky = line[None, : side // 2 + 1].copy(), line[:, None]
        self.kx[0, -1] = abs(self.kx[0, -1])
        length = np.hypot(self.kx, self.ky)
        spectrum = phillips(self.kx, self.ky, wind, way) * (length >= 2 * np.pi / (metres * longest))
        spectrum *= np.exp(-((length * shortest * metres / (2 * np.pi)) ** 2))
        noise = rng.normal(size=(2, *spectrum.shape, 2)) @ np.array([1, 1j]) / np.sqrt(2)
        self._there, self._back = np.sqrt(spectrum) * noise[0], np.sqrt(spectrum) * np.conj(noise[1]) * 0.3
        self.omega = np.sqrt(GRAVITY * length)
        if period_s is not None:
            self.omega = np.round(self.omega * period_s / (2 * np.pi)) * 2 * np.pi / period_s
        self._side, self._scale = side, 1.0
        self._scale = 1 / max(float(np.hypot(*self.slopes(0.0)).std()), 1e-12)

    def slopes(self, time_s: float) -> tuple[Floats, Floats]:
        """Slope along columns and along rows, shape (side, side) each; together of standard deviation 1 at the beginning."""
        turn = np.exp(-1j * self.omega * time_s)
        height = self._scale * (self._there * turn + self._back * np.conj(turn))
        return self._space(1j * self.kx * height), self._space(1j * self.ky * height)

    def _space(self, values: NDArray[np.complex128]) -> Floats:
        return np.asarray(np.fft.irfft2(values, (self._side, self._side)), np.float32)


def phillips(
    kx: NDArray[np.floating], ky: NDArray[np.floating], wind: float, way: tuple[float, float]
) -> NDArray[np.floating]:
    """Phillips spectrum of wave heights, up to a factor (Tessendorf, equation 40), without what runs against the wind."""
    length = np.hypot(kx, ky)
    safe = np.where(length > 0, length, 1.0)
    largest = wind**2 / GRAVITY
    along = (kx * way[0] + ky * way[1]) / safe
    spread = np.where(along > 0, along**2, 0.15 * along**2) + 0.08
    return np.where(length > 0, np.exp(-1 / (safe * largest) ** 2) / safe**4 * spread, 0.0)
