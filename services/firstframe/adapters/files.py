"""Files that appear whole or not at all, and what the operating system says, as errors that a person can act on."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from firstframe.core.errors import FirstframeError, PreconditionFailed, Unavailable

CHUNK_BYTES = 1 << 20
FILE_MODE = 0o644
PARTIAL_PREFIX = ".partial-"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT)

T = TypeVar("T")


def write_hashed(chunks: Iterable[bytes], out: BinaryIO) -> str:
    """Writes chunks; returns the SHA-256 of what was written, 64 hexadecimal digits."""
    hasher = hashlib.sha256()
    for chunk in chunks:
        hasher.update(chunk)
        out.write(chunk)
    return hasher.hexdigest()


@contextmanager
def partial_file(folder: Path) -> Iterator[tuple[BinaryIO, Callable[[Path], None]]]:
    """A temporary file in `folder`, and a function that gives it its name on the same file system.

    The function flushes the file, renames it and flushes the folder, so that a name that is seen stands for a whole file,
    also after a power cut. What has no name at the end of the block is removed.
    """
    handle, name = tempfile.mkstemp(dir=folder, prefix=PARTIAL_PREFIX)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out, lambda target: _publish(out, Path(name), target)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def write_file(target: Path, partial: Path, fill: Callable[[BinaryIO], T]) -> T:
    """Writes `target` whole or not at all, by way of the folder `partial`; returns what `fill` returns."""
    with partial_file(partial) as (out, publish):
        filled = fill(out)
        publish(target)
    return filled


def _publish(out: BinaryIO, name: Path, target: Path) -> None:
    out.flush()
    os.fchmod(out.fileno(), FILE_MODE)
    os.fsync(out.fileno())
    name.replace(target)
    flush_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each flushed to disk with the one that holds it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Has the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def write_errors(what: str, folder: Path, prefix: str) -> Iterator[None]:
    """Turns errors of writing into `<prefix>_FULL`, `<prefix>_NOT_WRITABLE` or Unavailable; `what` is named in the text."""
    try:
        yield
    except OSError as error:
        raise _write_error(error, f"{what} {folder.absolute()}", folder, prefix) from error


def _write_error(error: OSError, where: str, folder: Path, prefix: str) -> FirstframeError:
    if error.errno in _FULL:
        text = f"{where} is full, {_free_mebibytes(folder)} MiB are free; make room, then retry"
        return PreconditionFailed(text, reason=f"{prefix}_FULL")
    if error.errno in _NOT_WRITABLE:
        text = f"{where} cannot be written ({error.strerror}); give this user write access or name another folder"
        return PreconditionFailed(text, reason=f"{prefix}_NOT_WRITABLE")
    return Unavailable(f"{where} cannot be written: {error.strerror}; look at the disk, then retry")


def _free_mebibytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free >> 20
    except OSError:
        return 0
