"""The home folder of a local stack: `$FIRSTFRAME_HOME`, else `.firstframe` in the working directory."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstframe.core.errors import InvalidInput

ORCHESTRATOR = "orchestrator"


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of a local stack."""

    folder: Path

    @property
    def store(self) -> Path:
        """Artifacts."""
        return self.folder / "store"

    @property
    def state(self) -> Path:
        """The orchestrator's databases."""
        return self.folder / "state"

    @property
    def run(self) -> Path:
        """Address files of running processes."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        """A log file for each process."""
        return self.folder / "logs"

    @property
    def stack_file(self) -> Path:
        """Who runs the stack, and its processes."""
        return self.folder / "stack.json"

    @property
    def lock_file(self) -> Path:
        """Locked by whoever runs the stack."""
        return self.folder / "stack.lock"

    def address_file(self, name: str) -> Path:
        """Where the process of that name tells its addresses."""
        return self.run / f"{name}.json"

    def address(self, name: str) -> str | None:
        """The gRPC address of a process, or None while it has none."""
        found = read_json(self.address_file(name)).get("grpc")
        return found if isinstance(found, str) else None

    def prepare(self) -> None:
        """Makes the folders, for this user alone: they hold brand work.

        Raises:
            InvalidInput: The home cannot be written.
        """
        try:
            for folder in (self.folder, self.store, self.state, self.run, self.logs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.lock_file.touch(mode=0o600)
        except OSError as error:
            fix = "set FIRSTFRAME_HOME or --home to a folder that you may write"
            raise InvalidInput.at("--home", f"{self.folder} cannot be written: {error.strerror}", fix) from None


def find_home(given: Path | None) -> Home:
    """The home that the caller names, else the environment's, else that of the working directory."""
    named = given or Path(os.environ.get("FIRSTFRAME_HOME") or ".firstframe")
    return Home(named.resolve())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object in a file; empty when there is none or it is being replaced."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Writes a JSON object atomically."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    aside.replace(path)


class StackLock:
    """The right to run the stack of a home; it ends with the process at the latest."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Whether the stack is now ours; False while another process runs it."""
        # Close-on-exec, Python's default, keeps the lock out of the stack's own processes.
        descriptor = os.open(self._home.lock_file, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Gives the stack up."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
