"""Settings of the animation service."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from firstframe.mounting.settings import ModelSettings
from firstframe.runtime.settings import StageSettings


class AnimationSettings(StageSettings):
    """What the animation service is told."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_ANIMATION_", env_nested_delimiter="__")

    models: ModelSettings = Field(default_factory=ModelSettings, description="Learned models.")
