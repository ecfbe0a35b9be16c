"""`python -m firstframe.orchestrator.migrate`: brings a Postgres database to what this version needs, and ends.

Run before the new version starts, so that a change that fails leaves the old one running. Everything is additive: the version
before still runs on the result. An orchestrator does the same at its start; here it is only earlier.
"""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
import structlog
from dbos import DBOS
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from firstframe.orchestrator import postgres
from firstframe.orchestrator.patience import insist
from firstframe.orchestrator.seals import DOMAIN, Seal
from firstframe.orchestrator.tables import Tables, open_engine
from firstframe.runtime.boot import run
from firstframe.runtime.secret_keys import key_of_text
from firstframe.runtime.settings import load

_LOG = structlog.get_logger(__name__)
_CONNECTIONS = 3


class MigrationSettings(BaseSettings):
    """The orchestrator's own settings of its database."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_ORCHESTRATOR_", extra="ignore")

    database_url: SecretStr = Field(description="As the orchestrator's own.")
    approval_key: SecretStr | None = Field(default=None, min_length=16, description="As the orchestrator's own.")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr) -> SecretStr:
        return SecretStr(postgres.normalised(value.get_secret_value()))


async def main() -> None:
    """Waits for the database and changes what is missing."""
    settings = load(MigrationSettings)
    url = settings.database_url.get_secret_value()
    key = (settings.approval_key or settings.database_url).get_secret_value()
    tables = Tables(open_engine(url, pool_size=_CONNECTIONS))
    await insist(tables.make)
    await insist(tables.adopt_seals, Seal(key_of_text(key, DOMAIN)).of)
    await asyncio.to_thread(DBOS.migrate, _readable(url))
    _LOG.info("the database is as this version needs it")


def _readable(url: str) -> str:
    """The driver would read no text from a database of another encoding; DBOS takes no arguments for its engine here."""
    return sa.make_url(url).update_query_dict({"client_encoding": "utf8"}).render_as_string(hide_password=False)


if __name__ == "__main__":
    run(main)
