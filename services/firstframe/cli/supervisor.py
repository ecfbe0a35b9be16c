"""Keeps one process of the local stack alive."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firstframe.core.errors import InvalidInput, Unavailable

MAX_DEATHS = 5
DEATHS_WITHIN_S = 60.0
FIRST_BACKOFF_S = 0.1
MAX_BACKOFF_S = 5.0
BAD_SETTINGS = 2
"""Exit code of a service whose settings are wrong: starting it again will not help."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a process is started."""

    name: str
    """For example `imagegen-1`."""
    command: Sequence[str]
    environment: Mapping[str, str]
    address_file: Path
    log_file: Path


class Supervisor:
    """Starts a process, and starts it again when it dies, with growing pauses and a limit.

    Args:
        launch: What to start.
        on_change: Called whenever the process starts or ends.
    """

    def __init__(self, launch: Launch, on_change: Callable[[], None]) -> None:
        self.launch = launch
        self.pid: int | None = None
        self.restarts = 0
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._deaths: deque[float] = deque(maxlen=MAX_DEATHS)

    async def run(self) -> None:
        """Runs until it is cancelled, which leaves the process to `stop`.

        Raises:
            InvalidInput: The process refuses its settings.
            Unavailable: It died too often.
        """
        while True:
            process = await self._start()
            code = await process.wait()
            self._ended(code)
            await asyncio.sleep(self._backoff())
            self.restarts += 1

    async def _start(self) -> asyncio.subprocess.Process:
        self.launch.address_file.unlink(missing_ok=True)
        with self.launch.log_file.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal reaches the command alone, which stops the stack in order.
            self._process = await asyncio.create_subprocess_exec(
                *self.launch.command,
                env={**os.environ, **self.launch.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._on_change()
        return self._process

    def _ended(self, code: int) -> None:
        self.launch.address_file.unlink(missing_ok=True)
        self.pid = None
        self._on_change()
        self._deaths.append(time.monotonic())
        if code == BAD_SETTINGS:
            raise InvalidInput(self._words("refuses its settings"), reason="BAD_SETTINGS")
        if self._too_often():
            raise Unavailable(self._words(f"died {MAX_DEATHS} times within a minute"), reason="SERVICE_DIES")

    def _too_often(self) -> bool:
        return len(self._deaths) == MAX_DEATHS and self._deaths[-1] - self._deaths[0] <= DEATHS_WITHIN_S

    def _backoff(self) -> float:
        """Seconds to wait before the next start, by the number of deaths within the last minute."""
        recent = sum(time.monotonic() - death <= DEATHS_WITHIN_S for death in self._deaths)
        return float(min(FIRST_BACKOFF_S * 2 ** (recent - 1), MAX_BACKOFF_S))

    def _words(self, what: str) -> str:
        last = last_line(self.launch.log_file)
        return f"{self.launch.name} {what}; look into {self.launch.log_file}{f' (last line: {last})' if last else ''}"

    async def stop(self, grace_s: float) -> None:
        """Ends the process: SIGTERM, then SIGKILL when it has not gone after `grace_s`."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(process, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace_s)
        if process.returncode is None:
            self._signal(process, signal.SIGKILL)
            await process.wait()
        self.launch.address_file.unlink(missing_ok=True)
        self.pid = None

    @staticmethod
    def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)


def last_line(log_file: Path, most: int = 300) -> str:
    """The last line of a log, cut to `most` characters; empty when there is none."""
    try:
        with log_file.open("rb") as log:
            log.seek(max(0, log_file.stat().st_size - 8192))
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:most] for line in reversed(lines) if line.strip()), "")
