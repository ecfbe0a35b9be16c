"""The camera's way: where a few points of the hero went, and where they were asked to go."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firstframe.imaging.drift.miniature import Affine, Doubles
from firstframe.imaging.drift.series import LongestRun, Worst

STILL_PER_S = 0.25
"""Per cent of the frame per second below which an asked motion is taken for rest."""
_LEAST_SHARE = 0.25
"""Of the asked motion that has to happen, or the clip stands still."""
_WHILE_S = 0.25
"""Time over which standing still is judged."""


@dataclass(frozen=True, slots=True)
class Points:
    """Points of layers that stand for the whole, pixels of a small frame from its middle."""

    layers: tuple[int, ...]
    places: Doubles
    """Shape (n, 2)."""
    side_px: int
    """Longer side of a small frame."""

    def moved(self, views: Sequence[Affine]) -> Doubles:
        """How far each point moves under a camera, shape (n, 2), per cent of the longer side."""
        rows = [
            views[layer][:, :2] @ place + views[layer][:, 2] - place
            for layer, place in zip(self.layers, self.places, strict=True)
        ]
        return np.asarray(rows) * (100 / self.side_px)


class Way:
    """Compares a delivered way with an asked one, frame by frame.

    Args:
        rate: Frames per second.
        exact: Whether the asked way holds for every moment, or for direction and amount alone.
    """

    def __init__(self, rate: float, *, exact: bool) -> None:
        self._exact, self._rate = exact, rate
        self._while = max(round(rate * _WHILE_S), 1) + 1
        self._past: deque[tuple[Doubles, Doubles]] = deque(maxlen=self._while)
        self._count = 0
        self._off = Worst()
        self._jump = Worst()
        self._frozen = LongestRun(rate)
        self._asked_sq = self._both = self._delivered_sq = 0.0
        self.first_off = 0.0
        """How far points are from where the hero has them in the first frame, per cent."""
        self.reach = 0.0
        """The farthest that the delivered way went, per cent."""
        self.asked_reach = 0.0
        self.first_speed = np.zeros((1, 2))
        """Of the points at the begin, per cent per second, shape (n, 2)."""
        self._begin: tuple[Doubles, Doubles] | None = None

    def add(self, time_s: float, asked: Doubles, delivered: Doubles) -> None:
        """Takes where points are in the next frame, per cent, shape (n, 2)."""
        off = delivered - asked
        if not self._past:
            self.first_off = size_of(off if self._exact else delivered)
        else:
            self._jump.add(time_s, self._step(asked, delivered))
        if self._begin is None:
            self._begin = asked, delivered
        self._off.add(time_s, size_of(off))
        self._past.append((asked, delivered))
        self._count += 1
        if self._count <= self._while:
            self.first_speed = self.speed
        self._frozen.add(time_s, self._stands_still())
        self._sum_up(asked - self._begin[0], delivered - self._begin[1])

    def _sum_up(self, asked: Doubles, delivered: Doubles) -> None:
        """Ways count from the clip's first frame, since a part of a longer piece begins away from the hero."""
        self._asked_sq += float((asked * asked).sum())
        self._delivered_sq += float((delivered * delivered).sum())
        self._both += float((asked * delivered).sum())
        self.reach = max(self.reach, size_of(delivered))
        self.asked_reach = max(self.asked_reach, size_of(asked))

    @property
    def amount(self) -> float | None:
        """Delivered motion along the asked one, per cent of it; None where nothing was asked."""
        return 100 * self._both / self._asked_sq if self._asked_sq > 0 else None

    @property
    def angle_deg(self) -> float | None:
        """Between the asked and the delivered way, 0 to 180; None where one of them is nothing."""
        sizes = float(np.sqrt(self._asked_sq * self._delivered_sq))
        return float(np.degrees(np.arccos(np.clip(self._both / sizes, -1, 1)))) if sizes > 1e-9 else None

    @property
    def off(self) -> Worst:
        """The farthest that points were from where they were asked to be, per cent."""
        return self._off

    @property
    def jump(self) -> Worst:
        """The largest step between two frames that was not asked for, per cent."""
        return self._jump

    @property
    def frozen(self) -> LongestRun:
        """How long nothing moved though it was asked to."""
        return self._frozen

    @property
    def speed(self) -> Doubles:
        """Of the points at the end, per cent per second, shape (n, 2)."""
        steps = len(self._past) - 1
        if steps < 1:
            return np.zeros_like(self._past[-1][1]) if self._past else np.zeros((1, 2))
        return np.asarray((self._past[-1][1] - self._past[0][1]) * (self._rate / steps))

    def _step(self, asked: Doubles, delivered: Doubles) -> float:
        asked_before, before = self._past[-1]
        if self._exact:
            return size_of(delivered - before - (asked - asked_before))
        if len(self._past) < 2:
            return 0.0
        return size_of(delivered - 2 * before + self._past[-2][1])

    def _stands_still(self) -> bool:
        if len(self._past) < self._while:
            return False
        (asked_then, then), (asked, now) = self._past[0], self._past[-1]
        wanted, done = asked - asked_then, now - then
        if size_of(wanted) < STILL_PER_S * _WHILE_S:
            return False
        return float((wanted * done).sum()) < _LEAST_SHARE * float((wanted * wanted).sum())


def size_of(moved: Doubles) -> float:
    """Root mean square length of some displacements."""
    return float(np.sqrt((moved * moved).sum(axis=1).mean()))
