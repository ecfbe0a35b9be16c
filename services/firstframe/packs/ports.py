"""What a pull needs of the world: places to fetch from, and somebody who is told how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from firstframe.packs.spec import FileSource, HubSource, RegistrySource, S3Source

Report = Callable[[int], None]
"""Told how many bytes of the file are here."""

FilesSource = HubSource | S3Source | FileSource
"""Sources that hold each file by its own name."""


class Files(Protocol):
    """The files of one source.

    Errors:
        DataCorrupted: `DOWNLOAD_WRONG_SIZE`, the source has a file of another size.
        PreconditionFailed: `DISK_FULL`, `DISK_NOT_WRITABLE`.
        Any other: The source cannot be reached, refuses, or lacks the file; another may have it.
    """

    def fetch(self, name: str, target: Path, *, size_bytes: int, report: Report) -> bool:
        """Writes a file to `target`, by way of `<target>.part`, which a later call goes on with.

        Args:
            name: Name of the file in the source.
            target: Where it goes; its digest is not known here.
            size_bytes: What the file has; never more than that is written.
            report: See `Report`.

        Returns:
            Whether bytes of an earlier connection were kept.
        """


class Archives(Protocol):
    """The packages of one registry. Errors: see `Files`."""

    def fetch(self, package: str, target: Path, *, sha256: str, size_bytes: int, report: Report) -> None:
        """Writes a package's archive to `target`.

        Args:
            package: `name==version` or `name@version`, as the registry writes it.
            target: Where it goes; it may have another digest than was asked for.
            sha256: Which of the package's archives is meant, 64 lower-case hexadecimal digits.
            size_bytes: What the archive has.
            report: See `Report`.
        """


class Origins(Protocol):
    """Opens sources."""

    def files(self, source: FilesSource) -> Files:
        """The files of a source. Raises what `Files` raises when the source cannot be used here."""

    def archives(self, source: RegistrySource) -> Archives:
        """The archives of a registry."""


class HubFile(Protocol):
    """One file of a hub's repository."""

    @property
    def name(self) -> str:
        """Path in the repository."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    @property
    def sha256(self) -> str | None:
        """64 lower-case hexadecimal digits; None where the hub does not keep it."""


class Hub(Protocol):
    """What a model hub tells of its repositories. Errors: it cannot be reached, refuses, or has no such repository."""

    def list_files(self, repo: str, revision: str) -> tuple[str, Sequence[HubFile]]:
        """The commit that a revision names now, 40 hexadecimal digits, and all its files."""

    def digest_of(self, repo: str, commit: str, name: str, *, size_bytes: int) -> str:
        """SHA-256 of a small file, which is read for that. Raises InvalidInput: `FILE_TOO_LARGE`."""


class Watcher(Protocol):
    """Is told how far a pull is; returns at once."""

    def says(self, pack: str, text: str) -> None:
        """Something that a person wants to know."""

    def progress(self, pack: str, what: str, done: int, total: int) -> None:
        """`done` of `total` bytes of a file or archive are here."""
