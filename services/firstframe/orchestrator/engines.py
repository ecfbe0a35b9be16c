"""Which engine moves a hero, why, and what that costs."""

from __future__ import annotations

from collections.abc import Callable

from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.orchestrator.brief import SCENE, MotionBrief, PromptBrief
from firstframe.orchestrator.plan import PhotoSource, SetSource

FILMING_CPU_S = {Quality.DRAFT: 30.0, Quality.STANDARD: 60.0, Quality.FINE: 240.0}
"""Processor seconds for a million pixels of a frame that is rendered anew. At draft quality 22 to 41 were measured on two
scenes (November 2026, AMD EPYC, LLVM); the others follow from their samples."""

Why = Callable[[int], tuple[str, ...]]
"""Number of frames to reasons."""


def engine_of(
    motion: MotionBrief, source: SetSource | PhotoSource | PromptBrief, size: PixelSize, quality: Quality
) -> tuple[str, Why]:
    """The engine of a lane's clips, empty for the stage's own, and what the plan says about it."""
    if motion.engine != SCENE:
        return "", lambda _: ()
    if problem := _not_filmed(source):
        return "", lambda _: (f"moved by previz, since {problem}",)
    return SCENE, lambda frames: (_cost(frames, size, quality),)


def _not_filmed(source: SetSource | PhotoSource | PromptBrief) -> str:
    """Why a hero cannot be rendered anew from another place; empty when it can."""
    if not isinstance(source, SetSource):
        return "only a generated set can be seen from elsewhere"
    return "" if source.product is None else "a product of one's own is not kept with its set"


def _cost(frames: int, size: PixelSize, quality: Quality) -> str:
    seconds = frames * size.pixels / 1e6 * FILMING_CPU_S[quality]
    return f"every frame is rendered anew at {size}: about {seconds / 60:.0f} processor minutes without a GPU"
