"""Whether two clips join: where one ends and the next begins."""

from __future__ import annotations

import numpy as np

from firstframe.core.verdict import Limits, Verdict
from firstframe.imaging.drift import looks
from firstframe.imaging.drift.flow import FlowMeter, fit_camera
from firstframe.imaging.drift.judged import OF_FRAME, Measure
from firstframe.imaging.drift.meter import INNER, Meter
from firstframe.imaging.drift.miniature import Doubles, Floats, Seen
from firstframe.imaging.drift.way import size_of
from firstframe.imaging.preflight.colour import delta_e

STEP = Limits(0.1, 0.2, OF_FRAME, 2, higher_is_better=False)
SPEED = Limits(0.5, 1.0, "% of the frame per second", 2, higher_is_better=False)
COLOUR = Limits(0.5, 1.0, "ΔE00", 2, higher_is_better=False)
_BACKGROUND = 4
"""Points of the background among those that a meter follows: its first ones."""


def seam_measures(one: Meter, other: Meter) -> tuple[Measure, ...]:
    """Measures of the seam between two clips of one size and rate, which were fed to a meter each.

    Raises:
        ValueError: One of them has had no frame.
    """
    if one.last is None or other.first is None:
        raise ValueError("each meter has to be fed with its clip")
    before, after = one.way.speed[:_BACKGROUND], other.way.first_speed[:_BACKGROUND]
    step = _moved(one.last, other.first) - (before + after) / 2 / one.rate
    colour = _colour(one.last, other.first)
    return (
        _measure("seam-step", "Step at the seam", STEP, size_of(step), "The picture jumps by {} where the clips join"),
        _measure(
            "seam-speed", "Speed at the seam", SPEED, size_of(after - before), "The camera's speed changes by {} there"
        ),
        _measure("seam-colour", "Colour at the seam", COLOUR, colour, "Colours change by {} there"),
    )


def _measure(name: str, title: str, limits: Limits, number: float, says: str) -> Measure:
    verdict = limits.judge(number)
    advice = "" if verdict is Verdict.PASS else "make both clips of one motion whose windows join, with the same seed"
    return Measure(name, title, verdict, says.format(limits.shown(number)), advice, number, limits)


def _moved(one: Floats, other: Floats) -> Doubles:
    """How far the background moves from one frame to the other, per cent of the longer side, shape (4, 2)."""
    height, width = one.shape[:2]
    known = np.ones((height, width), np.float32)
    nothing = np.zeros_like(known)
    evidence = FlowMeter().between(Seen(one, nothing, nothing, known), other, known)
    x, y = np.meshgrid((-INNER * width, INNER * width), (-INNER * height, INNER * height), indexing="ij")
    moved = fit_camera(evidence, depth=False).at(x.ravel(), y.ravel(), np.zeros(4))
    return np.asarray(moved * (100 / max(height, width)))


def _colour(one: Floats, other: Floats) -> float:
    everywhere = np.ones(one.shape[:2], np.float32)
    tiles = [looks.tile_means(looks.lab_of(frame), everywhere).astype(np.float32) for frame in (one, other)]
    return float(np.median(delta_e(tiles[0], tiles[1])))
