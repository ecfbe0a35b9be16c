"""Pipelines of the real classes with a few thousand random weights: made offline in under a second, the same each time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import diffusers
import tokenizers
import torch
import transformers

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
TEXT_WIDTH = 32
"""Channels of every text encoder."""
TEXT_TOKENS = 77
T5_TOKENS = 16
QWEN_TOKENS = 2048


def clip_tokenizer() -> Any:
    words = [*LETTERS, *(letter + "</w>" for letter in LETTERS), "<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(
        vocab={word: number for number, word in enumerate(words)}, merges=[], model_max_length=TEXT_TOKENS
    )


def t5_tokenizer() -> Any:
    pieces = ["<pad>", "</s>", "<unk>", "▁", *LETTERS]
    vocab = [(piece, -1.0) for piece in pieces]
    return transformers.T5Tokenizer(vocab=vocab, extra_ids=0, model_max_length=T5_TOKENS)


def clip_text_config(projection: int = TEXT_WIDTH) -> Any:
    return transformers.CLIPTextConfig(
        vocab_size=74,
        hidden_size=TEXT_WIDTH,
        intermediate_size=37,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=TEXT_TOKENS,
        projection_dim=projection,
        bos_token_id=72,
        eos_token_id=73,
        pad_token_id=73,
    )


def clip_text() -> Any:
    return transformers.CLIPTextModel(clip_text_config())


def clip_vision(kind: Any) -> Any:
    config = transformers.CLIPVisionConfig(
        hidden_size=TEXT_WIDTH,
        intermediate_size=37,
        num_hidden_layers=3,
        num_attention_heads=4,
        image_size=224,
        patch_size=32,
        projection_dim=TEXT_WIDTH,
    )
    return kind(config)


def t5_text(kind: Any = transformers.T5EncoderModel, config: Any = transformers.T5Config) -> Any:
    return kind(config(vocab_size=64, d_model=TEXT_WIDTH, d_kv=8, d_ff=37, num_layers=2, num_heads=4))


def still_vae(**options: Any) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        latent_channels=4,
        norm_num_groups=4,
        **options,
    )


def scaled_linear() -> Any:
    return diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
    )


def stable_diffusion() -> Any:
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=2,
        norm_num_groups=4,
    )
    return diffusers.StableDiffusionPipeline(
        vae=still_vae(),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        unet=unet,
        scheduler=scaled_linear(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def stable_diffusion_xl() -> Any:
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=6 * 8 + TEXT_WIDTH,
        cross_attention_dim=2 * TEXT_WIDTH,
        norm_num_groups=4,
    )
    return diffusers.StableDiffusionXLPipeline(
        vae=still_vae(),
        text_encoder=clip_text(),
        text_encoder_2=transformers.CLIPTextModelWithProjection(clip_text_config()),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=unet,
        scheduler=scaled_linear(),
        add_watermarker=False,
    )


def flux() -> Any:
    transformer = diffusers.FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=TEXT_WIDTH,
        pooled_projection_dim=TEXT_WIDTH,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=True,
    )
    return diffusers.FluxPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=clip_text(),
        text_encoder_2=t5_text(),
        tokenizer=clip_tokenizer(),
        tokenizer_2=t5_tokenizer(),
        transformer=transformer,
        vae=still_vae(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1, scaling_factor=1.5),
    )


def qwen_tokenizer() -> Any:
    # Words are bytes as this kind of tokenizer writes them: a space is Ġ, a line's end Ċ.
    letters = [*LETTERS, *"ADUT<>|_:,.ĠĊ", "<|endoftext|>"]
    vocab = {letter: number for number, letter in enumerate(letters)}
    return transformers.Qwen2Tokenizer(vocab=vocab, merges=[], model_max_length=QWEN_TOKENS)


def qwen_text() -> Any:
    config = transformers.Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 64,
            "hidden_size": TEXT_WIDTH,
            "intermediate_size": 37,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "rope_parameters": {"mrope_section": [1, 1, 2], "rope_type": "default", "rope_theta": 1000000.0},
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": TEXT_WIDTH,
        },
    )
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def qwen_image() -> Any:
    transformer = diffusers.QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=TEXT_WIDTH,
        axes_dims_rope=(8, 4, 4),
    )
    vae = diffusers.AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 2, 2],
        num_res_blocks=1,
        temperal_downsample=[False, True],
        latents_mean=[0.1, -0.1, 0.2, 0.0],
        latents_std=[1.0, 1.1, 0.9, 1.0],
    )
    return diffusers.QwenImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=qwen_text(),
        tokenizer=qwen_tokenizer(),
        transformer=transformer,
    )


def stable_video() -> Any:
    unet = diffusers.UNetSpatioTemporalConditionModel(
        block_out_channels=(64,),  # 32 channels would be groups of one, whose norms take the timestep out again
        layers_per_block=1,
        sample_size=32,
        in_channels=8,
        out_channels=4,
        down_block_types=("CrossAttnDownBlockSpatioTemporal",),
        up_block_types=("CrossAttnUpBlockSpatioTemporal",),
        cross_attention_dim=TEXT_WIDTH,
        num_attention_heads=(2,),
        projection_class_embeddings_input_dim=24,
        addition_time_embed_dim=8,
    )
    vae = diffusers.AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 64), down_block_types=["DownEncoderBlock2D"] * 2, layers_per_block=1, latent_channels=4
    )
    scheduler = diffusers.EulerDiscreteScheduler(
        interpolation_type="linear",
        prediction_type="v_prediction",
        timestep_type="continuous",
        use_karras_sigmas=True,
        sigma_min=0.002,
        sigma_max=700.0,
    )
    return diffusers.StableVideoDiffusionPipeline(
        vae=vae,
        image_encoder=clip_vision(transformers.CLIPVisionModelWithProjection),
        unet=unet,
        scheduler=scheduler,
        feature_extractor=transformers.CLIPImageProcessor(crop_size=224, size=224),
    )


def ltx() -> Any:
    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        patch_size=1,
        patch_size_t=1,
        num_attention_heads=4,
        attention_head_dim=8,
        cross_attention_dim=32,
        num_layers=1,
        caption_channels=TEXT_WIDTH,
    )
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, False, False),
        decoder_spatio_temporal_scaling=(True, True, False, False),
        decoder_inject_noise=(False,) * 5,
        upsample_residual=(False,) * 4,
        upsample_factor=(1, 1, 1, 1),
        patch_size=1,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
        timestep_conditioning=True,
    )
    return diffusers.LTXImageToVideoPipeline(
        transformer=transformer,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=t5_text(),
        tokenizer=t5_tokenizer(),
    )


def wan_transformer(**options: Any) -> Any:
    return diffusers.WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        out_channels=16,
        text_dim=TEXT_WIDTH,
        freq_dim=16,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
        **options,
    )


def wan_parts() -> dict[str, Any]:
    return {
        "vae": diffusers.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
        ),
        "scheduler": diffusers.UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
        "text_encoder": t5_text(transformers.UMT5EncoderModel, transformers.UMT5Config),
        "tokenizer": t5_tokenizer(),
    }


def wan() -> Any:
    """As Wan 2.1: the picture is encoded a second time, for the transformer."""
    return diffusers.WanImageToVideoPipeline(
        transformer=wan_transformer(in_channels=36, image_dim=TEXT_WIDTH, added_kv_proj_dim=24),
        image_encoder=clip_vision(transformers.CLIPVisionModel),
        image_processor=transformers.CLIPImageProcessor(crop_size=224, size=224),
        **wan_parts(),
    )


def wan_by_token() -> Any:
    """As Wan 2.2 5B: each token has its own timestep."""
    return diffusers.WanImageToVideoPipeline(
        transformer=wan_transformer(in_channels=16),
        transformer_2=None,
        image_encoder=None,
        image_processor=None,
        expand_timesteps=True,
        **wan_parts(),
    )


def cogvideox() -> Any:
    transformer = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=8,
        out_channels=4,
        time_embed_dim=8,
        text_embed_dim=TEXT_WIDTH,
        num_layers=1,
        sample_width=16,
        sample_height=16,
        sample_frames=9,
        patch_size=2,
        patch_size_t=2,
        temporal_compression_ratio=4,
        max_text_seq_length=T5_TOKENS,
        use_rotary_positional_embeddings=True,
        ofs_embed_dim=8,
        patch_bias=False,
    )
    vae = diffusers.AutoencoderKLCogVideoX(
        in_channels=3,
        out_channels=3,
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=2,
        temporal_compression_ratio=4,
    )
    return diffusers.CogVideoXImageToVideoPipeline(
        tokenizer=t5_tokenizer(),
        text_encoder=t5_text(),
        vae=vae,
        transformer=transformer,
        scheduler=diffusers.CogVideoXDDIMScheduler(),
    )


def llama_tokenizer() -> Any:
    """Words of the pipeline's own template, and letters: the template has about as many tokens as it really has."""
    from diffusers.pipelines.hunyuan_video.pipeline_hunyuan_video_image2video import DEFAULT_PROMPT_TEMPLATE

    special = ["<|pad|>", "<|bos|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<image>", "<|unk|>"]
    pieces = tokenizers.Regex(r"\n\n|<[^>]+>|[a-z]+|[A-Z]|\d|[.,:]| ")
    words = re.findall(r"\n\n|[a-z]+|[A-Z]|\d|[.,:]| ", str(DEFAULT_PROMPT_TEMPLATE["template"]))
    names = dict.fromkeys([*special, *words, *LETTERS, "cat", "two", "dogs"])
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({name: number for number, name in enumerate(names)}, unk_token="<|unk|>")
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Split(pieces, "isolated")
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="<|bos|> $A", special_tokens=[("<|bos|>", special.index("<|bos|>"))]
    )
    made.add_special_tokens(special)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<|pad|>", bos_token="<|bos|>", unk_token="<|unk|>", model_max_length=1024
    )


def llava(tokenizer: Any) -> Any:
    text = {
        "model_type": "llama",
        "vocab_size": len(tokenizer),
        "hidden_size": TEXT_WIDTH,
        "intermediate_size": 37,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "pad_token_id": tokenizer.pad_token_id,
        "max_position_embeddings": 1024,
    }
    vision = {
        "model_type": "clip_vision_model",
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 336,
        "patch_size": 14,
        "projection_dim": TEXT_WIDTH,
    }
    return transformers.LlavaForConditionalGeneration(
        transformers.LlavaConfig(
            text_config=text,
            vision_config=vision,
            image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def hunyuan_video() -> Any:
    tokenizer = llama_tokenizer()
    transformer = diffusers.HunyuanVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=10,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        patch_size=2,
        patch_size_t=1,
        guidance_embeds=True,
        text_embed_dim=TEXT_WIDTH,
        pooled_projection_dim=TEXT_WIDTH,
        rope_axes_dim=(2, 4, 4),
        image_condition_type="token_replace",
    )
    vae = diffusers.AutoencoderKLHunyuanVideo(
        latent_channels=4,
        down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        norm_num_groups=4,
    )
    return diffusers.HunyuanVideoImageToVideoPipeline(
        text_encoder=llava(tokenizer),
        tokenizer=tokenizer,
        transformer=transformer,
        vae=vae,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder_2=clip_text(),
        tokenizer_2=clip_tokenizer(),
        image_processor=transformers.CLIPImageProcessor(size=336, crop_size=336),
    )


@dataclass(frozen=True)
class Tiny:
    """A pipeline, what of it runs elsewhere, and how it is called in tests."""

    name: str
    build: Callable[[], Any]
    modules: Mapping[str, str]
    """Graph by place, as `pipeline.modules` of a pack has it."""
    sizes: tuple[tuple[int, int], tuple[int, int]]
    """Width and height of two calls."""
    frames: tuple[int, int] = (1, 1)
    """Frames of two calls; the same where autoencoders are traced for one length."""
    rule: str = ""
    """Of the frames; empty for stills."""
    call: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of every call."""
    prompted: bool = True
    pictures: bool = True
    """Whether each sample has its own picture; else one serves all."""
    listed: bool = True
    """Whether it takes a generator for each sample."""

    def made(self) -> Any:
        """The pipeline; the same weights each time."""
        torch.manual_seed(0)
        pipeline = self.build()
        for part in pipeline.components.values():
            if isinstance(part, torch.nn.Module):
                part.eval()
        pipeline.set_progress_bar_config(disable=True)
        return pipeline


_TEXT = {"text_encoder": "text-encoder"}
_VAE = {"vae": "vae-decoder", "vae.encode": "vae-encoder"}
_SQUARE, _WIDE = (32, 32), (64, 48)

TINY = {
    tiny.name: tiny
    for tiny in (
        Tiny("sd", stable_diffusion, {"unet": "unet"} | _VAE | _TEXT, (_SQUARE, _WIDE)),
        Tiny(
            "sdxl",
            stable_diffusion_xl,
            {"unet": "unet", "text_encoder_2": "text-encoder-2"} | _VAE | _TEXT,
            (_SQUARE, _WIDE),
        ),
        Tiny(
            "flux",
            flux,
            {"transformer": "transformer", "text_encoder_2": "text-encoder-2"} | _VAE | _TEXT,
            (_SQUARE, _WIDE),
            call={"max_sequence_length": T5_TOKENS},
        ),
        Tiny(
            "qwen-image",
            qwen_image,
            {"transformer": "transformer"} | _VAE | _TEXT,
            (_SQUARE, _WIDE),
            call={"max_sequence_length": 512, "negative_prompt": " ", "true_cfg_scale": 3.0},
        ),
        Tiny(
            "svd",
            stable_video,
            {"unet": "unet", "image_encoder": "image-encoder"} | _VAE,
            (_SQUARE, _WIDE),
            (2, 3),
            "2,3",
            {"decode_chunk_size": 2},
            prompted=False,
        ),
        Tiny(
            "ltx",
            ltx,
            {"transformer": "transformer"} | _VAE | _TEXT,
            (_SQUARE, (64, 32)),
            (9, 17),
            "8k+1",
            {"decode_timestep": 0.05, "decode_noise_scale": 0.02, "max_sequence_length": T5_TOKENS},
            listed=False,
        ),
        Tiny(
            "wan",
            wan,
            {"transformer": "transformer", "image_encoder": "image-encoder"} | _VAE | _TEXT,
            (_SQUARE, _WIDE),
            (5, 5),
            "4k+1",
            pictures=False,
        ),
        Tiny(
            "wan-by-token",
            wan_by_token,
            {"transformer": "transformer"} | _VAE | _TEXT,
            (_SQUARE, _WIDE),
            (5, 5),
            "4k+1",
            {"max_sequence_length": T5_TOKENS},
            pictures=False,
        ),
        Tiny(
            "cogvideox",
            cogvideox,
            {"transformer": "transformer"} | _VAE | _TEXT,
            (_SQUARE, _WIDE),
            (9, 9),
            "8k+1",
            {"max_sequence_length": T5_TOKENS},
        ),
        Tiny(
            "hunyuan-video",
            hunyuan_video,
            {"transformer": "transformer", "text_encoder_2": "text-encoder-2"} | _TEXT,
            (_SQUARE, _WIDE),
            (5, 9),
            "4k+1",
        ),
    )
}
