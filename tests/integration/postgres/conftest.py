from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.orchestrator import World
from support.postgres import Postgres, running_postgres


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """One for each test: it is killed."""
    with running_postgres() as made:
        yield made


@pytest.fixture
def database(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    made = World(tmp_path, {"DATABASE_URL": database})
    try:
        yield made
    finally:
        await made.close()
