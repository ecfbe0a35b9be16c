"""Calls of Qwen-Image's transformer and of its encoder of text as requests."""

from __future__ import annotations

from typing import Any

import torch
from transformers.modeling_outputs import BaseModelOutput

from firstframe.learned.arguments import Arguments
from firstframe.learned.denoisers import per_sample
from firstframe.learned.encoders import States
from firstframe.learned.graphs import Tensors, fitted

PROMPT_TOKENS = 512
ENCODED_TOKENS = 546
"""What prompts are padded to, and what they are with the pipeline's own words; see `firstframe.packs.export_qwen`."""


def transformer(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`QwenImageTransformer2DModel.forward`."""
    hidden, states = given.tensor("hidden_states"), given.tensor("encoder_hidden_states")
    batch, tokens = hidden.shape[0], states.shape[1]
    if tokens > PROMPT_TOKENS:
        raise given.refused("encoder_hidden_states", f"has {tokens} tokens", f"give at most {PROMPT_TOKENS}")
    counted = given.take("encoder_hidden_states_mask")
    counted = torch.ones(batch, tokens) if counted is None else counted
    rows, columns = _picture(given)
    return {
        "hidden_states": hidden,
        "encoder_hidden_states": fitted(states, PROMPT_TOKENS).expand(
            batch, -1, -1
        ),  # one negative prompt may serve all
        "encoder_hidden_states_mask": fitted(counted, PROMPT_TOKENS).long().expand(batch, -1),
        "timestep": per_sample(given, "timestep", batch),
        "positions": _positions(rows, columns).expand(batch, -1, -1),
        "text_start": torch.full((batch,), float(max(rows // 2, columns // 2))),
    }


def _picture(given: Arguments) -> tuple[int, int]:
    """Rows and columns of tokens of the one picture that all samples have."""
    shapes = given.take("img_shapes") or ()
    found = {tuple(map(tuple, one)) for one in shapes}
    if len(found) != 1 or [len(one) for one in found] != [1] or next(iter(found))[0][0] != 1:
        raise given.refused("img_shapes", "are not those of one picture", "reference pictures cannot be sent")
    ((_, rows, columns),) = found.pop()
    return rows, columns


def _positions(rows: int, columns: int) -> torch.Tensor:
    """Frame, row and column of each token, counted from the middle, which belongs to the second half: (tokens, 3)."""
    middle = [torch.arange(length).float() - (length - length // 2) for length in (rows, columns)]
    return torch.cartesian_prod(torch.zeros(1), *middle)


def text(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`Qwen2_5_VLForConditionalGeneration.forward` of text alone.

    What goes beyond the graph's tokens is left out: a token sees none that come after it, and the transformer takes no more.
    """
    ids, counted = given.tensor("input_ids"), given.tensor("attention_mask")
    given.take("output_hidden_states")  # the one that is ever used always comes
    if not bool(counted[:, 0].all()):
        raise given.refused("attention_mask", "begins with tokens that do not count", "pad prompts at their end")
    return {"input_ids": fitted(ids, ENCODED_TOKENS), "attention_mask": fitted(counted, ENCODED_TOKENS)}


def text_states(outputs: Tensors) -> BaseModelOutput:
    """What `Qwen2_5_VLForConditionalGeneration` returns of its states: the last."""
    return BaseModelOutput(hidden_states=States(outputs["last_hidden_state"], place=-1))  # type: ignore[arg-type]
