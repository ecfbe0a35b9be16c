"""Services in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60


@dataclass
class RunningService:
    """A service that serves."""

    process: subprocess.Popen[bytes]
    address: str
    metrics: str
    log: Path

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """Its exit code."""
        return self.process.wait(seconds)


@contextmanager
def running_service(
    command: Sequence[str], *, prefix: str, folder: Path, env: Mapping[str, object] | None = None
) -> Iterator[RunningService]:
    """Starts a service, waits until it has announced itself, and stops it by its process at the end.

    Args:
        command: What to run.
        prefix: Prefix of its settings, for example `FIRSTFRAME_TOY_`.
        folder: For its store, address file and log.
        env: More settings, without the prefix.
    """
    folder.mkdir(parents=True, exist_ok=True)
    announced, log = folder / "address.json", folder / "service.log"
    settings = {"ADDRESS_FILE": announced, "STORE__FOLDER": folder / "store", **(env or {})}
    environment = os.environ | {f"{prefix}{name}": str(value) for name, value in settings.items()}
    with log.open("wb") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:
        try:
            yield _announced(process, announced, log)
        finally:
            _stop(process)


def _announced(process: subprocess.Popen[bytes], announced: Path, log: Path) -> RunningService:
    deadline = time.monotonic() + START_SECONDS
    while not announced.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the service did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.02)
    found = json.loads(announced.read_text())
    return RunningService(process, found["grpc"], found["metrics"], log)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
