"""Settings of the animation service."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from firstframe.runtime.settings import StageSettings


class AnimationSettings(StageSettings):
    """What every stage service is told; the `previz` engine needs nothing more."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_ANIMATION_", env_nested_delimiter="__")
