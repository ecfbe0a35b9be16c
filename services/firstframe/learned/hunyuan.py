"""Calls of HunyuanVideo's transformer and of its encoder of prompt and picture as requests."""

from __future__ import annotations

from typing import Any

from transformers.modeling_outputs import BaseModelOutput

from firstframe.learned.arguments import Arguments
from firstframe.learned.denoisers import per_sample
from firstframe.learned.encoders import States
from firstframe.learned.graphs import Tensors

STATE = -3
"""See `firstframe.packs.export_hunyuan`: the state that is served."""


def transformer(given: Arguments, config: Any) -> Tensors:  # noqa: ANN401
    """`HunyuanVideoTransformer3DModel.forward`."""
    hidden = given.tensor("hidden_states")
    batch = hidden.shape[0]
    guided = {"guidance": per_sample(given, "guidance", batch)} if config.guidance_embeds else {}
    return {
        "hidden_states": hidden,
        "timestep": per_sample(given, "timestep", batch),
        "encoder_hidden_states": given.tensor("encoder_hidden_states"),
        "encoder_attention_mask": given.tensor("encoder_attention_mask").long(),
        "pooled_projections": given.tensor("pooled_projections"),
        **guided,
    }


def text(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`LlavaForConditionalGeneration.forward` of a prompt and one picture."""
    given.take("output_hidden_states")  # the one that is ever used always comes
    return {name: given.tensor(name) for name in ("input_ids", "attention_mask", "position_ids", "pixel_values")}


def text_states(outputs: Tensors) -> BaseModelOutput:
    """What `LlavaForConditionalGeneration` returns of its states: the one before the last two layers."""
    return BaseModelOutput(hidden_states=States(outputs["hidden_state"], place=STATE))  # type: ignore[arg-type]
