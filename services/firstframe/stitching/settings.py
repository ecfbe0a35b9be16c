"""Settings of the stitching service."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from firstframe.runtime.settings import StageSettings


class StitchingSettings(StageSettings):
    """What every stage service is told; the `previz` engine needs nothing more."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_STITCHING_", env_nested_delimiter="__")
