"""Which engine moves a hero, why, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log10

from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.orchestrator.brief import SCENE, MotionBrief, PromptBrief
from firstframe.orchestrator.plan import CutoutSource, PhotoSource, SetSource

FILMING_CPU_S = {Quality.DRAFT: 30.0, Quality.STANDARD: 60.0, Quality.FINE: 240.0}
"""Processor seconds for a million pixels of a frame that is rendered anew. At draft quality 22 to 41 were measured on two
scenes (November 2026, AMD EPYC, LLVM); the others follow from their samples."""

MOVING_CPU_S = 0.045
"""The same for a frame that `previz` moves: 0.010 of 640×360 were measured (docs/filming.md)."""

Why = Callable[[int], tuple[str, ...]]
"""Number of frames to reasons."""


def engine_of(
    motion: MotionBrief, source: SetSource | PhotoSource | PromptBrief, size: PixelSize, quality: Quality
) -> tuple[str, Why]:
    """The engine of a lane's clips, empty for the stage's own, and what the plan says about it."""
    if motion.engine != SCENE:
        return "", lambda _: ()
    if problem := _not_filmed(source):
        return "", lambda frames: (f"moved by previz, since {problem}: {_cost(frames, size, MOVING_CPU_S)}",)
    return SCENE, lambda frames: (
        f"filmed by scene, every frame rendered anew at {size}: {_cost(frames, size, FILMING_CPU_S[quality])} without a GPU",
    )


def _not_filmed(source: SetSource | PhotoSource | PromptBrief) -> str:
    """Why a hero cannot be rendered anew from another place; empty when it can."""
    if not isinstance(source, SetSource):
        return "only a generated set can be seen from elsewhere"
    return (
        "a cut-out is flat, and has nothing to show from elsewhere" if isinstance(source.product, CutoutSource) else ""
    )


def _cost(frames: int, size: PixelSize, cpu_s: float) -> str:
    """Processor seconds of a clip, to two figures."""
    seconds = max(frames * size.pixels / 1e6 * cpu_s, 1.0)
    rounded = round(seconds, 1 - floor(log10(seconds)))
    return f"about {rounded:.0f} processor seconds" + (f" ({seconds / 60:.0f} minutes)" if seconds >= 120 else "")
