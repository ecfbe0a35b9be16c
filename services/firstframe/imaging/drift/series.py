"""Figures over time that need no memory of it: trembling, trends, the worst of what lasted."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

_SHORT_S, _LONG_S = 1 / 30, 0.17
"""Distances over which trembling is looked for: the one for what changes at every frame, the other for slow swings."""


class Trembling:
    """How much figures swing about the straight line through their neighbours in time, as a root mean square.

    A figure x adds `x(t) − (x(t−k) + x(t+k)) / 2`: motion at a steady speed adds nothing, a slow curve hardly anything.

    Args:
        rate: Frames per second.
    """

    def __init__(self, rate: float) -> None:
        self._lags = sorted({max(round(rate * lag), 1) for lag in (_SHORT_S, _LONG_S)})
        self._past: deque[Doubles] = deque(maxlen=2 * self._lags[-1] + 1)
        self._sums: dict[int, Any] = dict.fromkeys(self._lags, 0.0)
        self._counts = dict.fromkeys(self._lags, 0)

    def add(self, figures: Doubles) -> None:
        """Takes the figures of the next frame; always of one shape."""
        self._past.append(np.asarray(figures, np.float64))
        for lag in self._lags:
            if len(self._past) > 2 * lag:
                swing = self._past[-1 - lag] - (self._past[-1] + self._past[-1 - 2 * lag]) / 2
                self._sums[lag] = self._sums[lag] + swing * swing
                self._counts[lag] += 1

    @property
    def rms(self) -> Doubles | None:
        """The larger of both distances; None when the clip was too short."""
        known = [self._sums[lag] / self._counts[lag] for lag in self._lags if self._counts[lag]]
        return np.sqrt(np.max(known, axis=0)) if known else None


class Trend:
    """Straight lines through figures, by least squares."""

    def __init__(self) -> None:
        self._count, self._t, self._tt = 0, 0.0, 0.0
        self._x: Any = 0.0
        self._tx: Any = 0.0

    def add(self, time_s: float, figures: Doubles) -> None:
        """Takes the figures at a time."""
        self._count += 1
        self._t, self._tt = self._t + time_s, self._tt + time_s * time_s
        self._x, self._tx = self._x + figures, self._tx + time_s * np.asarray(figures)

    @property
    def slope(self) -> Doubles | None:
        """Change per second; None before there are three figures."""
        spread = self._count * self._tt - self._t**2
        if self._count < 3 or spread <= 0:
            return None
        return np.asarray((self._count * self._tx - self._t * self._x) / spread)


class Lasting:
    """Figures smoothed over a while, so that one odd frame does not count.

    Args:
        rate: Frames per second.
        over_s: For how long a figure has to last to count for most of itself.
    """

    def __init__(self, rate: float, over_s: float = 0.2) -> None:
        self._share = 1 - float(np.exp(-1 / (rate * over_s)))
        self._now: Doubles | None = None

    def add(self, figures: Doubles) -> Doubles:
        """Takes the figures of the next frame and gives them smoothed."""
        figures = np.asarray(figures, np.float64)
        self._now = figures if self._now is None else self._now + self._share * (figures - self._now)
        return self._now


class Worst:
    """The largest of figures, and when it was."""

    def __init__(self) -> None:
        self.value: float | None = None
        self.time_s = 0.0

    def add(self, time_s: float, figure: float) -> None:
        """Takes the figure at a time; one that is no number is left out."""
        if np.isfinite(figure) and (self.value is None or figure > self.value):
            self.value, self.time_s = float(figure), time_s


class LongestRun:
    """The longest time for which something held.

    Args:
        rate: Frames per second.
    """

    def __init__(self, rate: float) -> None:
        self._rate, self._now = rate, 0
        self._most = Worst()
        self._most.add(0.0, 0.0)

    def add(self, time_s: float, holds: bool) -> None:
        """Takes whether it holds at a frame."""
        self._now = self._now + 1 if holds else 0
        self._most.add(time_s, self._now / self._rate)

    @property
    def seconds(self) -> float:
        """How long."""
        return self._most.value or 0.0

    @property
    def ended_s(self) -> float:
        """When it had lasted that long."""
        return self._most.time_s
