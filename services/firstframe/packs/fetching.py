"""Brings the downloads of a pack into a folder, from the first of its sources that has them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from firstframe.core.errors import Cancelled, DataCorrupted, FirstframeError, Unavailable
from firstframe.packs.archives import extract, member_of
from firstframe.packs.disk import flush, megabytes
from firstframe.packs.ports import Files, FilesSource, Origins, Report, Watcher
from firstframe.packs.spec import Download, Pack, RegistrySource, Source

_ARCHIVE = "archive"


def place_of(folder: Path, download: Download) -> Path:
    """Where a download lies once its digest was checked."""
    return folder / download.sha256


def missing(pack: Pack, folder: Path) -> list[Download]:
    """Downloads that are not in the folder yet."""
    return [download for download in pack.downloads if not place_of(folder, download).is_file()]


def bytes_to_fetch(pack: Pack, folder: Path) -> int:
    """Most that fetching will write. A registry's archive counts twice: its client keeps one, we get the other."""
    left = sum(download.size_bytes - _held(folder, download) for download in missing(pack, folder))
    archives = [source.size_bytes for source in pack.sources if isinstance(source, RegistrySource)]
    return left + (2 * max(archives, default=0) if left else 0)


def _held(folder: Path, download: Download) -> int:
    part = Path(f"{_new(folder, download)}.part")
    return min(part.stat().st_size, download.size_bytes) if part.is_file() else 0


class Fetching:
    """Fetches downloads.

    Args:
        origins: Opens sources.
        watcher: Is told how far it is.
    """

    def __init__(self, origins: Origins, watcher: Watcher) -> None:
        self._origins = origins
        self._watcher = watcher

    def fetch(self, pack: Pack, folder: Path) -> str:
        """Has every download of a pack in `folder`, named by its digest; what is there already is kept.

        Returns:
            The source that gave the last of them, empty when all were there.

        Raises:
            DataCorrupted: A source has something else under that name: `DOWNLOAD_CORRUPT`, `DOWNLOAD_WRONG_SIZE` …
            PreconditionFailed: `DISK_FULL`, `DISK_NOT_WRITABLE`.
            Unavailable: `NO_SOURCE`, none of the sources has it; the message tells why, for each.
        """
        problems: list[str] = []
        used = ""
        for source in pack.sources:
            if not missing(pack, folder):
                return used
            used = label(source)
            self._try(pack, source, folder, problems)
        if missing(pack, folder):
            text = f"{pack.pack} cannot be fetched: {'; '.join(problems)}"
            raise Unavailable(text, reason="NO_SOURCE", metadata={"pack": pack.pack})
        return used

    def _try(self, pack: Pack, source: Source, folder: Path, problems: list[str]) -> None:
        self._watcher.says(pack.pack, f"from {label(source)}")
        try:
            self._from(pack.pack, source, missing(pack, folder), folder)
        except FirstframeError as error:
            if _is_final(error):
                raise
            problems.append(f"{label(source)}: {error.message}")
            self._watcher.says(pack.pack, f"not from {label(source)}: {error.message}")

    def _from(self, pack: str, source: Source, wanted: Sequence[Download], folder: Path) -> None:
        if isinstance(source, RegistrySource):
            self._from_archive(pack, source, wanted, folder)
        else:
            self._from_files(pack, source, wanted, folder)

    def _from_files(self, pack: str, source: FilesSource, wanted: Sequence[Download], folder: Path) -> None:
        files = self._origins.files(source)
        for download in wanted:
            fetch = partial(_fetch, files, download, folder, self._report(pack, download.name, download.size_bytes))
            continued = fetch()
            try:
                _publish(folder, download, download.name)
            except DataCorrupted:
                if not continued:
                    raise
                # What was kept of an earlier connection may have been another file's.
                fetch()
                _publish(folder, download, download.name)

    def _from_archive(self, pack: str, source: RegistrySource, wanted: Sequence[Download], folder: Path) -> None:
        archive = folder / _ARCHIVE
        report = self._report(pack, source.package, source.size_bytes)
        archives = self._origins.archives(source)
        archives.fetch(source.package, archive, sha256=source.sha256, size_bytes=source.size_bytes, report=report)
        try:
            check_size(archive, source.package, source.size_bytes)
            check_digest(archive, source.package, source.sha256)
            extract(archive, source.kind, {_new(folder, download): download for download in wanted})
        finally:
            archive.unlink(missing_ok=True)
        for download in wanted:
            _publish(folder, download, f"{member_of(download, source.kind)} of {source.package}")

    def _report(self, pack: str, what: str, total: int) -> Report:
        return lambda done: self._watcher.progress(pack, what, done, total)


def _new(folder: Path, download: Download) -> Path:
    return folder / f"{download.sha256}.new"


def _fetch(files: Files, download: Download, folder: Path, report: Report) -> bool:
    return files.fetch(download.name, _new(folder, download), size_bytes=download.size_bytes, report=report)


def _publish(folder: Path, download: Download, what: str) -> None:
    new = _new(folder, download)
    check_digest(new, what, download.sha256)
    flush(new)
    new.rename(place_of(folder, download))


def check_digest(path: Path, what: str, sha256: str) -> None:
    """Holds a file against its digest and removes it when it is another.

    Raises:
        DataCorrupted: `DOWNLOAD_CORRUPT`.
    """
    with path.open("rb") as source:
        found = hashlib.file_digest(source, "sha256").hexdigest()
    if found != sha256:
        path.unlink()
        text = (
            f"{what} has SHA-256 {found}, the pack says {sha256}; it is not what the pack was made for and was removed"
        )
        raise DataCorrupted(text, reason="DOWNLOAD_CORRUPT", metadata={"file": what, "sha256": found})


def check_size(path: Path, what: str, size_bytes: int) -> None:
    """Holds a file against its size. Raises DataCorrupted: `DOWNLOAD_WRONG_SIZE`."""
    found = path.stat().st_size
    if found != size_bytes:
        path.unlink()
        text = f"{what} has {found} bytes, the pack says {size_bytes} ({megabytes(size_bytes)}); it was removed"
        raise DataCorrupted(text, reason="DOWNLOAD_WRONG_SIZE", metadata={"file": what})


def label(source: Source) -> str:
    """A source for a person: `npm name@version`, `hub owner/name@revision`."""
    match source.kind:
        case "pypi" | "npm":
            return f"{source.kind} {source.package}"
        case "hub":
            return f"hub {source.repo}@{source.revision}"
        case "s3":
            return source.url
        case "file":
            return source.path


def _is_final(error: FirstframeError) -> bool:
    """Whether no other source would do: the disk is full, somebody cancelled, or the bytes are not those of the pack."""
    return isinstance(error, (DataCorrupted, Cancelled)) or error.reason.startswith("DISK_")
