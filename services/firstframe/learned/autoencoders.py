"""Calls of autoencoders as requests: `encode` and `decode` are graphs of their own."""

from __future__ import annotations

from typing import Any

from diffusers.models.autoencoders.vae import DecoderOutput, DiagonalGaussianDistribution
from diffusers.models.modeling_outputs import AutoencoderKLOutput

from firstframe.learned.arguments import Arguments
from firstframe.learned.graphs import Tensors


def encode(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`encode` of every autoencoder."""
    return {"pixels": given.tensor("x")}


def decode(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`decode` of autoencoders of clips; that of LTX may be told how much noise is left."""
    noise = given.take("temb")
    return {"latents": given.tensor("z"), **({} if noise is None else {"temb": noise})}


def decode_still(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`AutoencoderKL.decode`."""
    given.take("generator")  # part of the signature; the class draws nothing
    return {"latents": given.tensor("z")}


def decode_frames(given: Arguments, _: Any) -> Tensors:  # noqa: ANN401
    """`AutoencoderKLTemporalDecoder.decode`: frames that follow each other in the batch become an axis."""
    latents, frames = given.tensor("z"), given.take("num_frames", 1)
    if latents.shape[0] % frames:
        raise given.refused("z", f"has {latents.shape[0]} frames", f"give a multiple of {frames}")
    return {"latents": latents.unflatten(0, (-1, frames))}  # type: ignore[no-untyped-call]


def encoded(outputs: Tensors) -> AutoencoderKLOutput:
    """What `encode` returns; drawing from the distribution stays here."""
    return AutoencoderKLOutput(latent_dist=DiagonalGaussianDistribution(outputs["moments"]))


def decoded(outputs: Tensors) -> DecoderOutput:
    """What `decode` returns."""
    return DecoderOutput(sample=outputs["pixels"])


def decoded_frames(outputs: Tensors) -> DecoderOutput:
    """What `AutoencoderKLTemporalDecoder.decode` returns: frames of all clips one after the other."""
    return DecoderOutput(sample=outputs["pixels"].flatten(0, 1))
