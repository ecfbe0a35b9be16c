"""U-Nets as plain tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from firstframe.packs.export_modules import STEPS, Exportable, Shot, floats
from firstframe.packs.spec import Tensor

_TIME_IDS = 6
"""Numbers that tell SDXL about size and crop."""


class StillUNet(Exportable):
    """`UNet2DConditionModel`; conditions of SDXL and of distilled models come along where the configuration has them.

    Args:
        module: The U-Net.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        out = floats("sample_out", config.out_channels, "height", "width")
        super().__init__(module, _still_inputs(config), (out,))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"height": shot.latent_height, "width": shot.latent_width, "tokens": shot.tokens}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        added = {name: given[name] for name in ("text_embeds", "time_ids") if name in given}
        out: torch.Tensor = self.module(
            given["sample"],
            given["timestep"],
            given["encoder_hidden_states"],
            timestep_cond=given.get("timestep_cond"),
            added_cond_kwargs=added or None,
            return_dict=False,
        )[0]
        return out


def _still_inputs(config: Any) -> tuple[Tensor, ...]:  # noqa: ANN401
    inputs = [
        floats("sample", config.in_channels, "height", "width"),
        floats("timestep", values=STEPS),
        floats("encoder_hidden_states", "tokens", config.cross_attention_dim),
    ]
    if config.addition_embed_type == "text_time":
        pooled = config.projection_class_embeddings_input_dim - _TIME_IDS * config.addition_time_embed_dim
        inputs += [floats("text_embeds", pooled), floats("time_ids", _TIME_IDS, values=(0, 2048))]
    if config.time_cond_proj_dim is not None:
        inputs.append(floats("timestep_cond", config.time_cond_proj_dim))
    return tuple(inputs)


class VideoUNet(Exportable):
    """`UNetSpatioTemporalConditionModel`.

    Args:
        module: The U-Net.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        ids = config.projection_class_embeddings_input_dim // config.addition_time_embed_dim
        inputs = (
            floats("sample", "frames", config.in_channels, "height", "width"),
            floats("timestep", values=(-2, 2), about="a quarter of sigma's logarithm"),
            floats("encoder_hidden_states", 1, config.cross_attention_dim),
            floats("added_time_ids", ids, values=(0, 255), about="frames per second, motion, noise on the picture"),
        )
        super().__init__(module, inputs, (floats("sample_out", "frames", config.out_channels, "height", "width"),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"frames": shot.latent_frames, "height": shot.latent_height, "width": shot.latent_width}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        with _PlainRepeats():
            out: torch.Tensor = self.module(*(given[tensor.name] for tensor in self.inputs), return_dict=False)[0]
        return out


class _PlainRepeats(TorchFunctionMode):
    """Writes `repeat_interleave` as expand and flatten: onnxscript 0.7 gets it wrong for a length that varies."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        """See `TorchFunctionMode`."""
        if func is torch.Tensor.repeat_interleave:
            return _repeated(args[0], args[1], kwargs["dim"])
        return func(*args, **(kwargs or {}))


def _repeated(value: torch.Tensor, count: int, axis: int) -> torch.Tensor:
    shape = [*value.shape[: axis + 1], count, *value.shape[axis + 1 :]]
    return value.unsqueeze(axis + 1).expand(shape).flatten(axis, axis + 1)
