"""What the `motion` of a brief says to a learned engine."""

from __future__ import annotations

from collections.abc import Iterator

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.fields import Fields
from firstframe.core.clip_packs import CLIP_PACKS
from firstframe.core.errors import FirstframeError
from firstframe.core.motion import EffectKind
from firstframe.core.native import ClipPack
from firstframe.orchestrator.brief import DIFFUSERS, MAX_STEPS
from firstframe.orchestrator.decode.motion import recipe_of_brief
from firstframe.orchestrator.decode.packs import clip_pack_message

LEARNED_KEYS = ("pack", "negative", "steps", "end")
_ENDS = {"hero": campaigns_pb2.END_FRAME_HERO}


def read_learned(fields: Fields, message: campaigns_pb2.MotionBrief) -> None:
    """Reads pack, negative prompt, steps and end; a pack of one's own is looked for in this machine's folder of packs.

    Args:
        fields: The section `motion`.
        message: What was read of it so far; added to.
    """
    message.pack = fields.text("pack")
    message.negative_prompt = fields.text("negative")
    message.steps = fields.integer("steps", least=1, most=MAX_STEPS)
    message.end = fields.choice("end", _ENDS) or campaigns_pb2.END_FRAME_UNSPECIFIED
    if message.engine == DIFFUSERS and message.pack not in CLIP_PACKS and (own := _own(message)):
        message.pack = own.name
        message.own_pack.CopyFrom(clip_pack_message(own))


def _own(message: campaigns_pb2.MotionBrief) -> ClipPack | None:
    """The pack of that name, else the first that was made for the effect; None where there is none, which a rule then says."""
    effect = _effect(message)
    if not message.pack and effect is None:
        return None
    for pack in _packs():
        if pack.name == message.pack or (not message.pack and pack.effect is effect):
            return pack
    return None


def _effect(message: campaigns_pb2.MotionBrief) -> EffectKind | None:
    try:
        recipe = recipe_of_brief(message)
    except FirstframeError:
        return None
    return recipe.motion.effect.kind if recipe.motion.effect else None


def _packs() -> Iterator[ClipPack]:
    """Packs of the folder that make clips; none where there is no folder."""
    from firstframe.learned.clip_classes import clip_pack_of
    from firstframe.packs.shelf import find_shelf

    try:
        shelf = list(find_shelf(None, None))
    except FirstframeError:
        return
    for pack in shelf:
        if pack.pipeline is not None and pack.pipeline.native.frames and pack.pack not in CLIP_PACKS:
            yield clip_pack_of(pack)
