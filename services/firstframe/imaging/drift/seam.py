"""Whether two clips join: where one ends and the next begins."""

from __future__ import annotations

import numpy as np

from firstframe.core.motion import Air
from firstframe.core.verdict import Limits, Verdict
from firstframe.imaging.drift import looks
from firstframe.imaging.drift.ends import CORNERS, INNER, End
from firstframe.imaging.drift.flow import FlowMeter, fit_camera
from firstframe.imaging.drift.miniature import Doubles, Floats, Seen
from firstframe.imaging.drift.moving import LIGHTS
from firstframe.imaging.drift.rule import CAMERA, OF_FRAME, Measure, changing_light, slack_of, widened
from firstframe.imaging.drift.way import size_of
from firstframe.imaging.preflight.colour import delta_e

_PER_S = "% of the frame per second"
EXACT = (Limits(0.1, 0.2, OF_FRAME, 2, higher_is_better=False), Limits(0.5, 1.0, _PER_S, 2, higher_is_better=False))
"""Of step and speed, where every pose is known."""
LEARNED = (Limits(0.6, 1.2, OF_FRAME, 2, higher_is_better=False), Limits(4.0, 8.0, _PER_S, 2, higher_is_better=False))
"""The same of learned models, which come to the hero at a speed of their own; not measured."""
COLOUR = Limits(0.5, 1.0, "ΔE00", 2, higher_is_better=False)


def seam_measures(
    end: End, begin: End, rate: float, airs: tuple[Air, ...] = (), *, exact: bool = True
) -> tuple[Measure, ...]:
    """Measures of the seam between two clips of one size and rate.

    Args:
        end: Of the clip before the seam.
        begin: Of the clip after it.
        rate: Frames per second.
        airs: What is in the air in both.
        exact: Whether the engine holds its poses.
    """
    lights = any(air.kind in LIGHTS for air in airs)
    moved = _moved(end.frame, begin.frame, FlowMeter(veiled=lights))
    step = moved - (end.speed + begin.speed) / 2 / rate
    slack = 1 + CAMERA * (slack_of(airs) - 1)
    limits = [widened(item, slack) for item in (EXACT if exact else LEARNED)]
    return (
        _measure(
            "seam-step", "Step at the seam", limits[0], size_of(step), "The picture jumps by {} where the clips join"
        ),
        _measure(
            "seam-speed",
            "Speed at the seam",
            limits[1],
            size_of(begin.speed - end.speed),
            "The camera's speed changes by {} there",
        ),
        _colours(end, begin, airs),
    )


def _colours(end: End, begin: End, airs: tuple[Air, ...]) -> Measure:
    if why := changing_light(airs):
        return Measure("seam-colour", "Colour at the seam", Verdict.NOT_MADE, why)
    found = _colour(end.frame, begin.frame)
    return _measure("seam-colour", "Colour at the seam", COLOUR, found, "Colours change by {} there")


def _measure(name: str, title: str, limits: Limits, number: float, says: str) -> Measure:
    verdict = limits.judge(number)
    advice = "" if verdict is Verdict.PASS else "make both clips of one motion whose windows join, with the same seed"
    return Measure(name, title, verdict, says.format(limits.shown(number)), advice, number, limits)


def _moved(one: Floats, other: Floats, meter: FlowMeter) -> Doubles:
    """How far the background moves from one frame to the other, per cent of the longer side, shape (4, 2)."""
    height, width = one.shape[:2]
    known = np.ones((height, width), np.float32)
    nothing = np.zeros_like(known)
    evidence = meter.between(Seen(one, nothing, nothing, known), other, known)
    x, y = np.meshgrid((-INNER * width, INNER * width), (-INNER * height, INNER * height), indexing="ij")
    moved = fit_camera(evidence, depth=False).at(x.ravel(), y.ravel(), np.zeros(CORNERS))
    return np.asarray(moved * (100 / max(height, width)))


def _colour(one: Floats, other: Floats) -> float:
    everywhere = np.ones(one.shape[:2], np.float32)
    tiles = [looks.tile_means(looks.lab_of(frame), everywhere).astype(np.float32) for frame in (one, other)]
    return float(np.median(delta_e(tiles[0], tiles[1])))
