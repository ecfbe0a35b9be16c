"""Tiny pipelines of models that are given a last frame, where those of `tiny_pipelines` are not."""

from __future__ import annotations

from typing import Any

import diffusers

from support.tiny_pipelines import T5_TOKENS, Tiny, wan_parts, wan_transformer


def wan_by_mask() -> Any:
    """As Wan 2.2 A14B: pictures are told by a mask beside the latents, and no encoder of pictures reads them."""
    return diffusers.WanImageToVideoPipeline(
        transformer=wan_transformer(in_channels=36),
        transformer_2=None,
        image_encoder=None,
        image_processor=None,
        **wan_parts(),
    )


ENDINGS = {
    "wan-by-mask": Tiny(
        "wan-by-mask",
        wan_by_mask,
        {
            "transformer": "transformer",
            "vae": "vae-decoder",
            "vae.encode": "vae-encoder",
            "text_encoder": "text-encoder",
        },
        ((32, 32), (64, 48)),
        (5, 5),
        "4k+1",
        {"max_sequence_length": T5_TOKENS},
        pictures=False,
    )
}
