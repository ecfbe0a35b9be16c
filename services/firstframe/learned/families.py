"""How calls of each class of module become requests, and answers what the class would have returned.

One entry for each class and method. Tensor names are those of the exporter's graphs (`firstframe.packs.export_modules`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from firstframe.core.errors import Unsupported
from firstframe.learned import autoencoders, denoisers, encoders, hunyuan, qwen
from firstframe.learned.arguments import Arguments
from firstframe.learned.graphs import Tensors


class Form(NamedTuple):
    """One method of a class."""

    request: Callable[[Arguments, Any], Tensors]
    """Takes the arguments and the module's configuration; gives the graph's inputs."""
    answer: Callable[[Tensors], Any]
    """Takes the graph's outputs; gives an output object with `to_tuple`."""
    tokens_of: str = ""
    """Argument that has as many tokens as the outputs are to have, where the request was padded to a fixed number."""


_DECODE_STILL = Form(autoencoders.decode_still, autoencoders.decoded)
_DECODE = Form(autoencoders.decode, autoencoders.decoded)
_ENCODE = Form(autoencoders.encode, autoencoders.encoded)

FAMILIES: Mapping[str, Mapping[str, Form]] = {
    "UNet2DConditionModel": {"forward": Form(denoisers.still_unet, denoisers.still_sample)},
    "UNetSpatioTemporalConditionModel": {"forward": Form(denoisers.video_unet, denoisers.video_sample)},
    "FluxTransformer2DModel": {"forward": Form(denoisers.flux, denoisers.transformer_sample)},
    "QwenImageTransformer2DModel": {"forward": Form(qwen.transformer, denoisers.transformer_sample)},
    "HunyuanVideoTransformer3DModel": {"forward": Form(hunyuan.transformer, denoisers.transformer_sample)},
    "LTXVideoTransformer3DModel": {"forward": Form(denoisers.ltx, denoisers.transformer_sample)},
    "WanTransformer3DModel": {"forward": Form(denoisers.wan, denoisers.transformer_sample)},
    "CogVideoXTransformer3DModel": {"forward": Form(denoisers.cogvideox, denoisers.transformer_sample)},
    "AutoencoderKL": {"encode": _ENCODE, "decode": _DECODE_STILL},
    "AutoencoderKLTemporalDecoder": {
        "encode": _ENCODE,
        "decode": Form(autoencoders.decode_frames, autoencoders.decoded_frames),
    },
    "AutoencoderKLLTXVideo": {"encode": _ENCODE, "decode": _DECODE},
    "AutoencoderKLWan": {"encode": _ENCODE, "decode": _DECODE},
    "AutoencoderKLQwenImage": {"encode": _ENCODE, "decode": _DECODE},
    "AutoencoderKLCogVideoX": {"encode": _ENCODE, "decode": _DECODE},
    "CLIPTextModel": {"forward": Form(encoders.text, encoders.clip_text)},
    "CLIPTextModelWithProjection": {"forward": Form(encoders.text, encoders.clip_text_projected)},
    "T5EncoderModel": {"forward": Form(encoders.text, encoders.t5_text)},
    "UMT5EncoderModel": {"forward": Form(encoders.text, encoders.t5_text)},
    "Qwen2_5_VLForConditionalGeneration": {"forward": Form(qwen.text, qwen.text_states, tokens_of="input_ids")},
    "LlavaForConditionalGeneration": {"forward": Form(hunyuan.text, hunyuan.text_states)},
    "CLIPVisionModel": {"forward": Form(encoders.picture, encoders.vision)},
    "CLIPVisionModelWithProjection": {"forward": Form(encoders.picture, encoders.vision_projected)},
}


def forms_of(class_name: str) -> Mapping[str, Form]:
    """The methods of a class that can run elsewhere.

    Raises:
        Unsupported: `MODEL_CLASS`, the class is not known.
    """
    if class_name not in FAMILIES:
        problem = f"nobody has written down how {class_name} is served; run it in the process, or add it to families.py"
        raise Unsupported(problem, reason="MODEL_CLASS", metadata={"class": class_name})
    return FAMILIES[class_name]
