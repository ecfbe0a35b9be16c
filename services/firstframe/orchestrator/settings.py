"""Settings of the orchestrator. Each is an environment variable `FIRSTFRAME_ORCHESTRATOR_…`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from firstframe.adapters.kubernetes import ACCOUNT, ApiServer, ServicePort
from firstframe.orchestrator import postgres
from firstframe.orchestrator.plan import Gate, Stage
from firstframe.runtime.settings import ServiceSettings


class OrchestratorSettings(ServiceSettings):
    """What the orchestrator is told at its start."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_ORCHESTRATOR_", env_nested_delimiter="__")

    state_folder: Path = Field(
        default=Path(".firstframe/state"), description="Folder of the SQLite databases; not used with database_url."
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="URL of a Postgres database, `postgresql://user:password@host:port/database`, libpq's parameters"
        " (`?sslmode=verify-full&sslrootcert=…`) included; without it SQLite in state_folder.",
    )
    database_pool_size: int = Field(
        default=10,
        ge=3,
        le=1000,
        description="Most connections to Postgres for campaigns; workflows take as many again and one more.",
    )
    approval_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret that seals decisions about heroes, so that one that was written into the database by hand counts"
        " for nothing; the same for all orchestrators of a database. Without it: a file in state_folder, with database_url"
        " the URL itself. Another one voids every decision that is not carried out yet.",
    )
    consent_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret that seals grants of consent; the animation stage has the same. Without it, and without"
        " consent_key_file, no effect that needs consent is run.",
    )
    consent_key_file: Path | None = Field(
        default=None, description="File with such a secret, made where it is missing; for one machine."
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
    pools_services: dict[str, str] = Field(
        default_factory=dict,
        description="Service behind which a stage's pods are found, by stage, as JSON: `namespace/service:port`, in a"
        " cluster; not used with pools_folder or pools.",
    )
    service_account: Path = Field(
        default=ACCOUNT, description="Folder of the pod's token and of the API server's CA, for pools_services."
    )
    project_weights: dict[str, float] = Field(
        default_factory=dict, description="Fair-share weight of each project, as JSON; 1 for those not named."
    )
    drift_gate: Gate = Field(
        default=Gate.RETRY,
        description="What becomes of clips that drift from their hero, in briefs that do not say it: `retry` makes them again,"
        " `report` delivers and tells, `none` does not measure them. A campaign keeps what it was created with.",
    )
    work_deadline_s: float = Field(
        default=3600, gt=0, description="Time that one piece of stage work may take, in seconds."
    )
    missing_call_patience_s: float = Field(
        default=1800,
        ge=0,
        description="How long work waits while no ready server of its stage has the call that it needs, in seconds: as long as"
        " it may take an upgrade to bring the first new server.",
    )
    engine_patience_s: float = Field(
        default=60,
        ge=0,
        description="How long a lane that is filmed, or moved by a model, waits for the first server of the animation stage to"
        " say whether it can, in seconds: before the still is made.",
    )

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(postgres.normalised(value.get_secret_value()))

    @model_validator(mode="after")
    def _has_pools(self) -> OrchestratorSettings:
        given = [name for name in ("pools_folder", "pools", "pools_services") if getattr(self, name)]
        if not given:
            raise ValueError("set POOLS_SERVICES, POOLS_FOLDER or POOLS: without stage servers no campaign can run")
        if "pools_services" in given and len(given) > 1:
            raise ValueError(f"{' and '.join(map(str.upper, given))} contradict each other; set one")
        if self.pools_services:
            self.services()
            self.api_server()
        return self

    def services(self) -> dict[str, ServicePort]:
        """The Service of each stage.

        Raises:
            ValueError: A stage does not exist, or a Service is named wrongly.
        """
        known = [stage.value for stage in Stage]
        unknown = [stage for stage in self.pools_services if stage not in known]
        if unknown:
            raise ValueError(f"POOLS_SERVICES: there is no stage {', '.join(unknown)}; there are {', '.join(known)}")
        return {stage: ServicePort.parse(text) for stage, text in self.pools_services.items()}

    def api_server(self) -> ApiServer:
        """The API server of the cluster.

        Raises:
            ValueError: This is not a pod.
        """
        return ApiServer.of_pod(self.service_account)
