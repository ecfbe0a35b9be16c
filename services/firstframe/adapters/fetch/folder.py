"""Files of a folder of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from firstframe.adapters.fetch.part import Part
from firstframe.adapters.files import CHUNK_BYTES
from firstframe.core.errors import NotFound, PermissionDenied, Unavailable


class FolderFiles:
    """The files of a folder.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, name: str, target: Path, *, size_bytes: int, report: Callable[[int], None]) -> bool:
        """Copies a file.

        Raises:
            NotFound: `FILE_NOT_FOUND`.
            PermissionDenied: `SOURCE_REFUSED`.
            Unavailable: `SOURCE_UNREACHABLE`, the disk fails.
            DataCorrupted: `DOWNLOAD_WRONG_SIZE`.
            PreconditionFailed: `DISK_FULL` or `DISK_NOT_WRITABLE`.
        """
        path = self._folder / name
        part = Part(target, str(path), size_bytes, report)
        with _open(path) as source:
            part.check_size(path.stat().st_size)
            part.start("")
            part.append(_chunks(source))
        part.finish()
        return False


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except PermissionError as error:
        raise PermissionDenied(
            f"{path} cannot be read by this user; change its permissions", reason="SOURCE_REFUSED"
        ) from error
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}", reason="FILE_NOT_FOUND") from error


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    try:
        while data := source.read(CHUNK_BYTES):
            yield data
    except OSError as error:
        raise Unavailable(f"{source.name} cannot be read: {error.strerror}", reason="SOURCE_UNREACHABLE") from error
