"""What the orchestrator tells at its start."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.orchestrator.app import Orchestrator
from firstframe.orchestrator.settings import OrchestratorSettings
from firstframe.orchestrator.tables import Tables
from firstframe.runtime.settings import load

POSTGRES = {"DATABASE_URL": "postgresql://ada:hush@db/ff"}
KEY = {"APPROVAL_KEY": "a secret of some length"}


class ReachedTheDatabase(Exception):
    """The start came as far as the database, and goes no further here."""


def stop(_tables: Tables) -> None:
    raise ReachedTheDatabase


@pytest.mark.parametrize(
    ("values", "warned"), [(POSTGRES, True), ({**POSTGRES, **KEY}, False), ({}, False), (KEY, False)]
)
async def test_a_key_that_follows_from_the_database_is_warned_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], warned: bool
) -> None:
    here = {"POOLS_FOLDER": str(tmp_path / "run"), "STATE_FOLDER": str(tmp_path / "state")}
    for name, value in {**here, **values}.items():
        monkeypatch.setenv(f"FIRSTFRAME_ORCHESTRATOR_{name}", value)
    monkeypatch.setattr(Tables, "make", stop)
    orchestrator = Orchestrator(load(OrchestratorSettings), LocalFolderStore(tmp_path / "store"))
    with capture_logs() as told, pytest.raises(ReachedTheDatabase):
        await orchestrator.start()
    assert [line["setting"] for line in told] == ["FIRSTFRAME_ORCHESTRATOR_APPROVAL_KEY"] * warned
    assert "hush" not in str(told)
