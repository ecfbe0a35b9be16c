"""The home of a stack: where it is, who may run it, and what a dead owner left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from firstframe.cli.home import Home, StackLock, find_home, write_json
from firstframe.cli.stack import LocalStack, clear_leftovers, service_environment, stage_processes
from firstframe.core.errors import InvalidInput


def home_at(folder: Path) -> Home:
    home = Home(folder)
    home.prepare()
    return home


def test_the_home_is_the_option_then_the_environment_then_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FIRSTFRAME_HOME", raising=False)
    assert find_home(None).folder == tmp_path / ".firstframe"
    monkeypatch.setenv("FIRSTFRAME_HOME", str(tmp_path / "there"))
    assert find_home(None).folder == tmp_path / "there"
    assert find_home(Path("given")).folder == tmp_path / "given"


def test_a_home_is_for_one_user(tmp_path: Path) -> None:
    home = home_at(tmp_path / "home")
    assert {path.stat().st_mode & 0o777 for path in (home.folder, home.store, home.state, home.run, home.logs)} == {
        0o700
    }


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="--home"):
        home_at(tmp_path / "file" / "home")


def test_one_runs_the_stack(tmp_path: Path) -> None:
    home = home_at(tmp_path)
    first, second = StackLock(home), StackLock(home)
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


@pytest.mark.parametrize("text", ["", "[]", '{"grpc": 5}', '{"grpc": "127'])
def test_an_address_file_that_is_not_whole_is_none(tmp_path: Path, text: str) -> None:
    home = home_at(tmp_path)
    home.address_file("orchestrator").write_text(text)
    assert home.address("orchestrator") is None


def test_an_address(tmp_path: Path) -> None:
    home = home_at(tmp_path)
    write_json(home.address_file("orchestrator"), {"grpc": "127.0.0.1:5", "pid": 1})
    assert home.address("orchestrator") == "127.0.0.1:5"
    assert [path.name for path in home.run.iterdir()] == ["orchestrator.json"]


@pytest.mark.parametrize(
    ("count", "workers", "shared"),
    [(1, 1, 1), (2, 2, 2), (4, 4, 4), (64, 4, 4)],
)
def test_processes_by_cores(count: int, workers: int, shared: int) -> None:
    found = stage_processes(count)
    assert [name for name, (service, _) in found.items() if service == "imagegen"] == [
        f"imagegen-{n}" for n in range(1, workers + 1)
    ]
    assert found["animation-1"] == ("animation", 1)
    assert found["upscaling-1"] == ("upscaling", shared)
    assert found["stitching-1"] == ("stitching", shared)


def test_settings_of_a_process(tmp_path: Path) -> None:
    home = Home(tmp_path)
    found = service_environment(home, "orchestrator", "orchestrator", 1)
    assert found["FIRSTFRAME_ORCHESTRATOR_LISTEN"] == "127.0.0.1:0"
    assert found["FIRSTFRAME_ORCHESTRATOR_POOLS_FOLDER"] == str(home.run)
    assert found["FIRSTFRAME_ORCHESTRATOR_STATE_FOLDER"] == str(home.state)
    assert found["FIRSTFRAME_ORCHESTRATOR_STORE__FOLDER"] == str(home.store)
    assert found["FIRSTFRAME_ORCHESTRATOR_PARENT_PID"] == str(os.getpid())
    assert "FIRSTFRAME_IMAGEGEN_POOLS_FOLDER" not in service_environment(home, "imagegen", "imagegen-1", 1)


def _serving(folder: Path, store: Path) -> subprocess.Popen[bytes]:
    """A process that looks like a service of the home whose store that is."""
    package = folder / "firstframe" / "cli"
    package.mkdir(parents=True, exist_ok=True)
    for part in (package.parent, package):
        (part / "__init__.py").touch()
    (package / "main.py").write_text("import time; print('up', flush=True); time.sleep(120)")
    environment = {**os.environ, "PYTHONPATH": str(folder), "FIRSTFRAME_IMAGEGEN_STORE__FOLDER": str(store)}
    command = [sys.executable, "-m", "firstframe.cli.main", "serve", "imagegen"]
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def test_what_a_dead_owner_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    home = home_at(tmp_path / "home")
    mine = _serving(tmp_path / "code", home.store)
    other = _serving(tmp_path / "code", tmp_path / "another home")
    try:
        home.stack_file.write_text(json.dumps({"owner": 1, "processes": {"imagegen-1": {"pid": mine.pid}}}))
        for number, pid in ((1, other.pid), (2, os.getpid())):
            write_json(home.address_file(f"imagegen-{number}"), {"grpc": "127.0.0.1:1", "pid": pid})
        clear_leftovers(home)
        assert not psutil.pid_exists(mine.pid)
        assert other.poll() is None
        assert list(home.run.iterdir()) == []
    finally:
        for process in (mine, other):
            process.kill()
            process.communicate()


async def test_a_stack_of_another_command_is_used_and_left_alone(tmp_path: Path) -> None:
    home = home_at(tmp_path)
    owner = StackLock(home)
    assert owner.take()
    write_json(home.address_file("orchestrator"), {"grpc": "127.0.0.1:5"})
    async with LocalStack(home) as stack:
        assert await stack.address() == "127.0.0.1:5"
        stack.start_stages()
        assert (stack.is_owner, stack.processes()) == (False, {})
    assert home.address("orchestrator") == "127.0.0.1:5"
    owner.release()
