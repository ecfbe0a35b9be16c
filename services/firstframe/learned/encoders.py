"""Calls of encoders of text and pictures as requests."""

from __future__ import annotations

from typing import Any

import torch
from transformers.modeling_outputs import BaseModelOutput, BaseModelOutputWithPooling
from transformers.models.clip.modeling_clip import CLIPTextModelOutput, CLIPVisionModelOutput

from firstframe.core.errors import Unsupported
from firstframe.learned.arguments import Arguments
from firstframe.learned.graphs import Tensors


class States:
    """Hidden states of which one is known.

    Args:
        state: That state.
        place: Its place among all; the last but one is what most pipelines ask for.
    """

    def __init__(self, state: torch.Tensor, place: int = -2) -> None:
        self._state = state
        self._place = place

    def __getitem__(self, place: int) -> torch.Tensor:
        if place != self._place:
            problem = (
                f"hidden state {place} is not among the graph's outputs, only {self._place} is; leave out clip_skip"
            )
            raise Unsupported(problem, reason="MODEL_ARGUMENT")
        return self._state


def _only(state: torch.Tensor) -> Any:  # noqa: ANN401  (stands for a tuple of tensors)
    return States(state)


def text(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`forward` of every encoder of text."""
    ids = given.tensor("input_ids")
    mask = given.take("attention_mask")
    given.take("output_hidden_states")  # the one that is ever used always comes
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids) if mask is None else mask}


def picture(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`forward` of every encoder of pictures."""
    given.take("output_hidden_states")
    return {"pixel_values": given.tensor("pixel_values")}


def clip_text(outputs: Tensors) -> BaseModelOutputWithPooling:
    """What `CLIPTextModel` returns."""
    return BaseModelOutputWithPooling(
        last_hidden_state=outputs["last_hidden_state"],
        pooler_output=outputs["pooler_output"],
        hidden_states=_only(outputs["penultimate"]),
    )


def clip_text_projected(outputs: Tensors) -> CLIPTextModelOutput:
    """What `CLIPTextModelWithProjection` returns."""
    return CLIPTextModelOutput(
        text_embeds=outputs["text_embeds"],
        last_hidden_state=outputs["last_hidden_state"],
        hidden_states=_only(outputs["penultimate"]),
    )


def t5_text(outputs: Tensors) -> BaseModelOutput:
    """What `T5EncoderModel` and `UMT5EncoderModel` return."""
    return BaseModelOutput(last_hidden_state=outputs["last_hidden_state"])


def vision(outputs: Tensors) -> BaseModelOutputWithPooling:
    """What `CLIPVisionModel` returns, but for the last state and the pooled one."""
    return BaseModelOutputWithPooling(hidden_states=_only(outputs["penultimate"]))


def vision_projected(outputs: Tensors) -> CLIPVisionModelOutput:
    """What `CLIPVisionModelWithProjection` returns."""
    return CLIPVisionModelOutput(image_embeds=outputs["image_embeds"])
