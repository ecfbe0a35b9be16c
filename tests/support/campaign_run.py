"""`firstframe run` in a process of its own, with a home and a library of its own, for tests that disturb it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psutil

from firstframe.cli.home import Home, read_json

ROOT = Path(__file__).resolve().parents[2]
LOOK_EVERY_S = 0.002
RUN_SECONDS = 180
GONE_SECONDS = 20


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class CampaignRun:
    """Runs a brief as often as it takes; what it leaves is under `folder`.

    Args:
        brief: The campaign file.
        folder: Gets `home` and `out`.
    """

    def __init__(self, brief: Path, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.out = folder / "out"
        self.runs = 0
        self._brief = brief
        self._events = folder / "events.jsonl"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)

    def start(self) -> None:
        """Starts the command."""
        command = [
            sys.executable,
            "-m",
            "firstframe.cli.main",
            "run",
            str(self._brief),
            "--out",
            str(self.out),
            "--json",
        ]
        environment = {**os.environ, "FIRSTFRAME_HOME": str(self.home.folder)}
        with self._events.open("ab") as events:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=events, stderr=events)
        self.runs += 1

    @property
    def running(self) -> bool:
        """Whether the command has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait(self) -> int:
        """The command's exit code."""
        assert self._process is not None
        return self._process.wait(RUN_SECONDS)

    def finish(self, most_runs: int) -> int:
        """Waits, and runs the command again until it ends with 0; the last exit code."""
        code = self.wait()
        while code and self.runs < most_runs:
            self.start()
            code = self.wait()
        return code

    def kill(self, service: str, rng: random.Random) -> str:
        """SIGKILL to one process of the service, or to the command when there is none; its name."""
        assert self._process is not None
        entries = read_json(self.home.stack_file).get("processes", {})
        names = [name for name, entry in sorted(entries.items()) if name.split("-")[0] == service and "pid" in entry]
        name = rng.choice(names) if names else "cli"
        try:
            psutil.Process(entries[name]["pid"] if names else self._process.pid).kill()
        except psutil.NoSuchProcess:
            self._process.kill()
            name = "cli"
        return name

    def videos(self) -> dict[str, str]:
        """Digest of each video in the library by its file name."""
        return {path.name: sha256(path) for path in sorted(self.out.glob("videos/*.mp4"))}

    def finished_work(self) -> Counter[str]:
        """How often work of each content key was finished, by the logs of the stages."""
        lines = [line for log in self.home.logs.glob("*.log") for line in log.read_text(errors="replace").splitlines()]
        events = [_event(line) for line in lines]
        ended = [event for event in events if event.get("event") == "work ended"]
        return Counter(event["key"] for event in ended if event["outcome"] == "done")

    def left_over(self) -> list[psutil.Process]:
        """Services of this home that are still there after a while."""
        deadline = time.monotonic() + GONE_SECONDS
        while (found := self._services()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _services(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if _environment(process) & {str(self.home.store)}]

    def log(self) -> str:
        """The end of what the command said."""
        return self._events.read_text(errors="replace")[-3000:]

    def close(self) -> None:
        """Ends what is left."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for process in self._services():
            process.kill()


def _environment(process: psutil.Process) -> set[str]:
    try:
        return set(process.environ().values())
    except psutil.Error:
        return set()


def _event(line: str) -> dict[str, str]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Sightings:
    """Watches a folder and takes the digest of every video the moment that its final name is there."""

    def __init__(self, folder: Path) -> None:
        self.seen: dict[tuple[str, int], str] = {}
        """Digest at first sight by file name and inode."""
        self._folder = folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="sightings")

    def __enter__(self) -> Sightings:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            for path in self._folder.glob("videos/*.mp4"):
                known = (path.name, path.stat().st_ino)
                if known not in self.seen:
                    self.seen[known] = sha256(path)
