"""Runs the programs of a build: bounded in time, with a log, and without leaving processes behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import IO

from firstframe.core.errors import DeadlineExceeded, Internal
from firstframe.packs.build.commands import Command

_GRACE_S = 5.0
"""What a program gets between SIGTERM and SIGKILL."""
_TAIL_LINES = 5


def run_command(command: Command, *, log: Path, timeout_s: float) -> None:
    """Runs a program to its end; its output goes to the end of `log`.

    Args:
        command: The program.
        log: File that gets the command and all that it says.
        timeout_s: Seconds after which the program, and what it started, is ended.

    Raises:
        DeadlineExceeded: `ENGINE_BUILD_TIMEOUT`.
        Internal: `ENGINE_BUILD_FAILED`, the program failed, was killed or could not be started.
    """
    with log.open("ab") as output:
        output.write(f"$ {command.shell()}\n".encode())
        output.flush()
        code = _run(command, output, log, timeout_s)
    if code != 0:
        text = f"{command.argv[0]} {_ending(code)} while it {command.what}: {_tail(log)}; all of it is in {log}"
        raise Internal(text, reason="ENGINE_BUILD_FAILED", metadata={"log": str(log)})


def _run(command: Command, output: IO[bytes], log: Path, timeout_s: float) -> int:
    try:
        process = subprocess.Popen(  # noqa: S603  (programs and files are ours)
            command.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    except OSError as error:
        text = f"{command.argv[0]} cannot be started: {error.strerror}"
        raise Internal(text, reason="ENGINE_BUILD_FAILED", metadata={"log": str(log)}) from error
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired as error:
        text = f"{command.argv[0]} took longer than {timeout_s:g} s and was ended; allow more with --timeout-minutes"
        raise DeadlineExceeded(text, reason="ENGINE_BUILD_TIMEOUT", metadata={"log": str(log)}) from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a program and what it started: what it started would go on measuring."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _ending(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"failed with {code}"


def _tail(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    return " | ".join(lines[1:][-_TAIL_LINES:]) or "it said nothing"
