"""HunyuanVideo's transformer and its encoder of prompt and picture as plain tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from firstframe.packs.export_modules import STEPS, Exportable, Shot, floats, mask, whole
from firstframe.packs.spec import Tensor

CONDITION_TOKENS = 396
"""That the transformer is told: every fourth of the 576 of the picture, and 252 of the prompt."""
READ_TOKENS = 934
"""That the encoder reads: 256 of the prompt, 103 of the template around it, one of which becomes the picture's 576."""
STATE = -3
"""Which of the encoder's states the pipeline takes, counted from the last."""


class HunyuanDenoiser(Exportable):
    """`HunyuanVideoTransformer3DModel`.

    Args:
        module: The transformer.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        inputs = [
            floats("hidden_states", config.in_channels, "frames", "height", "width"),
            floats("timestep", values=STEPS),
            floats("encoder_hidden_states", CONDITION_TOKENS, config.text_embed_dim),
            mask("encoder_attention_mask", CONDITION_TOKENS),
            floats("pooled_projections", config.pooled_projection_dim),
        ]
        if config.guidance_embeds:
            inputs.append(floats("guidance", values=(1000, 10000), about="a thousand times the guidance"))
        out = floats("sample_out", config.out_channels, "frames", "height", "width")
        super().__init__(module, tuple(inputs), (out,))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"frames": shot.latent_frames, "height": shot.latent_height, "width": shot.latent_width}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        counted = given["encoder_attention_mask"].to(given["encoder_hidden_states"].dtype)
        with _PlainWords():
            out: torch.Tensor = self.module(**{**given, "encoder_attention_mask": counted}, return_dict=False)[0]
        return out


class _PlainWords(TorchFunctionMode):
    """Says in other words what the exporter, or what runs the graph, does not understand.

    Slices become cuts of a length: a slice's own length is the least of two, with which nobody can reckon when it varies. The
    transformer parts the first frame from the rest, and the picture from the prompt, in every layer. And truth values that
    are filled with False, for which ONNX Runtime has no operator, become a conjunction.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        """See `TorchFunctionMode`."""
        if func is torch.Tensor.__getitem__ and _cuts_tokens(args[1]):
            return _cut(args[0], args[1][1])
        if func is torch.Tensor.masked_fill and args[0].dtype == torch.bool and args[2] is False:
            return args[0] & ~args[1]
        return func(*args, **(kwargs or {}))


def _cut(value: torch.Tensor, tokens: slice) -> torch.Tensor:
    length = value.shape[1]
    first, end = _place(tokens.start, length, 0), _place(tokens.stop, length, length)
    return value.narrow(1, first, end - first)


def _cuts_tokens(index: Any) -> bool:  # noqa: ANN401
    """Whether an index is `[:, a:b]` or `[:, a:b, :]`."""
    if not isinstance(index, tuple) or not 2 <= len(index) <= 3 or not all(isinstance(one, slice) for one in index):
        return False
    return index[1] != _ALL and all(one == _ALL for place, one in enumerate(index) if place != 1)


_ALL = slice(None)


def _place(place: Any, length: Any, default: Any) -> Any:  # noqa: ANN401  (lengths are symbols while a graph is traced)
    if place is None:
        return default
    return length + place if place < 0 else place


class HunyuanText(Exportable):
    """`LlavaForConditionalGeneration` as HunyuanVideo uses it: the state before the last two layers, which are left out.

    Args:
        module: The encoder.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        text, side = module.config.text_config, module.config.vision_config.image_size
        inputs = (
            whole("input_ids", READ_TOKENS, last=text.vocab_size - 1),
            mask("attention_mask", READ_TOKENS),
            _places(),
            floats("pixel_values", 3, side, side),
        )
        super().__init__(module, inputs, (floats("hidden_state", READ_TOKENS, text.hidden_size),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`: nothing varies."""
        del shot
        return {}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        module: Any = self.module
        model, places = module.model.language_model, given["position_ids"]
        state: torch.Tensor = self._read(given["input_ids"], given["pixel_values"])
        seen = torch.ones(READ_TOKENS, READ_TOKENS, dtype=torch.bool).tril()
        seen = seen & given["attention_mask"].bool()[:, None, None]
        rotary = model.rotary_emb(state, position_ids=places)
        for layer in model.layers[: STATE + 1]:
            state = layer(state, attention_mask=seen, position_embeddings=rotary, position_ids=places)
        return state

    def _read(self, ids: torch.Tensor, pixels: torch.Tensor) -> torch.Tensor:
        """Embeddings of words, and of the picture where its tokens are."""
        module: Any = self.module
        words = module.model.language_model.embed_tokens(ids)
        shown = ids == module.config.image_token_id
        picture = self._picture(pixels)
        # Tokens beyond the picture's, which only noise has, get its last one.
        place = (shown.long().cumsum(1) - 1).clamp(0, picture.shape[1] - 1)
        there = picture.gather(1, place[..., None].expand(-1, -1, picture.shape[2]))
        return torch.where(shown[..., None], there, words)

    def _picture(self, pixels: torch.Tensor) -> torch.Tensor:
        module: Any = self.module
        config = module.config
        states = module.model.vision_tower(pixels, output_hidden_states=True).hidden_states
        first = 1 if config.vision_feature_select_strategy == "default" else 0
        picture: torch.Tensor = module.model.multi_modal_projector(states[config.vision_feature_layer][:, first:])
        return picture


def _places() -> Tensor:
    about = "of the tokens that count, from 0"
    return whole("position_ids", READ_TOKENS, last=READ_TOKENS - 1, about=about)
