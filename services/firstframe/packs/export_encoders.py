"""Encoders of text and pictures as plain tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from firstframe.packs.export_modules import Exportable, Shot, floats, mask, whole


class ClipText(Exportable):
    """`CLIPTextModel` and `CLIPTextModelWithProjection`: what pipelines use of it, the last state but one included.

    Args:
        module: The encoder.
        projected: Whether it is the one with a projection.
    """

    def __init__(self, module: Any, *, projected: bool) -> None:  # noqa: ANN401
        config = module.config
        tokens, width = config.max_position_embeddings, config.hidden_size
        inputs = (
            whole("input_ids", tokens, last=config.vocab_size - 1),
            mask("attention_mask", tokens),
        )
        pooled = floats("text_embeds", config.projection_dim) if projected else floats("pooler_output", width)
        outputs = (floats("last_hidden_state", tokens, width), pooled, floats("penultimate", tokens, width))
        super().__init__(module, inputs, outputs)

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`: nothing varies."""
        del shot
        return {}

    def run(self, given: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """See `Exportable`."""
        out = self.module(**given, output_hidden_states=True)
        return out.last_hidden_state, getattr(out, self.outputs[1].name), out.hidden_states[-2]


class T5Text(Exportable):
    """`T5EncoderModel` and `UMT5EncoderModel`.

    Args:
        module: The encoder.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        inputs = (whole("input_ids", "tokens", last=config.vocab_size - 1), mask("attention_mask", "tokens"))
        super().__init__(module, inputs, (floats("last_hidden_state", "tokens", config.d_model),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"tokens": shot.tokens}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        state: torch.Tensor = self.module(**given).last_hidden_state
        return state


class ClipVision(Exportable):
    """`CLIPVisionModelWithProjection`, or the last state but one of `CLIPVisionModel`.

    Args:
        module: The encoder.
        projected: Whether it is the one with a projection.
    """

    def __init__(self, module: Any, *, projected: bool) -> None:  # noqa: ANN401
        config = module.config
        side, tokens = config.image_size, (config.image_size // config.patch_size) ** 2 + 1
        out = (
            floats("image_embeds", config.projection_dim)
            if projected
            else floats("penultimate", tokens, config.hidden_size)
        )
        super().__init__(module, (floats("pixel_values", 3, side, side),), (out,))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`: nothing varies."""
        del shot
        return {}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        out = self.module(**given, output_hidden_states=True)
        state: torch.Tensor = out.image_embeds if self.outputs[0].name == "image_embeds" else out.hidden_states[-2]
        return state
