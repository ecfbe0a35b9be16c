"""A process of the stack is kept alive, given up when it cannot live, and ended for certain; with real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from firstframe.cli import supervisor as module
from firstframe.cli.supervisor import MAX_DEATHS, Launch, Supervisor, last_line
from firstframe.core.errors import InvalidInput, Unavailable

SERVE = """
import json, os, pathlib, signal, sys, time
if os.environ["STUBBORN"]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
file = pathlib.Path(os.environ["ADDRESS"])
aside = file.with_suffix(".new")
aside.write_text(json.dumps({"grpc": f"127.0.0.1:{os.getpid()}", "pid": os.getpid()}))
aside.replace(file)
time.sleep(120)
"""


def launch(folder: Path, script: str, *, stubborn: bool = False) -> Launch:
    address_file = folder / "imagegen-1.json"
    environment = {"ADDRESS": str(address_file), "STUBBORN": "yes" if stubborn else ""}
    return Launch("imagegen-1", (sys.executable, "-c", script), environment, address_file, folder / "imagegen-1.log")


@contextlib.asynccontextmanager
async def running(supervisor: Supervisor) -> AsyncIterator[None]:
    task = asyncio.create_task(supervisor.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await supervisor.stop(5)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_process_that_is_killed_comes_back(tmp_path: Path) -> None:
    changes: list[int | None] = []
    supervisor = Supervisor(launch(tmp_path, SERVE), lambda: changes.append(supervisor.pid))
    async with running(supervisor):
        await until(supervisor.launch.address_file.exists)
        first = supervisor.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pid not in {None, first})
        await until(supervisor.launch.address_file.exists)
        second = supervisor.pid
        assert str(second) in supervisor.launch.address_file.read_text()
    assert changes[:3] == [first, None, second]
    assert supervisor.restarts == 1


async def test_the_address_of_a_dead_process_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_BACKOFF_S", 60.0)
    monkeypatch.setattr(module, "MAX_BACKOFF_S", 60.0)
    supervisor = Supervisor(launch(tmp_path, SERVE), lambda: None)
    async with running(supervisor):
        await until(supervisor.launch.address_file.exists)
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        await until(lambda: supervisor.pid is None)
        assert not supervisor.launch.address_file.exists()


async def test_a_process_that_cannot_live_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_BACKOFF_S", 0.001)
    script = "import sys; sys.stderr.write('no room on the device\\n'); sys.exit(1)"
    supervisor = Supervisor(launch(tmp_path, script), lambda: None)
    with pytest.raises(Unavailable, match="imagegen-1 died 5 times within a minute") as caught:
        await supervisor.run()
    assert str(tmp_path / "imagegen-1.log") in caught.value.message
    assert "no room on the device" in caught.value.message
    assert supervisor.restarts == MAX_DEATHS - 1


async def test_wrong_settings_are_not_tried_again(tmp_path: Path) -> None:
    supervisor = Supervisor(launch(tmp_path, "import sys; sys.exit(2)"), lambda: None)
    with pytest.raises(InvalidInput, match="imagegen-1 refuses its settings"):
        await supervisor.run()
    assert supervisor.restarts == 0


@pytest.mark.parametrize("stubborn", [False, True])
async def test_stop_ends_the_process(tmp_path: Path, stubborn: bool) -> None:
    supervisor = Supervisor(launch(tmp_path, SERVE, stubborn=stubborn), lambda: None)
    task = asyncio.create_task(supervisor.run())
    await until(supervisor.launch.address_file.exists)
    pid = supervisor.pid
    assert pid is not None
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await supervisor.stop(0.2)
    assert not psutil.pid_exists(pid)
    assert not supervisor.launch.address_file.exists()


async def test_stopping_what_does_not_run_is_no_error(tmp_path: Path) -> None:
    await Supervisor(launch(tmp_path, SERVE), lambda: None).stop(1)


def test_the_last_line_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    assert last_line(log) == ""
    log.write_text("one\n" * 10_000 + "two is the last\n\n \n")
    assert last_line(log) == "two is the last"
    assert last_line(log, most=3) == "two"
