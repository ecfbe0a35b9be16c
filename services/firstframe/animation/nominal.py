"""What a clip is asked to be, where its engine follows words rather than poses."""

from __future__ import annotations

from dataclasses import replace

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.errors import InvalidInput
from firstframe.imaging.drift.asked import Asked


def nominal(request: ClipRequest) -> Asked:
    """The camera's way as the engine `previz` would take it: right in direction and amount, not in every moment.

    Args:
        request: The clip, of any engine; where `previz` knows no such move, nothing is known of the way.
    """
    motion = request.motion
    effect = motion.effect.kind if motion.effect else None
    try:
        asked = PrevizAnimator().take(replace(request, motion=replace(motion, airs=(), effect=None), masks=())).asked
    except InvalidInput:
        return Asked(airs=motion.airs, masks=request.masks, effect=effect)
    return replace(asked, exact=False, airs=motion.airs, masks=request.masks, effect=effect)
