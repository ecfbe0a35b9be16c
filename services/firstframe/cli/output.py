"""What the commands say: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict

from rich.console import Console

from firstframe.cli.problems import BriefRejected
from firstframe.core.errors import FirstframeError, Internal, InvalidInput

DONE = 0
FAILED = 1
BAD_INPUT = 2
AWAITING_APPROVAL = 3
INTERRUPTED = 130

_CALLERS_TO_MEND = frozenset(
    {
        "CAMPAIGN_NOT_FOUND",
        "LANE_NOT_FOUND",
        "CALLER_NOT_ALLOWED",
        "RECIPE_CHANGED",
        "CONSENT_EXISTS",
        "CONSENT_NOT_FOUND",
    }
)
"""Reasons of errors that the caller mends by another argument, file or certificate."""

PIPE_WIDTH = 200
"""Characters to a line where there is no terminal."""


class Output:
    """Where a command writes.

    Args:
        as_json: Whether standard output takes JSON and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.results = Console(
            highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH
        )
        self.chatter = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

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
    return BAD_INPUT if isinstance(error, InvalidInput) or error.reason in _CALLERS_TO_MEND else FAILED


def report(error: FirstframeError, *, as_json: bool = False) -> int:
    """Writes an error for a person, and as a JSON line when JSON is wanted, and gives the exit code."""
    for line in _lines(error):
        sys.stderr.write(f"error: {line}\n")
    if as_json:
        write_error(error)
    return exit_code(error)


def write_error(error: FirstframeError) -> None:
    """Writes an error as one JSON line."""
    sys.stdout.write(json.dumps({**_event(error), "exit_code": exit_code(error)}, ensure_ascii=False) + "\n")


def _lines(error: FirstframeError) -> list[str]:
    if isinstance(error, BriefRejected):
        return [problem.text(error.file) for problem in error.problems]
    request_id = error.metadata.get("request_id", "")
    log = error.metadata.get("log", "")
    place = f"; look into {log}" if log else ""
    return [f"{error.message}{place} [{error.reason}{f', request {request_id}' if request_id else ''}]"]


def _event(error: FirstframeError) -> dict[str, object]:
    event: dict[str, object] = {"event": "error", "reason": error.reason, "message": error.message}
    if isinstance(error, BriefRejected):
        event |= {"file": str(error.file), "problems": [asdict(problem) for problem in error.problems]}
    return event | {key: error.metadata[key] for key in ("field", "request_id", "log") if key in error.metadata}


def fault(error: Exception) -> Internal:
    """What a person is told of an error that nobody foresaw."""
    return Internal(f"{type(error).__name__}: {error}; this is a fault of firstframe, FIRSTFRAME_DEBUG=1 shows where")


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return os.environ.get("FIRSTFRAME_DEBUG", "") not in {"", "0"}
