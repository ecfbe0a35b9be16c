"""When people move: blinks, breath, and how a head comes to a new rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CLOSE_S, HOLD_S, OPEN_S = 0.10, 0.04, 0.19
"""A blink: lids fall fast and rise slower. Source: VanderWerf et al., "Eyelid Movements", 2003, whose means these are near."""
BLINK_S = CLOSE_S + HOLD_S + OPEN_S
_FIRST_S, _LAST_S = 0.55, 0.30
"""Rest before the first blink and after the last one."""
_APART_S = 1.1
BREATH_S = 3.8
"""From breath to breath of somebody at rest."""
_ARRIVES = 0.62
"""Share of the clip in which a head has mostly turned; then it settles."""


def blink_times(count: int, duration_s: float, seed: int) -> tuple[float, ...]:
    """When blinks begin, seconds; fewer than asked where the clip is too short for them.

    Args:
        count: How many are asked for.
        duration_s: Of the clip.
        seed: Moves them a little.
    """
    room = duration_s - _FIRST_S - _LAST_S - BLINK_S
    if room < 0 or count < 1:
        return ()
    fits = min(count, 1 + int(room / _APART_S))
    rng = np.random.default_rng([seed, 0x0B11])
    slack = room - (fits - 1) * _APART_S
    cuts = np.sort(rng.uniform(0.1, 0.9, fits)) * slack if fits > 1 else np.array([rng.uniform(0.25, 0.6) * slack])
    return tuple(float(_FIRST_S + cut + index * _APART_S) for index, cut in enumerate(cuts))


def lids_at(time_s: float, blinks: Sequence[float]) -> float:
    """How far lids are closed, 0 to 1."""
    return max((_blink(time_s - begin) for begin in blinks), default=0.0)


def _blink(since_s: float) -> float:
    if not 0 < since_s < BLINK_S:
        return 0.0
    if since_s < CLOSE_S:
        return smooth(since_s / CLOSE_S)
    return 1 - float(smooth(max(since_s - CLOSE_S - HOLD_S, 0) / OPEN_S) ** 0.85)


def smooth(share: float) -> float:
    """From rest to rest, 0 to 1 (Perlin's fifth-degree step)."""
    s = min(max(share, 0.0), 1.0)
    return s * s * s * (s * (6 * s - 15) + 10)


def sway_at(share: float, *, returns: bool) -> float:
    """How much of its motion a head has done, 0 to 1.

    Args:
        share: Of the clip's time.
        returns: Whether it goes back to where it began.
    """
    if returns:
        return smooth(2 * min(share, 1 - share))
    return 0.9 * smooth(share / _ARRIVES) + 0.1 * smooth(share)


def breath_at(share: float, duration_s: float) -> float:
    """How far a chest has risen at a share of a clip, 0 to 1; whole breaths, so that the last frame is as the first."""
    count = max(round(duration_s / BREATH_S), 1)
    return float((1 - np.cos(2 * np.pi * share * count)) / 2)
