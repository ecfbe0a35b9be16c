"""What the commands say: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

from rich.console import Console

from firstframe.cli.problems import BriefRejected
from firstframe.core.errors import FirstframeError, Internal, InvalidInput

DONE = 0
FAILED = 1
BAD_INPUT = 2
AWAITING_APPROVAL = 3
INTERRUPTED = 130

PIPE_WIDTH = 200
"""Characters to a line where there is no terminal."""


class Output:
    """Where a command writes.

    Args:
        as_json: Whether standard output takes JSON and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.results = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)
        self.chatter = Console(stderr=True, highlight=False, soft_wrap=True)

    def document(self, value: Mapping[str, object]) -> None:
        """Writes one JSON document over several lines."""
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def event(self, value: Mapping[str, object]) -> None:
        """Writes one JSON line, when JSON is wanted."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def say(self, text: str, *, style: str = "") -> None:
        """Tells a person something that is no result."""
        self.chatter.print(text, style=style or None, markup=False)


def exit_code(error: FirstframeError) -> int:
    """2 for what the caller has to change, 1 for everything else."""
    return BAD_INPUT if isinstance(error, InvalidInput) else FAILED


def report(error: FirstframeError) -> int:
    """Writes an error for a person and gives the exit code."""
    for line in _lines(error):
        sys.stderr.write(f"error: {line}\n")
    return exit_code(error)


def _lines(error: FirstframeError) -> list[str]:
    if isinstance(error, BriefRejected):
        return [problem.text(error.file) for problem in error.problems]
    request_id = error.metadata.get("request_id", "")
    return [f"{error.message} [{error.reason}{f', request {request_id}' if request_id else ''}]"]


def fault(error: Exception) -> Internal:
    """What a person is told of an error that nobody foresaw."""
    return Internal(f"{type(error).__name__}: {error}; this is a fault of firstframe, FIRSTFRAME_DEBUG=1 shows where")


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return os.environ.get("FIRSTFRAME_DEBUG", "") not in {"", "0"}
