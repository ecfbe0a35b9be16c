"""Which wrapper each module of a pipeline gets, and the sizes at which it is made and tried."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from firstframe.core.errors import Unsupported
from firstframe.packs import (
    export_encoders,
    export_hunyuan,
    export_qwen,
    export_transformers,
    export_unets,
    export_vaes,
)
from firstframe.packs.export_modules import Exportable, Shot
from firstframe.packs.spec import Native

CLIP_TOKENS = 77
_TOKENS = "max_sequence_length"


@dataclass(frozen=True)
class PipelineSource:
    """A pipeline whose modules can be had one by one: two of fourteen billion weights need not be in memory at once."""

    class_name: str
    """Of diffusers."""
    load: Callable[[str], Any]
    """Gives the module of that name with its weights."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the pipeline itself, such as `expand_timesteps`."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Of its calls, as the pack has them."""

    @cached_property
    def whole(self) -> Shot:
        """What all shots of the pipeline share."""
        space, time = scales(self.load("vae"))
        return Shot(0, 0, 1, self._tokens(), self._image_tokens(), space, time)

    def shot(self, width: int, height: int, frames: int) -> Shot:
        """A shot in pixels and frames; no frames for a still."""
        return replace(self.whole, width=width, height=height, frames=frames or 1)

    def shots(self, native: Native) -> dict[str, Shot]:
        """A shot for each format of a pack."""
        return {name: self.shot(*size, native.default_frames) for name, size in native.sizes.items()}

    def _tokens(self) -> int:
        import diffusers

        if _TOKENS in self.arguments:
            return int(self.arguments[_TOKENS])
        given = inspect.signature(getattr(diffusers, self.class_name).__call__).parameters.get(_TOKENS)
        return CLIP_TOKENS if given is None else int(given.default)

    def _image_tokens(self) -> int:
        import diffusers

        if "image_encoder" not in inspect.signature(getattr(diffusers, self.class_name).__init__).parameters:
            return 0
        encoder = self.load("image_encoder")
        return 0 if encoder is None else int((encoder.config.image_size // encoder.config.patch_size) ** 2 + 1)


def scales(vae: Any) -> tuple[int, int]:  # noqa: ANN401
    """Pixels of a latent along each side, and frames of a latent after the first."""
    config = vae.config
    if "scale_factor_spatial" in config:
        return int(config.scale_factor_spatial), int(config.scale_factor_temporal)
    if hasattr(vae, "spatial_compression_ratio"):
        return int(vae.spatial_compression_ratio), int(getattr(vae, "temporal_compression_ratio", 1))
    return 2 ** (len(config.block_out_channels) - 1), int(config.get("temporal_compression_ratio", 1))


_Build = Callable[[Any, Shot, Mapping[str, Any]], Exportable]


def _wan_transformer(module: Any, _: Shot, options: Mapping[str, Any]) -> Exportable:  # noqa: ANN401
    return export_transformers.WanDenoiser(module, by_token=bool(options.get("expand_timesteps")))


def _wan_encoder(module: Any, shot: Shot, options: Mapping[str, Any]) -> Exportable:  # noqa: ANN401
    frames = 1 if options.get("expand_timesteps") else shot.frames
    return export_vaes.Encoder(module, latents=module.config.z_dim, frames=frames)


def _picture_encoder(module: Any, *_: Any) -> Exportable:  # noqa: ANN401
    return export_vaes.Encoder(module, latents=module.config.latent_channels, frames=1)


def _still_encoder(module: Any, *_: Any) -> Exportable:  # noqa: ANN401
    return export_vaes.Encoder(module, latents=module.config.latent_channels, frames=None)


def _still_decoder(module: Any, *_: Any) -> Exportable:  # noqa: ANN401
    return export_vaes.Decoder(module, latents=module.config.latent_channels, time=None)


def _ltx_decoder(module: Any, *_: Any) -> Exportable:  # noqa: ANN401
    timed = bool(module.config.timestep_conditioning)
    return export_vaes.Decoder(module, latents=module.config.latent_channels, time="frames", timed=timed)


def _wan_decoder(module: Any, shot: Shot, _: Any) -> Exportable:  # noqa: ANN401
    return export_vaes.Decoder(module, latents=module.config.z_dim, time=shot.latent_frames)


def _qwen_encoder(module: Any, *_: Any) -> Exportable:  # noqa: ANN401
    return export_vaes.Encoder(module, latents=module.config.z_dim, frames=1)


def _qwen_decoder(module: Any, *_: Any) -> Exportable:  # noqa: ANN401
    return export_vaes.Decoder(module, latents=module.config.z_dim, time=1)


def _cogvideox_encoder(module: Any, *_: Any) -> Exportable:  # noqa: ANN401
    return _picture_encoder(export_vaes.whole_convolutions(module))


def _cogvideox_decoder(module: Any, shot: Shot, _: Any) -> Exportable:  # noqa: ANN401
    export_vaes.whole_convolutions(module)
    return export_vaes.Decoder(module, latents=module.config.latent_channels, time=shot.latent_frames)


_WRAPPERS: Mapping[tuple[str, str], _Build] = {
    ("UNet2DConditionModel", "forward"): lambda module, *_: export_unets.StillUNet(module),
    ("UNetSpatioTemporalConditionModel", "forward"): lambda module, *_: export_unets.VideoUNet(module),
    ("FluxTransformer2DModel", "forward"): lambda module, *_: export_transformers.FluxDenoiser(module),
    ("QwenImageTransformer2DModel", "forward"): lambda module, *_: export_qwen.QwenDenoiser(module),
    ("HunyuanVideoTransformer3DModel", "forward"): lambda module, *_: export_hunyuan.HunyuanDenoiser(module),
    ("LTXVideoTransformer3DModel", "forward"): lambda module, *_: export_transformers.LtxDenoiser(module),
    ("WanTransformer3DModel", "forward"): _wan_transformer,
    ("CogVideoXTransformer3DModel", "forward"): lambda module, *_: export_transformers.CogVideoXDenoiser(module),
    ("AutoencoderKL", "encode"): _still_encoder,
    ("AutoencoderKL", "decode"): _still_decoder,
    ("AutoencoderKLTemporalDecoder", "encode"): _still_encoder,
    ("AutoencoderKLTemporalDecoder", "decode"): lambda module, *_: export_vaes.FrameDecoder(module),
    ("AutoencoderKLLTXVideo", "encode"): _picture_encoder,
    ("AutoencoderKLLTXVideo", "decode"): _ltx_decoder,
    ("AutoencoderKLWan", "encode"): _wan_encoder,
    ("AutoencoderKLWan", "decode"): _wan_decoder,
    ("AutoencoderKLQwenImage", "encode"): _qwen_encoder,
    ("AutoencoderKLQwenImage", "decode"): _qwen_decoder,
    ("AutoencoderKLCogVideoX", "encode"): _cogvideox_encoder,
    ("AutoencoderKLCogVideoX", "decode"): _cogvideox_decoder,
    ("CLIPTextModel", "forward"): lambda module, *_: export_encoders.ClipText(module, projected=False),
    ("CLIPTextModelWithProjection", "forward"): lambda module, *_: export_encoders.ClipText(module, projected=True),
    ("T5EncoderModel", "forward"): lambda module, *_: export_encoders.T5Text(module),
    ("UMT5EncoderModel", "forward"): lambda module, *_: export_encoders.T5Text(module),
    ("Qwen2_5_VLForConditionalGeneration", "forward"): lambda module, *_: export_qwen.QwenText(module),
    ("LlavaForConditionalGeneration", "forward"): lambda module, *_: export_hunyuan.HunyuanText(module),
    ("CLIPVisionModel", "forward"): lambda module, *_: export_encoders.ClipVision(module, projected=False),
    ("CLIPVisionModelWithProjection", "forward"): lambda module, *_: export_encoders.ClipVision(module, projected=True),
}


def wrapped(source: PipelineSource, place: str, shot: Shot) -> Exportable:
    """The module at a place, as plain tensors.

    Args:
        source: The pipeline.
        place: `unet`, `text_encoder_2` …; an autoencoder's decoder is `vae`, its encoder `vae.encode`.
        shot: What the pack makes; some autoencoders are traced for its number of frames.

    Raises:
        Unsupported: `MODEL_CLASS`, no wrapper is written for that class and method.
    """
    name, _, method = place.partition(".")
    module = source.load(name)
    kind = type(module).__name__
    key = (kind, method or ("forward" if (kind, "forward") in _WRAPPERS else "decode"))
    if key not in _WRAPPERS:
        known = ", ".join(sorted({f"{kind}.{way}" for kind, way in _WRAPPERS}))
        raise Unsupported(f"{place}: {'.'.join(key)} cannot be exported; {known} can", reason="MODEL_CLASS")
    return _WRAPPERS[key](module, shot, source.options)
