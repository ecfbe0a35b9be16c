"""Settings of the animation service."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from firstframe.mounting.settings import ModelSettings
from firstframe.render.variant import VariantName
from firstframe.runtime.settings import StageSettings


class AnimationSettings(StageSettings):
    """What the animation service is told."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_ANIMATION_", env_nested_delimiter="__")

    consent_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret that seals grants of consent; the orchestrator has the same. Without it, and without"
        " consent_key_file, effects that need consent are refused.",
    )
    consent_key_file: Path | None = Field(
        default=None, description="File with such a secret, made where it is missing; for one machine."
    )
    films: bool = Field(
        default=True,
        description="Whether generated sets are filmed anew, frame by frame, by the engine `scene`; only where its renderer is"
        " installed (the extra `scene`).",
    )
    variant: VariantName = Field(
        default="auto", description="Renderer of the engine `scene`: `llvm_ad_rgb`, `cuda_ad_rgb`; `auto` takes LLVM."
    )
    render_threads: int = Field(
        default=0, ge=0, le=256, description="Threads of the engine `scene`; 0 for one per processor."
    )
    models: ModelSettings = Field(default_factory=ModelSettings, description="Learned models.")
