"""Settings of the animation service."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from firstframe.runtime.settings import ServiceSettings


class AnimationSettings(ServiceSettings):
    """What every service is told; the `previz` engine needs nothing more."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_ANIMATION_", env_nested_delimiter="__", extra="ignore")
