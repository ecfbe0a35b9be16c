"""Autoencoders of pictures and clips as plain tensors: encoder and decoder are graphs of their own."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import torch

from firstframe.core.models import Axis
from firstframe.packs.export_modules import PIXELS, Exportable, Shot, floats

_COLOURS = 3


class Encoder(Exportable):
    """`encode` of an autoencoder: pixels to mean and log-variance of the latents.

    Args:
        module: The autoencoder.
        latents: Channels of the latents.
        frames: How many are encoded, where the axis exists: an autoencoder that goes through time in chunks is traced with
            all of them in the graph. None for stills.
    """

    def __init__(self, module: Any, *, latents: int, frames: int | None) -> None:  # noqa: ANN401
        time = [] if frames is None else [frames]
        after = [] if frames is None else ["frames_out"]
        inputs = (floats("pixels", _COLOURS, *time, "height", "width", values=PIXELS),)
        super().__init__(module, inputs, (floats("moments", 2 * latents, *after, "height_out", "width_out"),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"height": shot.height, "width": shot.width}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        module: Any = self.module
        moments: torch.Tensor = module.encode(given["pixels"]).latent_dist.parameters
        return moments


class Decoder(Exportable):
    """`decode` of an autoencoder: latents to pixels.

    Args:
        module: The autoencoder.
        latents: Channels of the latents.
        time: Axis of time: its length where the graph holds every step of it, a name where it may vary, None for stills.
        timed: Whether the decoder is told how much noise is left, as that of LTX.
    """

    def __init__(self, module: Any, *, latents: int, time: Axis | None, timed: bool = False) -> None:  # noqa: ANN401
        along = [] if time is None else [time]
        after = [] if time is None else ["frames_out"]
        inputs = [floats("latents", latents, *along, "height", "width")]
        if timed:
            inputs.append(floats("temb", values=(0, 1)))
        super().__init__(module, tuple(inputs), (floats("pixels", _COLOURS, *after, "height_out", "width_out"),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        found = {"frames": shot.latent_frames, "height": shot.latent_height, "width": shot.latent_width}
        return {axis: found[axis] for axis in self.inputs[0].shape if axis in found}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        module: Any = self.module
        timed = {"temb": given["temb"]} if "temb" in given else {}
        pixels: torch.Tensor = module.decode(given["latents"], **timed, return_dict=False)[0]
        return pixels


class FrameDecoder(Exportable):
    """`decode` of `AutoencoderKLTemporalDecoder`: the frames of each clip on an axis of their own.

    Args:
        module: The autoencoder.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401
        inputs = (floats("latents", "frames", module.config.latent_channels, "height", "width"),)
        super().__init__(module, inputs, (floats("pixels", "frames", _COLOURS, "height_out", "width_out"),))

    def lengths(self, shot: Shot) -> dict[str, int]:
        """See `Exportable`."""
        return {"frames": shot.latent_frames, "height": shot.latent_height, "width": shot.latent_width}

    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See `Exportable`."""
        module: Any = self.module
        latents = given["latents"]
        batch, frames = latents.shape[:2]
        pixels: torch.Tensor = module.decode(latents.flatten(0, 1), num_frames=frames, return_dict=False)[0]
        return pixels.unflatten(0, (batch, frames))  # type: ignore[no-untyped-call,no-any-return]


def whole_convolutions(module: Any) -> Any:  # noqa: ANN401
    """Makes the autoencoder of CogVideoX convolve in one piece.

    The library's convolutions look how large a clip is and go through it in parts of 2 GB. That choice cannot be traced, and
    what runs the graph has its own ways with memory.
    """
    from diffusers.models.autoencoders.autoencoder_kl_cogvideox import CogVideoXSafeConv3d

    for part in module.modules():
        if isinstance(part, CogVideoXSafeConv3d):
            part.forward = functools.partial(torch.nn.Conv3d.forward, part)  # type: ignore[method-assign]
    return module
