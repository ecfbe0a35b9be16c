"""A folder into which whole files go and nothing else: each is written aside, synced and renamed.

A file under a final name is always complete. What a killed run left aside is swept by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from firstframe.core.errors import Conflict, InvalidInput, PreconditionFailed
from firstframe.ports.blobstore import BlobStore

PARTIAL = ".partial"


class Shelf:
    """Files below one folder, by relative path.

    Args:
        folder: The folder; must exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._aside = folder / PARTIAL
        self.written: list[str] = []
        self.kept: list[str] = []

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other runs out while files are written, and sweeps what a killed one left.

        Raises:
            Conflict: Another run writes here now.
        """
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, descriptor)
            self._lock(descriptor)
            shutil.rmtree(self._aside, ignore_errors=True)
            self._aside.mkdir()
            stack.callback(shutil.rmtree, self._aside, ignore_errors=True)
            yield

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"another run is writing into {self.folder}; wait for it", reason="LIBRARY_BUSY") from None

    def fetch(self, store: BlobStore, digest: str, path: str) -> None:
        """Copies an artifact from the store, unless the file is there with that digest.

        Raises:
            PreconditionFailed: `TARGET_FULL` or `TARGET_NOT_WRITABLE`: of this folder. Else raises as the store.
        """
        if self.digest(path) == digest:
            self.kept.append(path)
            return
        try:
            self._put(path, lambda target: store.fetch(digest, target))
        except PreconditionFailed as error:
            raise PreconditionFailed(self.shown(error.message), reason=error.reason) from error

    def shown(self, words: str) -> str:
        """Words of an error with the folder's own name, where they name the one in which files are written aside."""
        return words.replace(f"{self.folder}/{PARTIAL}", str(self.folder))

    def write(self, data: bytes, path: str) -> None:
        """Writes bytes, unless the file has them."""
        if self.digest(path) == f"sha256:{hashlib.sha256(data).hexdigest()}":
            self.kept.append(path)
            return
        self._put(path, lambda target: _write(target, data))

    def digest(self, path: str) -> str | None:
        """Digest of a file, or None when there is none."""
        try:
            with self._inside(path).open("rb") as stream:
                return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._inside(path).is_file()

    def _put(self, path: str, write: Callable[[Path], object]) -> None:
        target = self._inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = self._aside / f"{uuid.uuid4().hex}{target.suffix}"
        write(aside)
        _sync(aside)
        aside.replace(target)
        _sync(target.parent)
        self.written.append(path)

    def _inside(self, path: str) -> Path:
        """The file of a relative path; a path that leads out of the folder is refused."""
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.name or pure.name.startswith("."):
            raise InvalidInput.at(
                "file_name", f"{path!r} is not a name for a file of a library", "report this as a fault"
            )
        return self.folder.joinpath(*pure.parts)


def _write(target: Path, data: bytes) -> None:
    target.write_bytes(data)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
