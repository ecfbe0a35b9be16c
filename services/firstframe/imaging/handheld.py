"""The sway of a camera that a person holds who stands still.

A sum of sines between 0.2 and 2 Hz, weaker the faster: the body sways slowly, hands a little faster, and what is faster
still is taken out by any stabiliser. It begins and ends where it was, at rest, so that it joins any move before and after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

SLOWEST_HZ, FASTEST_HZ = 0.2, 2.0
_FALL = 1.2
"""Amplitude falls with that power of the frequency."""
_SHIFT, _TURN = 0.6, 0.4
"""Shares of the sway by which the camera is shifted, so that layers part, and by which it is turned."""
_CHANNELS = 4
_SETTLED = 1 / 3
"""Share of its time in which it builds up."""
_PROBES_HZ = 32

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sway:
    """The sway of one phase."""

    turns: Doubles
    """Swings over the phase of each sine, shape (n,)."""
    cosines: Doubles
    """Amplitudes, shape (4, n): shift to the right, shift down, turn to the right, turn down."""
    sines: Doubles

    def at(self, share: float) -> tuple[float, float, float, float]:
        """Shift to the right and down, turn to the right and down, as shares of the largest excursion."""
        angle = 2 * np.pi * self.turns * share
        moved = built_up(share) * (self.cosines @ (np.cos(angle) - 1) + self.sines @ np.sin(angle))
        right, down, turn_right, turn_down = moved.tolist()
        return right, down, turn_right, turn_down

    def top_speed(self, seconds: float) -> float:
        """Greatest speed, in largest excursions per time of the phase."""
        shares = np.linspace(0, 1, probes(seconds))
        return float(np.linalg.norm(np.diff(_together(self, shares), axis=0), axis=1).max() * (len(shares) - 1))


def sway(seconds: float, seed: int, phase: int) -> Sway:
    """The sway of a phase of that length.

    Args:
        seconds: Length, > 0.
        seed: Of the clip.
        phase: Index in the chain: two phases do not sway alike.
    """
    slowest = max(ceil(SLOWEST_HZ * seconds), 1)
    turns = np.arange(slowest, max(floor(FASTEST_HZ * seconds), slowest + 1) + 1, dtype=np.float64)
    rng = np.random.default_rng([seed, 11, phase])
    parts = rng.standard_normal((2, _CHANNELS, len(turns))) * turns**-_FALL
    parts *= np.array([_SHIFT, _SHIFT, _TURN, _TURN])[:, None]
    sines = parts[1] - np.outer(parts[1] @ turns, turns) / (turns @ turns)  # so that it begins at rest
    found = Sway(turns, parts[0], sines)
    largest = float(np.linalg.norm(_together(found, np.linspace(0, 1, probes(seconds))), axis=1).max())
    return Sway(turns, parts[0] / largest, sines / largest)


def built_up(share: float) -> float:
    """How much of a sway, and of the room that it needs, is there at a share of its time: 0 to 1."""
    ramp = min(share / _SETTLED, 1.0)
    return ramp * ramp * (3 - 2 * ramp)


def probes(seconds: float) -> int:
    """Moments at which a sway of that length is looked at, so that no swing is missed."""
    return max(round(_PROBES_HZ * seconds), 2 * _PROBES_HZ) + 1


def _together(found: Sway, shares: Doubles) -> Doubles:
    """How far the subject moves by shift and turn together, shape (shares, 2)."""
    return np.array([(right + turn, down + nod) for right, down, turn, nod in map(found.at, shares.tolist())])
