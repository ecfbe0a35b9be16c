"""A command that works on campaigns: where it finds them, and what an interruption leaves."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from firstframe.cli.home import Home
from firstframe.cli.output import INTERRUPTED, Output
from firstframe.cli.session import run_command
from firstframe.cli.settings import CliSettings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FIRSTFRAME_CLI_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_interrupted_says_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    async def session(_home: Home, _settings: CliSettings) -> int:
        os.kill(os.getpid(), number)
        await asyncio.sleep(60)
        return 0

    code = run_command("run", session, Output(as_json=False), home=tmp_path / "home", kept="nothing is lost")
    assert code == INTERRUPTED
    assert "interrupted; nothing is lost: run the same command again to go on" in capsys.readouterr().err


@pytest.mark.parametrize(("orchestrator", "prepared"), [("", True), ("127.0.0.1:7000", False)])
def test_a_home_is_made_only_where_the_stack_is_one_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orchestrator: str, *, prepared: bool
) -> None:
    monkeypatch.setenv("FIRSTFRAME_CLI_ORCHESTRATOR", orchestrator)
    found: list[tuple[Home, CliSettings]] = []

    async def session(home: Home, settings: CliSettings) -> int:
        found.append((home, settings))
        return 3

    folder = tmp_path / "home"
    assert run_command("run", session, Output(as_json=False), home=folder, kept="all") == 3
    assert folder.exists() == prepared
    assert found[0][1].orchestrator == orchestrator
