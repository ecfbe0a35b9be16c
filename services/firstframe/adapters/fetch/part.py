"""A file that is being fetched: `<target>.part`, and beside it what tells whether the source still has the same file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from firstframe.adapters.files import write_errors
from firstframe.core.errors import DataCorrupted


class Part:
    """Bytes of a file that is not whole yet.

    Args:
        target: Where the whole file goes.
        origin: Names file and source; bytes of another origin are not kept.
        size_bytes: What the file has.
        report: Told how many bytes are here.
    """

    def __init__(self, target: Path, origin: str, size_bytes: int, report: Callable[[int], None]) -> None:
        self._target = target
        self._path = Path(f"{target}.part")
        self._state = Path(f"{target}.part.json")
        self._origin = origin
        self._size = size_bytes
        self._report = report
        self.validator = self._read_validator()
        """What the source calls this version of the file, such as an ETag; empty while nothing is kept."""

    @property
    def held(self) -> int:
        """Bytes that are here and may be kept."""
        return self._path.stat().st_size if self.validator and self._path.is_file() else 0

    @property
    def whole(self) -> bool:
        """Whether every byte is here."""
        return self.held == self._size

    def _read_validator(self) -> str:
        try:
            state = json.loads(self._state.read_text("utf-8"))
            return str(state["validator"]) if state["origin"] == self._origin else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def start(self, validator: str) -> None:
        """Begins with the first byte. Without a validator nothing of it will be kept.

        Raises:
            PreconditionFailed: `DISK_FULL` or `DISK_NOT_WRITABLE`.
        """
        with write_errors("the folder", self._target.parent, "DISK"):
            self._state.unlink(missing_ok=True)
            self._path.write_bytes(b"")
            self._state.write_text(json.dumps({"origin": self._origin, "validator": validator}), "utf-8")
        self.validator = validator

    def check_size(self, size_bytes: int) -> None:
        """Holds what the source says against what is wanted.

        Raises:
            DataCorrupted: `DOWNLOAD_WRONG_SIZE`.
        """
        if size_bytes != self._size:
            raise self._wrong_size(f"has {size_bytes} bytes")

    def append(self, chunks: Iterable[bytes]) -> None:
        """Writes on, never beyond the size.

        Raises:
            DataCorrupted: `DOWNLOAD_WRONG_SIZE`, there are more bytes.
            PreconditionFailed: `DISK_FULL` or `DISK_NOT_WRITABLE`.
        """
        done = self._path.stat().st_size
        with self._path.open("ab") as out:
            for chunk in chunks:
                done += len(chunk)
                if done > self._size:
                    self.drop()
                    raise self._wrong_size("goes on beyond that")
                with write_errors("the folder", self._target.parent, "DISK"):
                    out.write(chunk)
                    out.flush()
                self._report(done)

    def drop(self) -> None:
        """Forgets what is here."""
        for path in (self._path, self._state):
            path.unlink(missing_ok=True)
        self.validator = ""

    def finish(self) -> None:
        """Gives the whole file its name.

        Raises:
            DataCorrupted: `DOWNLOAD_WRONG_SIZE`, bytes are missing.
        """
        found = self._path.stat().st_size
        if found != self._size:
            self.drop()
            raise self._wrong_size(f"ended after {found} bytes")
        self._path.replace(self._target)
        self._state.unlink(missing_ok=True)

    def _wrong_size(self, what: str) -> DataCorrupted:
        text = f"{self._origin} {what}, the pack says {self._size} bytes"
        return DataCorrupted(text, reason="DOWNLOAD_WRONG_SIZE", metadata={"origin": self._origin})
