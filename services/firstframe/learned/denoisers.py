"""Calls of U-Nets and diffusion transformers as requests."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.modeling_outputs import Transformer2DModelOutput
from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput
from diffusers.models.unets.unet_spatio_temporal_condition import UNetSpatioTemporalConditionOutput

from firstframe.learned.arguments import Arguments
from firstframe.learned.graphs import Tensors

OUT = "sample_out"


def per_sample(given: Arguments, name: str, batch: int) -> torch.Tensor:
    """A number, or one for each sample, as FP32 of shape (batch,): steps of different requests can then share a run.

    Raises:
        Unsupported: `MODEL_ARGUMENT`, there are as many numbers as there are neither samples nor one.
    """
    values = torch.as_tensor(given.take(name), dtype=torch.float32).reshape(-1)
    if values.numel() not in (1, batch):
        raise given.refused(name, f"has {values.numel()} values for {batch} samples", "give one, or one for each")
    return values.expand(batch)


def still_unet(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`UNet2DConditionModel.forward`."""
    sample = given.tensor("sample")
    optional = {"timestep_cond": given.take("timestep_cond")} | (given.take("added_cond_kwargs") or {})
    return {
        "sample": sample,
        "timestep": per_sample(given, "timestep", sample.shape[0]),
        "encoder_hidden_states": given.tensor("encoder_hidden_states"),
        **{name: value for name, value in optional.items() if value is not None},
    }


def video_unet(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`UNetSpatioTemporalConditionModel.forward`."""
    sample = given.tensor("sample")
    return {
        "sample": sample,
        "timestep": per_sample(given, "timestep", sample.shape[0]),
        "encoder_hidden_states": given.tensor("encoder_hidden_states"),
        "added_time_ids": given.tensor("added_time_ids"),
    }


def flux(given: Arguments, config: Any) -> Tensors:  # noqa: ANN401
    """`FluxTransformer2DModel.forward`."""
    hidden = given.tensor("hidden_states")
    batch = hidden.shape[0]
    if bool(given.tensor("txt_ids").any()):
        raise given.refused("txt_ids", "are not all 0", "positions of text are not sent")
    guided = {"guidance": per_sample(given, "guidance", batch)} if config.guidance_embeds else {}
    return {
        "hidden_states": hidden,
        "encoder_hidden_states": given.tensor("encoder_hidden_states"),
        "pooled_projections": given.tensor("pooled_projections"),
        "timestep": per_sample(given, "timestep", batch),
        "grid": _grid(given).expand(batch, -1, -1, -1),
        **guided,
    }


def _grid(given: Arguments) -> torch.Tensor:
    """Positions as (rows, columns, 3): as a shape they keep requests of different formats out of one batch."""
    ids = given.tensor("img_ids")
    ids = ids[0] if ids.ndim == 3 else ids
    rows, columns = int(ids[:, 1].max()) + 1, int(ids[:, 2].max()) + 1
    whole = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).to(ids)
    if ids.shape[0] != rows * columns or not torch.equal(ids[:, 1:], whole) or bool(ids[:, 0].any()):
        raise given.refused("img_ids", "are not those of one whole picture", "reference pictures cannot be sent")
    return ids.float().unflatten(0, (rows, columns))  # type: ignore[no-untyped-call,no-any-return]


def ltx(given: Arguments, config: Any) -> Tensors:  # noqa: ANN401
    """`LTXVideoTransformer3DModel.forward`."""
    hidden = given.tensor("hidden_states")
    batch, tokens = hidden.shape[:2]
    timestep = given.tensor("timestep").float()
    return {
        "hidden_states": hidden,
        "encoder_hidden_states": given.tensor("encoder_hidden_states"),
        "timestep": (timestep if timestep.ndim == 2 else timestep.reshape(-1, 1)).expand(batch, tokens),
        "encoder_attention_mask": given.tensor("encoder_attention_mask").float(),
        "video_coords": _coordinates(given, config, batch),
    }


def _coordinates(given: Arguments, config: Any, batch: int) -> torch.Tensor:  # noqa: ANN401
    """Time and place of each token, (batch, 3, tokens): they depend on the frame rate, so that each sample has its own."""
    coordinates = given.take("video_coords")
    if isinstance(coordinates, torch.Tensor):
        return coordinates
    lengths = [given.take(name) for name in ("num_frames", "height", "width")]
    scale = given.take("rope_interpolation_scale")
    if scale is None:
        raise given.refused("rope_interpolation_scale", "is missing", "positions cannot be told without it")
    patch = (config.patch_size_t, config.patch_size, config.patch_size)
    # The order of the products is the library's: the last bit counts.
    axes = [
        torch.arange(length).float() * unit * side for length, unit, side in zip(lengths, scale, patch, strict=True)
    ]
    return torch.stack(torch.meshgrid(*axes, indexing="ij")).flatten(1).expand(batch, -1, -1)


def wan(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`WanTransformer3DModel.forward`."""
    image = given.take("encoder_hidden_states_image")
    return {
        "hidden_states": given.tensor("hidden_states"),
        "timestep": given.tensor("timestep").float(),
        "encoder_hidden_states": given.tensor("encoder_hidden_states"),
        **({} if image is None else {"encoder_hidden_states_image": image}),
    }


def cogvideox(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`CogVideoXTransformer3DModel.forward`."""
    hidden = given.tensor("hidden_states")
    batch = hidden.shape[0]
    rotary = given.take("image_rotary_emb") or ()
    offset = given.take("ofs")
    return {
        "hidden_states": hidden,
        "encoder_hidden_states": given.tensor("encoder_hidden_states"),
        "timestep": per_sample(given, "timestep", batch),
        **({} if offset is None else {"ofs": torch.as_tensor(offset, dtype=torch.float32).reshape(-1).expand(batch)}),
        **{name: value.expand(batch, -1, -1) for name, value in zip(("cos", "sin"), rotary, strict=False)},
    }


def still_sample(outputs: Tensors) -> UNet2DConditionOutput:
    """What `UNet2DConditionModel` returns."""
    return UNet2DConditionOutput(sample=outputs[OUT])


def video_sample(outputs: Tensors) -> UNetSpatioTemporalConditionOutput:
    """What `UNetSpatioTemporalConditionModel` returns."""
    return UNetSpatioTemporalConditionOutput(sample=outputs[OUT])


def transformer_sample(outputs: Tensors) -> Transformer2DModelOutput:
    """What diffusion transformers return."""
    return Transformer2DModelOutput(sample=outputs[OUT])
