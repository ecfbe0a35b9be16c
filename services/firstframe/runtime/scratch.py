"""Scratch folders: one for each piece of work, gone with it, also when the process was killed.

A folder is locked (`flock` on the folder itself) while its work lives. The kernel lets the lock go with the process, so whoever
can lock a folder knows that its work is dead; that holds across containers that share a volume, where process ids do not.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from firstframe.core.errors import Internal

_PREFIX = "firstframe.work."


@dataclass(frozen=True, slots=True)
class Scratch:
    """An empty folder for one piece of work."""

    path: Path
    lock: int
    """File descriptor that holds the lock."""

    def remove(self) -> None:
        """Removes the folder and what is in it, then lets the lock go."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def make(parent: Path | None, stage: str) -> Scratch:
    """Makes a scratch folder in `parent`, or in the system's own place.

    Raises:
        Internal: `NO_SCRATCH`: it cannot be made.
    """
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        while True:
            path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{stage}.", dir=parent))
            lock = _lock(path)
            if lock is not None:
                return Scratch(path, lock)
    except OSError as error:
        raise Internal(f"no scratch folder can be made: {error.strerror}", reason="NO_SCRATCH") from error


def sweep(parent: Path | None, stage: str) -> None:
    """Removes the folders of this stage whose process is dead."""
    for path in (parent or Path(tempfile.gettempdir())).glob(f"{_PREFIX}{stage}.*"):
        with suppress(OSError):  # somebody else's, or no folder
            lock = _lock(path)
            if lock is not None:
                Scratch(path, lock).remove()


def _lock(path: Path) -> int | None:
    """Locks a folder; None when somebody else has it or has just swept it away.

    Raises:
        OSError: It cannot be opened or locked.
    """
    try:
        found = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(found).st_nlink:
            return found
    except BlockingIOError:
        pass
    except OSError:
        os.close(found)
        raise
    os.close(found)
    return None
