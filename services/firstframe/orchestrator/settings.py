"""Settings of the orchestrator. Each is an environment variable `FIRSTFRAME_ORCHESTRATOR_…`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from firstframe.runtime.settings import ServiceSettings


class OrchestratorSettings(ServiceSettings):
    """What the orchestrator is told at its start."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_ORCHESTRATOR_", env_nested_delimiter="__")

    state_folder: Path = Field(
        default=Path(".firstframe/state"), description="Folder of the SQLite databases; not used with database_url."
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL of a Postgres database, `postgresql+psycopg://…`; empty means SQLite in state_folder.",
    )
    executor_id: str = Field(
        default="orchestrator-0",
        min_length=1,
        description="Stable name of this process; lanes are taken up again by the process of the same name.",
    )
    pools_folder: Path | None = Field(
        default=None, description="Folder in which stage servers announce themselves by address files."
    )
    pools: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Addresses of stage servers by stage, as JSON; not used with pools_folder.",
    )
    project_weights: dict[str, float] = Field(
        default_factory=dict, description="Fair-share weight of each project, as JSON; 1 for those not named."
    )
    work_deadline_s: float = Field(
        default=3600, gt=0, description="Time that one piece of stage work may take, in seconds."
    )

    @model_validator(mode="after")
    def _has_pools(self) -> OrchestratorSettings:
        if self.pools_folder is None and not self.pools:
            raise ValueError("set POOLS_FOLDER or POOLS: without stage servers no campaign can run")
        return self
