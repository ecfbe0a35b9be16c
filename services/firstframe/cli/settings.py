"""How the commands reach an orchestrator: read from the environment."""

from __future__ import annotations

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from firstframe.adapters.stores import open_store
from firstframe.cli.home import Home
from firstframe.core.errors import InvalidInput
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.settings import ClientTlsSettings, StoreSettings, checked_address, problems


class CliSettings(BaseSettings):
    """What the commands are told by the environment."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_CLI_", env_nested_delimiter="__")

    orchestrator: str = Field(
        default="",
        description="`host:port` of an orchestrator that runs elsewhere; without it the local stack is used, and started.",
    )
    store: StoreSettings | None = Field(
        default=None,
        description="That orchestrator's store; `run` keeps photographs there and takes the videos from it.",
    )
    tls: ClientTlsSettings = Field(
        default_factory=ClientTlsSettings,
        description="Mutual TLS with the orchestrator; its own settings must say so too.",
    )

    @field_validator("orchestrator")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return checked_address(value) if value else value

    def open_store(self, home: Home) -> BlobStore:
        """Where the artifacts of the campaigns are.

        Raises:
            InvalidInput: The orchestrator runs elsewhere, and nothing says where its store is.
        """
        if not self.orchestrator:
            return open_store(kind="folder", folder=home.store)
        if self.store is None:
            problem = "is not set, and the orchestrator of FIRSTFRAME_CLI_ORCHESTRATOR keeps its artifacts in a store"
            raise InvalidInput.at("FIRSTFRAME_CLI_STORE__KIND", problem, "set FIRSTFRAME_CLI_STORE__… to that store")
        return open_store(**self.store.values())


def load_settings() -> CliSettings:
    """Reads the settings.

    Raises:
        InvalidInput: They are wrong; the message names each variable.
    """
    try:
        return CliSettings()
    except ValidationError as error:
        raise InvalidInput("; ".join(problems(CliSettings, error)), reason="WRONG_SETTINGS") from None
    except SettingsError:
        raise InvalidInput("FIRSTFRAME_CLI_STORE: must be JSON", reason="WRONG_SETTINGS") from None
