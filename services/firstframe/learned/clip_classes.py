"""Which of the library's pipelines make clips of stills, and what each can be told. Imports neither torch nor the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firstframe.core.errors import Unsupported
from firstframe.core.motion import EffectKind
from firstframe.core.native import ClipPack
from firstframe.learned.native import frame_rate_of, native_of
from firstframe.packs.spec import Pack, Pipeline


@dataclass(frozen=True, slots=True)
class ClipClass:
    """What a class of pipelines can be told."""

    prompted: bool
    compared: bool = True
    """Whether a negative prompt has an effect; else guidance is an input of the model."""
    ends: bool = False
    """Whether it, or a class that is made of the same parts, takes a last frame."""


_CLASSES: Mapping[str, ClipClass] = {
    "StableVideoDiffusionPipeline": ClipClass(prompted=False),
    "LTXImageToVideoPipeline": ClipClass(prompted=True, ends=True),
    "WanImageToVideoPipeline": ClipClass(prompted=True, ends=True),
    "CogVideoXImageToVideoPipeline": ClipClass(prompted=True),
    "HunyuanVideoImageToVideoPipeline": ClipClass(prompted=True, compared=False),
}


def class_of(name: str, pipeline: Pipeline) -> ClipClass:
    """The class of a pack's pipeline.

    Args:
        name: Of the pack, for the error.
        pipeline: What the pack says of it.

    Raises:
        Unsupported: `MODEL_CLASS`, it makes no clips of stills, or nobody has written down how it is told to.
    """
    if pipeline.class_name not in _CLASSES:
        problem = f"{name}: {pipeline.class_name} makes no clips of stills here; {', '.join(_CLASSES)} do"
        raise Unsupported(problem, reason="MODEL_CLASS")
    return _CLASSES[pipeline.class_name]


def clip_pack_of(pack: Pack) -> ClipPack:
    """What a plan has to know of a pack.

    Raises:
        InvalidInput: The pack makes no clips.
        Unsupported: `MODEL_CLASS`, see `class_of`.
    """
    native, pipeline = native_of(pack), pack.pipeline
    assert pipeline is not None  # noqa: S101  (`native_of` has refused it)
    told = class_of(pack.pack, pipeline)
    return ClipPack(
        name=pack.pack,
        sizes=dict(native.sizes),
        # Engines and autoencoders are made for this length, though the model itself would make others of its rule.
        frame_counts=(native.default_frames,),
        frame_rate=frame_rate_of(pack),
        steps=pipeline.steps,
        guidance=pipeline.guidance,
        reads_words=told.prompted,
        compares=told.prompted and told.compared and pipeline.guidance > 1,
        takes_last_frame=told.ends and pipeline.last_frame,
        effect=EffectKind(pack.effect.kind) if pack.effect else None,
    )
