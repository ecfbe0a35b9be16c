from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.orchestrator import World
from support.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of an empty database of each kind."""
    if request.param == "sqlite":
        return {}
    cluster: Postgres = request.getfixturevalue("postgres")
    return {"DATABASE_URL": cluster.new_database()}


@pytest.fixture
async def world(tmp_path: Path, database: dict[str, str]) -> AsyncIterator[World]:
    made = World(tmp_path, database)
    try:
        yield made
    finally:
        await made.close()
