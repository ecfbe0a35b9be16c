"""The learned tier's checkpoints as empty modules of full size: no weights, no memory, but every shape.

The arguments are those of the `config.json` of each checkpoint, read in stored copies of the hub in November 2026; what a
class has as its default is left out. Sizes in billions of parameters follow from them and are those of the model cards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from firstframe.packs.export_encoders import ClipText, ClipVision, T5Text
from firstframe.packs.export_hunyuan import HunyuanDenoiser, HunyuanText
from firstframe.packs.export_modules import Exportable, Shot
from firstframe.packs.export_qwen import QwenDenoiser, QwenText
from firstframe.packs.export_transformers import CogVideoXDenoiser, FluxDenoiser, LtxDenoiser, WanDenoiser
from firstframe.packs.export_unets import StillUNet, VideoUNet
from firstframe.packs.export_vaes import Decoder, Encoder, FrameDecoder

_IMAGE_VAE = {
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
}
_T5_XXL = {
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "feed_forward_proj": "gated-gelu",
}


@contextmanager
def empty_modules() -> Iterator[None]:
    """Modules that are made meanwhile have shapes and no memory."""
    with torch.device("meta"):
        yield


def _sdxl_unet() -> nn.Module:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=128,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(320, 640, 1280),
        cross_attention_dim=2048,
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    )


def _flux_transformer() -> nn.Module:
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel()


def _qwen_transformer() -> nn.Module:
    from diffusers import QwenImageTransformer2DModel

    return QwenImageTransformer2DModel()


def _svd_unet() -> nn.Module:
    from diffusers import UNetSpatioTemporalConditionModel

    # Its blending factors are made from numbers, which no device context moves.
    return UNetSpatioTemporalConditionModel(sample_size=96).to("meta")


def _wan_a14b() -> nn.Module:
    from diffusers import WanTransformer3DModel

    return WanTransformer3DModel(in_channels=36)


def _wan_5b() -> nn.Module:
    from diffusers import WanTransformer3DModel

    return WanTransformer3DModel(in_channels=48, out_channels=48, num_attention_heads=24, ffn_dim=14336, num_layers=30)


def _ltx_transformer() -> nn.Module:
    from diffusers import LTXVideoTransformer3DModel

    return LTXVideoTransformer3DModel()


def _cogvideox_transformer() -> nn.Module:
    from diffusers import CogVideoXTransformer3DModel

    return CogVideoXTransformer3DModel(
        num_attention_heads=48,
        in_channels=32,
        num_layers=42,
        patch_size_t=2,
        ofs_embed_dim=512,
        patch_bias=False,
        sample_frames=81,
        sample_height=300,
        sample_width=300,
        use_rotary_positional_embeddings=True,
    )


def _image_vae(channels: int, *, quantised: bool) -> nn.Module:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        latent_channels=channels, use_quant_conv=quantised, use_post_quant_conv=quantised, **_IMAGE_VAE
    )


def _qwen_vae() -> nn.Module:
    from diffusers import AutoencoderKLQwenImage

    return AutoencoderKLQwenImage()


def _svd_vae() -> nn.Module:
    from diffusers import AutoencoderKLTemporalDecoder

    encoder = {name: value for name, value in _IMAGE_VAE.items() if name != "up_block_types"}
    return AutoencoderKLTemporalDecoder(latent_channels=4, **encoder).to("meta")


def _wan_vae() -> nn.Module:
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan()


def _wan_5b_vae() -> nn.Module:
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan(
        base_dim=160,
        decoder_base_dim=256,
        z_dim=48,
        latents_mean=[0.0] * 48,
        latents_std=[1.0] * 48,
        is_residual=True,
        in_channels=12,
        out_channels=12,
        patch_size=2,
        scale_factor_spatial=16,
    )


def _ltx_vae() -> nn.Module:
    from diffusers import AutoencoderKLLTXVideo

    return AutoencoderKLLTXVideo(
        block_out_channels=(128, 256, 512, 1024, 2048),
        down_block_types=("LTXVideo095DownBlock3D",) * 4,
        decoder_block_out_channels=(256, 512, 1024),
        layers_per_block=(4, 6, 6, 2, 2),
        decoder_layers_per_block=(5, 5, 5, 5),
        spatio_temporal_scaling=(True,) * 4,
        decoder_spatio_temporal_scaling=(True,) * 3,
        decoder_inject_noise=(False,) * 4,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        upsample_residual=(True,) * 3,
        upsample_factor=(2,) * 3,
        timestep_conditioning=True,
    )


def _cogvideox_vae() -> nn.Module:
    from diffusers import AutoencoderKLCogVideoX

    return AutoencoderKLCogVideoX()


def _clip_text(*, big: bool) -> nn.Module:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    if not big:
        return CLIPTextModel(
            CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
        )
    config = CLIPTextConfig(
        hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, projection_dim=1280
    )
    return CLIPTextModelWithProjection(config)


def _clip_vision() -> nn.Module:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    config = CLIPVisionConfig(
        hidden_size=1280,
        intermediate_size=5120,
        num_hidden_layers=32,
        num_attention_heads=16,
        patch_size=14,
        projection_dim=1024,
    )
    return CLIPVisionModelWithProjection(config)


def _t5() -> nn.Module:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(vocab_size=32128, **_T5_XXL))


def _umt5() -> nn.Module:
    from transformers import UMT5Config, UMT5EncoderModel

    return UMT5EncoderModel(UMT5Config(vocab_size=256384, **_T5_XXL))


def _qwen_text() -> nn.Module:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    text = {
        "vocab_size": 152064,
        "hidden_size": 3584,
        "intermediate_size": 18944,
        "num_hidden_layers": 28,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "rope_parameters": {"mrope_section": [16, 24, 24], "rope_type": "default", "rope_theta": 1000000.0},
    }
    return Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=text, vision_config={"depth": 1}))


def _hunyuan_transformer() -> nn.Module:
    from diffusers import HunyuanVideoTransformer3DModel

    return HunyuanVideoTransformer3DModel(image_condition_type="token_replace")


def _hunyuan_text() -> nn.Module:
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    text = LlamaConfig(
        vocab_size=128320,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=8192,
    )
    vision = CLIPVisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        image_size=336,
        patch_size=14,
        projection_dim=768,
    )
    return LlavaForConditionalGeneration(LlavaConfig(text_config=text, vision_config=vision, image_token_id=128257))


Wrap = Callable[[Any], Exportable]
Part = tuple[Callable[[], nn.Module], Wrap, Shot]
"""How to make a module, how it is exported, and the units of its sizes."""


def _still_vae(make: Callable[[], nn.Module], latents: int, *, time: int | None = None) -> dict[str, Part]:
    return {
        "vae-decoder": (make, lambda vae: Decoder(vae, latents=latents, time=time), STILL),
        "vae-encoder": (make, lambda vae: Encoder(vae, latents=latents, frames=time), STILL),
    }


def _clip_vae(make: Callable[[], nn.Module], latents: int, given: int, shot: Shot) -> dict[str, Part]:
    """An autoencoder that goes through time in steps; `given` frames are encoded."""
    return {
        "vae-decoder": (make, lambda vae: Decoder(vae, latents=latents, time=shot.latent_frames), shot),
        "vae-encoder": (make, lambda vae: Encoder(vae, latents=latents, frames=given), shot),
    }


def _prompt(make: Callable[[], nn.Module], tokens: int) -> Part:
    return make, T5Text, Shot(0, 0, tokens=tokens)


STILL = Shot(0, 0)
SVD = Shot(0, 0, frames=25)
SVD_CHUNK = Shot(0, 0, frames=5)
WAN_A14B = Shot(0, 0, frames=81, time_scale=4, tokens=512)
WAN_5B = Shot(0, 0, frames=121, scale=16, time_scale=4, tokens=512)
LTX = Shot(0, 0, frames=121, scale=32, time_scale=8, tokens=128)
HUNYUAN = Shot(0, 0, frames=129, time_scale=4)
COGVIDEOX = Shot(0, 0, frames=81, time_scale=4, tokens=226)
CLIP_L: Part = (lambda: _clip_text(big=False), lambda encoder: ClipText(encoder, projected=False), STILL)
CLIP_G: Part = (lambda: _clip_text(big=True), lambda encoder: ClipText(encoder, projected=True), STILL)


CHECKPOINTS: dict[str, dict[str, Part]] = {
    "sdxl": {
        "unet": (_sdxl_unet, StillUNet, STILL),
        "text-encoder": CLIP_L,
        "text-encoder-2": CLIP_G,
        **_still_vae(lambda: _image_vae(4, quantised=True), 4),
    },
    "flux-schnell": {
        "transformer": (_flux_transformer, FluxDenoiser, Shot(0, 0, tokens=256)),
        "text-encoder": CLIP_L,
        "text-encoder-2": _prompt(_t5, 256),
        **_still_vae(lambda: _image_vae(16, quantised=False), 16),
    },
    "qwen-image": {
        "transformer": (_qwen_transformer, QwenDenoiser, STILL),
        "text-encoder": (_qwen_text, QwenText, STILL),
        **_still_vae(_qwen_vae, 16, time=1),
    },
    "svd-xt": {
        "unet": (_svd_unet, VideoUNet, SVD),
        "vae-decoder": (_svd_vae, FrameDecoder, SVD_CHUNK),
        "vae-encoder": (_svd_vae, lambda vae: Encoder(vae, latents=4, frames=None), SVD),
        "image-encoder": (_clip_vision, lambda encoder: ClipVision(encoder, projected=True), STILL),
    },
    "wan22-a14b": {
        "transformer": (_wan_a14b, lambda module: WanDenoiser(module, by_token=False), WAN_A14B),
        "transformer-2": (_wan_a14b, lambda module: WanDenoiser(module, by_token=False), WAN_A14B),
        "text-encoder": _prompt(_umt5, 512),
        **_clip_vae(_wan_vae, 16, 81, WAN_A14B),
    },
    "wan22-5b": {
        "transformer": (_wan_5b, lambda module: WanDenoiser(module, by_token=True), WAN_5B),
        "text-encoder": _prompt(_umt5, 512),
        **_clip_vae(_wan_5b_vae, 48, 1, WAN_5B),
    },
    "ltx-video": {
        "transformer": (_ltx_transformer, LtxDenoiser, LTX),
        "text-encoder": _prompt(_t5, 128),
        "vae-decoder": (_ltx_vae, lambda vae: Decoder(vae, latents=128, time="frames", timed=True), LTX),
        "vae-encoder": (_ltx_vae, lambda vae: Encoder(vae, latents=128, frames=1), LTX),
    },
    "cogvideox-15": {
        "transformer": (_cogvideox_transformer, CogVideoXDenoiser, COGVIDEOX),
        "text-encoder": _prompt(_t5, 226),
        **_clip_vae(_cogvideox_vae, 16, 1, COGVIDEOX),
    },
    "hunyuan-video": {
        "transformer": (_hunyuan_transformer, HunyuanDenoiser, HUNYUAN),
        "text-encoder": (_hunyuan_text, HunyuanText, HUNYUAN),
        "text-encoder-2": CLIP_L,
    },
}
"""Every graph, by pack and name."""


def exported(pack: str, graph: str) -> Exportable:
    """The empty module of a graph as its exporter sees it."""
    make, wrap, _ = CHECKPOINTS[pack][graph]
    with empty_modules():
        return wrap(make())


def shots(pack: str, graph: str, sizes: Iterable[tuple[int, int]]) -> Iterator[Shot]:
    """Sizes in the units of a graph."""
    _, _, units = CHECKPOINTS[pack][graph]
    return (replace(units, width=width, height=height) for width, height in sizes)
