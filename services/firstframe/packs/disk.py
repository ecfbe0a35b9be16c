"""Room on a disk, and what the operating system says when there is none."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firstframe.core.errors import PreconditionFailed, Unavailable

MARGIN_BYTES = 64 << 20
"""Stays free: records, folders, and whatever else is written meanwhile."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


def require_room(folder: Path, size_bytes: int) -> None:
    """Checks that files of `size_bytes` fit.

    Raises:
        PreconditionFailed: `DISK_FULL`.
    """
    free = shutil.disk_usage(_existing(folder)).free
    if free < size_bytes + MARGIN_BYTES:
        need = f"{megabytes(size_bytes + MARGIN_BYTES)} are needed, {megabytes(free)} are free"
        raise _full(folder, need)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns errors of writing below `folder` into `DISK_FULL`, `DISK_NOT_WRITABLE` or Unavailable."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(folder, error.strerror or "no space") from error
        if error.errno in _NOT_WRITABLE:
            fix = "give this user write access, or name another folder in FIRSTFRAME_MODELS"
            text = f"{folder} cannot be written ({error.strerror}: {error.filename}); {fix}"
            raise PreconditionFailed(text, reason="DISK_NOT_WRITABLE") from error
        raise Unavailable(f"{folder} cannot be written: {error}; look at the disk, then retry") from error


def flush(path: Path) -> None:
    """Has a file's bytes, or a folder's names, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def megabytes(size_bytes: int) -> str:
    """A size for a person: `88.2 MB`."""
    return f"{size_bytes / 1e6:,.1f} MB"


def _full(folder: Path, what: str) -> PreconditionFailed:
    fix = "make room, or name a folder on another disk in FIRSTFRAME_MODELS"
    return PreconditionFailed(f"the disk of {folder} is full: {what}; {fix}", reason="DISK_FULL")


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
