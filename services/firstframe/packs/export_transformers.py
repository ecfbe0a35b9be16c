"""Diffusion transformers as plain tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from firstframe.packs.export_modules import STEPS, Exportable, Shot, floats


class FluxDenoiser(Exportable):
    """`FluxTransformer2DModel`. Where tokens lie is told as a grid, so that only requests of the same grid share a run.

    Args:
        module: The transformer.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        inputs = [
            floats("hidden_states", "sequence", config.in_channels, about="latents in squares of 2 × 2, row by row"),
            floats("encoder_hidden_states", "tokens", config.joint_attention_dim),
            floats("pooled_projections", config.pooled_projection_dim),
            floats("timestep", values=(0, 1)),
            floats("grid", "rows", "columns", 3, values=(0, 64), about="position of each token"),
        ]
        if config.guidance_embeds:
            inputs.append(floats("guidance", values=(1, 10)))
        out = config.out_channels or config.in_channels
        super().__init__(module, tuple(inputs), (floats("sample_out", "sequence", out),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        rows, columns = shot.latent_height // 2, shot.latent_width // 2
        return {"sequence": rows * columns, "rows": rows, "columns": columns, "tokens": shot.tokens}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        out: torch.Tensor = self.module(
            given["hidden_states"],
            given["encoder_hidden_states"],
            given["pooled_projections"],
            given["timestep"],
            img_ids=given["grid"][0].flatten(0, 1),
            txt_ids=torch.zeros_like(given["encoder_hidden_states"][0, :, :3]),
            guidance=given.get("guidance"),
            return_dict=False,
        )[0]
        return out


class LtxDenoiser(Exportable):
    """`LTXVideoTransformer3DModel`. Each token has its own timestep, since the first frame is given, and its own position.

    Args:
        module: The transformer.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        inputs = (
            floats("hidden_states", "sequence", config.in_channels),
            floats("encoder_hidden_states", "tokens", config.caption_channels),
            floats("timestep", "sequence", values=STEPS),
            floats("encoder_attention_mask", "tokens", values=(0, 1)),
            floats("video_coords", 3, "sequence", values=(0, 64), about="seconds, rows and columns in pixels"),
        )
        super().__init__(module, inputs, (floats("sample_out", "sequence", config.out_channels),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"sequence": shot.latent_frames * shot.latent_height * shot.latent_width, "tokens": shot.tokens}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        out: torch.Tensor = self.module(**given, return_dict=False)[0]
        return out


WAN_TOKENS = 512
"""Of a prompt where a picture's tokens come along: the transformer tells the two apart by this number, fixed in the library."""


class WanDenoiser(Exportable):
    """`WanTransformer3DModel`.

    Args:
        module: The transformer.
        by_token: Whether each token has its own timestep, as in Wan 2.2 5B.
    """

    def __init__(self, module: Any, *, by_token: bool) -> None:  # noqa: ANN401
        config = module.config
        inputs = [
            floats("hidden_states", config.in_channels, "frames", "height", "width"),
            floats("timestep", *(["sequence"] if by_token else []), values=STEPS),
            floats("encoder_hidden_states", WAN_TOKENS if config.image_dim else "tokens", config.text_dim),
        ]
        if config.image_dim:
            inputs.append(floats("encoder_hidden_states_image", "image_tokens", config.image_dim))
        out = floats("sample_out", config.out_channels, "frames", "height", "width")
        super().__init__(module, tuple(inputs), (out,))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        config: Any = self.module.config
        deep, high, wide = config.patch_size
        frames, height, width = shot.latent_frames, shot.latent_height, shot.latent_width
        found = {
            "frames": frames,
            "height": height,
            "width": width,
            "tokens": shot.tokens,
            "sequence": frames // deep * (height // high) * (width // wide),
            "image_tokens": shot.image_tokens,
        }
        return {axis: found[axis] for tensor in self.inputs for axis in tensor.shape if axis in found}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        out: torch.Tensor = self.module(**given, return_dict=False)[0]
        return out


class CogVideoXDenoiser(Exportable):
    """`CogVideoXTransformer3DModel`. How tokens are rotated depends on the shape of the latents alone.

    Args:
        module: The transformer.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        config = module.config
        inputs = [
            floats("hidden_states", "frames", config.in_channels, "height", "width"),
            floats("encoder_hidden_states", "tokens", config.text_embed_dim),
            floats("timestep", values=STEPS),
        ]
        if config.ofs_embed_dim is not None:
            inputs.append(floats("ofs", values=(0, 4)))
        if config.use_rotary_positional_embeddings:
            inputs += [floats(name, "sequence", config.attention_head_dim, values=(-1, 1)) for name in ("cos", "sin")]
        out = floats("sample_out", "frames", config.out_channels, "height", "width")
        super().__init__(module, tuple(inputs), (out,))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        config: Any = self.module.config
        deep, side = config.patch_size_t or 1, config.patch_size
        frames = -(-shot.latent_frames // deep) * deep
        height, width = shot.latent_height, shot.latent_width
        found = {"frames": frames, "height": height, "width": width, "tokens": shot.tokens}
        if config.use_rotary_positional_embeddings:
            found["sequence"] = frames // deep * (height // side) * (width // side)
        return found

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        rotary = (given["cos"][0], given["sin"][0]) if "cos" in given else None
        out: torch.Tensor = self.module(
            given["hidden_states"],
            given["encoder_hidden_states"],
            given["timestep"],
            ofs=given.get("ofs"),
            image_rotary_emb=rotary,
            return_dict=False,
        )[0]
        return out
