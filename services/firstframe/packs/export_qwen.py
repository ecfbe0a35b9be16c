"""Qwen-Image's transformer and its encoder of text as plain tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from firstframe.packs.export_modules import Exportable, Shot, floats, mask, whole

PROMPT_TOKENS = 512
"""Of a prompt, which is padded to it: the pipeline pads to the longest of a call, and engines have fixed lengths."""
TEMPLATE_TOKENS = 34
"""Of the words that the pipeline puts before each prompt and cuts off again after encoding."""
ENCODED_TOKENS = PROMPT_TOKENS + TEMPLATE_TOKENS
_THETA = 10000.0


class QwenDenoiser(Exportable):
    """`QwenImageTransformer2DModel`. Each sample tells where its tokens lie: requests of different formats can share a run.

    Args:
        module: The transformer.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        inputs = (
            floats("hidden_states", "sequence", config.in_channels, about="latents in squares of 2 × 2, row by row"),
            floats("encoder_hidden_states", PROMPT_TOKENS, config.joint_attention_dim),
            mask("encoder_hidden_states_mask", PROMPT_TOKENS),
            floats("timestep", values=(0, 1)),
            floats(
                "positions",
                "sequence",
                3,
                values=(-64, 64),
                about="frame, row and column of each token, from the middle",
            ),
            floats(
                "text_start", values=(0, 128), about="position of the prompt's first token, beyond those of the picture"
            ),
        )
        out = config.patch_size**2 * config.out_channels
        super().__init__(module, inputs, (floats("sample_out", "sequence", out),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"sequence": (shot.latent_height // 2) * (shot.latent_width // 2)}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        with _told_positions(self.module, self._tables(given["positions"]), self._tables(_along(given["text_start"]))):
            out: torch.Tensor = self.module(
                given["hidden_states"],
                given["encoder_hidden_states"],
                given["encoder_hidden_states_mask"],
                given["timestep"],
                return_dict=False,
            )[0]
        return out

    def _tables(self, positions: torch.Tensor) -> torch.Tensor:
        """Cosines and sines of positions (batch, tokens, 3): shape (batch, tokens, half a head, 2)."""
        module: Any = self.module
        angles = [
            positions[..., axis, None] / torch.pow(_THETA, torch.arange(0, length, 2).float() / length)
            for axis, length in enumerate(module.config.axes_dims_rope)
        ]
        joined = torch.cat(angles, -1)
        return torch.stack((joined.cos(), joined.sin()), -1)


def _along(start: torch.Tensor) -> torch.Tensor:
    """Positions of a prompt's tokens, the same on all three axes."""
    return (start[:, None] + torch.arange(PROMPT_TOKENS).float())[..., None].expand(-1, -1, 3)


@contextmanager
def _told_positions(module: Any, picture: torch.Tensor, text: torch.Tensor) -> Iterator[None]:  # noqa: ANN401
    """Has the transformer rotate by these tables, one for each sample, and in real numbers: graphs have no complex ones."""
    from diffusers.models.transformers import transformer_qwenimage

    library: Any = transformer_qwenimage
    theirs, own = library.apply_rotary_emb_qwen, module.pos_embed
    library.apply_rotary_emb_qwen = _rotated
    module.pos_embed = _Tables(picture, text)
    try:
        yield
    finally:
        library.apply_rotary_emb_qwen, module.pos_embed = theirs, own


class _Tables(torch.nn.Module):
    def __init__(self, picture: torch.Tensor, text: torch.Tensor) -> None:
        super().__init__()
        self._tables = picture, text

    def forward(self, *_: Any, **__: Any) -> tuple[torch.Tensor, torch.Tensor]:  # noqa: ANN401
        return self._tables


def _rotated(value: torch.Tensor, table: torch.Tensor, **_: Any) -> torch.Tensor:  # noqa: ANN401
    """Rotates pairs of channels of queries or keys (batch, tokens, heads, channels)."""
    cos, sin = table[:, :, None, :, 0], table[:, :, None, :, 1]
    even, odd = value[..., 0::2], value[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(3)


class QwenText(Exportable):
    """`Qwen2_5_VLForConditionalGeneration` as Qwen-Image uses it: text alone, its last state.

    Args:
        module: The encoder.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config.get_text_config()
        inputs = (
            whole("input_ids", ENCODED_TOKENS, last=config.vocab_size - 1),
            mask("attention_mask", ENCODED_TOKENS),
        )
        super().__init__(module, inputs, (floats("last_hidden_state", ENCODED_TOKENS, config.hidden_size),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`: nothing varies."""
        del shot
        return {}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        module: Any = self.module
        model, ids = module.model.language_model, given["input_ids"]
        seen = torch.ones(ENCODED_TOKENS, ENCODED_TOKENS, dtype=torch.bool).tril()
        seen = seen & given["attention_mask"].bool()[:, None, None]
        places = torch.arange(ENCODED_TOKENS).expand(3, ids.shape[0], -1)
        # The mask is made here: the library's own way to make it cannot be traced.
        layers = dict.fromkeys(set(model.config.layer_types), seen)
        state: torch.Tensor = model(
            input_ids=ids, attention_mask=layers, position_ids=places, use_cache=False
        ).last_hidden_state
        return state
