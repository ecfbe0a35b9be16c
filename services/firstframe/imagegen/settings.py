"""Settings of the image stage."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from firstframe.mounting.settings import ModelSettings
from firstframe.render.variant import TargetName, VariantName
from firstframe.runtime.settings import StageSettings


class ImageGenSettings(StageSettings):
    """What the image stage is told at its start."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_IMAGEGEN_", env_nested_delimiter="__")

    variant: VariantName = Field(
        default="auto",
        description="Renderer: `llvm_ad_rgb` (processor, exact layers), `cuda_ad_rgb` (GPU), `scalar_rgb` "
        "(no LLVM: slow, layers inferred); `auto` takes LLVM when its library is found.",
    )
    llvm_target: TargetName = Field(
        default="auto",
        description="Instruction set that kernels are compiled for; machines with the same one give the same picture. "
        "`auto` takes `x86-64-v4` with AVX-512, else `x86-64-v3`.",
    )
    render_threads: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Threads of one render; 0 for one per processor. The picture does not depend on it.",
    )
    models: ModelSettings = Field(default_factory=ModelSettings, description="Learned models.")
