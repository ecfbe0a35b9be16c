"""The stack as a person runs it: real commands, real services, killed and interrupted."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from firstframe.cli.home import Home
from firstframe.cli.stack import LocalStack

FIRSTFRAME = (sys.executable, "-m", "firstframe.cli.main")

BRIEF = """\
campaign: first-light
seed: 7
heroes:
  - {name: bottle, set: {scene: studio, palette: amber-dusk, copy: First Light}}
formats: ["1:1"]
motion: {recipe: slow-push, seconds: 3, fps: 24}
deliver: [instagram-feed]
quality: draft
"""


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FIRSTFRAME_")}
    path = os.pathsep.join(folder for folder in sys.path if folder)
    return {**kept, "PYTHONPATH": path, "TERM": "dumb", **more}


def firstframe(home: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [*FIRSTFRAME, *words],
        env=environment(FIRSTFRAME_HOME=str(home)),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended


def until(condition: Callable[[], Any], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def address(home: Path, name: str) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads((home / "run" / f"{name}.json").read_text()))
    return {}


def services(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "serve" in process.cmdline() and str(home / "store") in process.environ().values():
                found.append(process)
    return found


@contextlib.contextmanager
def up(home: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [*FIRSTFRAME, "up", "--json"]
    process = subprocess.Popen(
        command, env=environment(FIRSTFRAME_HOME=str(home)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    text = ""
    try:
        for line in process.stdout:
            text += line
            if line == "}\n":
                break
        yield process, json.loads(text)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("service", ["imagegen", "animation", "upscaling", "stitching", "orchestrator"])
def test_wrong_settings_end_a_service_with_two(service: str) -> None:
    variable = f"FIRSTFRAME_{service.upper()}_LOG_LEVEL"
    ended = subprocess.run(
        [*FIRSTFRAME, "serve", service],
        env=environment(**{variable: "none"}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert variable in ended.stderr
    assert "Traceback" not in ended.stderr


def test_up_starts_mends_and_stops(tmp_path: Path) -> None:
    with up(tmp_path) as (process, told):
        names = set(told["processes"])
        assert {"orchestrator", "imagegen-1", "animation-1", "upscaling-1", "stitching-1"} <= names
        for name in ("imagegen-1", "orchestrator"):
            first = told["processes"][name]["pid"]
            os.kill(first, signal.SIGKILL)
            until(lambda name=name, first=first: address(tmp_path, name).get("pid") not in {None, first})
        assert firstframe(tmp_path, "status").stdout.startswith("there is no campaign yet")
        refused = firstframe(tmp_path, "up", code=1)
        assert "a stack runs already" in refused.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert services(tmp_path) == []
    assert list((tmp_path / "run").iterdir()) == []


def test_services_go_with_a_command_that_is_killed(tmp_path: Path) -> None:
    with up(tmp_path) as (process, told):
        assert len(services(tmp_path)) == len(told["processes"])
        process.kill()
        process.wait(10)
        until(lambda: services(tmp_path) == [])
    assert json.loads(firstframe(tmp_path, "status", "--json").stdout) == {"campaigns": []}


async def test_who_stays_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in environment().items():
        monkeypatch.setenv(key, value)
    home = Home(tmp_path)
    async with LocalStack(home) as second:
        async with LocalStack(home) as first:
            address_of_first = await first.address()
            assert await second.address() == address_of_first
            second.start_stages()
            assert (first.is_owner, second.is_owner, second.processes()) == (True, False, {})
        assert await second.address() != address_of_first
        await second.until_up()
        assert "imagegen-1" in second.processes()
    assert services(tmp_path) == []


def test_a_campaign_that_is_approved_by_hand(tmp_path: Path) -> None:
    brief = tmp_path / "brief.yaml"
    brief.write_text(BRIEF)
    home, out = tmp_path / "home", tmp_path / "out"
    run = ("run", str(brief), "--out", str(out))

    waiting = firstframe(home, *run, code=3)
    assert "firstframe approve first-light" in waiting.stdout
    assert (out / "stills" / "bottle.1.1x1.png").is_file()
    assert not (out / "videos").exists()

    assert "awaiting approval" in firstframe(home, "status", "first-light").stdout
    firstframe(home, "watch", "first-light", code=3)
    firstframe(home, "approve", "first-light", "--lane", "bottle.1.9x16", code=2)
    assert "approved 1 hero" in firstframe(home, "approve", "first-light", "--by", "ada").stdout

    events = [json.loads(line) for line in firstframe(home, *run, "--json").stdout.splitlines()]
    assert events[0]["event"] == "created"
    assert (events[-1]["event"], events[-1]["exit_code"], events[-1]["videos"]) == ("library", 0, 1)
    assert (out / "videos" / "first-light_bottle_1x1_instagram-feed.mp4").is_file()

    logs = {path: path.stat().st_size for path in (home / "logs").iterdir() if path.stem != "orchestrator"}
    again = firstframe(home, *run)
    assert "0 files written" in again.stdout
    assert {path: path.stat().st_size for path in (home / "logs").iterdir() if path.stem != "orchestrator"} == logs
    assert services(home) == []


@contextlib.contextmanager
def at_work(home: Path, brief: Path, out: Path) -> Iterator[subprocess.Popen[str]]:
    """`firstframe run --json` once a stage is at work."""
    command = [*FIRSTFRAME, "run", str(brief), "--out", str(out), "--json"]
    with subprocess.Popen(
        command, env=environment(FIRSTFRAME_HOME=str(home)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if json.loads(line).get("event") == "progress":
                    break
            yield process
        finally:
            process.kill()


def test_a_campaign_that_is_cancelled(tmp_path: Path) -> None:
    brief = tmp_path / "brief.yaml"
    brief.write_text(BRIEF + "approval: auto\n")
    home, out = tmp_path / "home", tmp_path / "out"
    with at_work(home, brief, out) as process:
        told = firstframe(home, "cancel", "first-light")
        assert "cancelling…" in told.stderr
        assert process.wait(60) == 1
    first, lane = (line.split() for line in told.stdout.splitlines()[:3:2])
    assert (first[1], lane[:2], lane[-1]) == ("cancelled", ["bottle.1.1x1", "cancelled"], "cancelled")
    assert "it had ended before: cancelled" in firstframe(home, "cancel", "first-light").stderr
    firstframe(home, "watch", "first-light", code=1)
    firstframe(home, "watch", "second-light", code=2)
    assert services(home) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_campaign_that_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    brief = tmp_path / "brief.yaml"
    brief.write_text(BRIEF + "approval: auto\n")
    home, out = tmp_path / "home", tmp_path / "out"
    with at_work(home, brief, out) as process:
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again to go on" in told
    assert services(home) == []
    assert "1 video in" in firstframe(home, "run", str(brief), "--out", str(out)).stdout
