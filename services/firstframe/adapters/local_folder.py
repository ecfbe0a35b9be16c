"""A BlobStore in a folder of this machine.

Layout: `blobs/sha256/ab/cd/<hex>`, `records/ab/<key>`, `partial/` for what is being written, `corrupt/` for what was found
damaged. A file gets its name only when it is whole and on disk: written under `partial/`, flushed, renamed, folder flushed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from firstframe.adapters.digests import digest_hex, record_key
from firstframe.core.errors import (
    DataCorrupted,
    FirstframeError,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Unavailable,
)
from firstframe.ports.blobstore import StoredArtifact

CHUNK_BYTES = 1 << 20
MAX_RECORD_BYTES = 1 << 20
_STALE_SECONDS = 24 * 3600
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


class LocalFolderStore:
    """Artifacts in a folder; safe with many threads and processes, also when one is killed at any moment.

    Args:
        root: The folder; made when missing, readable by its owner alone.

    Raises:
        PreconditionFailed: `STORE_NOT_WRITABLE`: the folder cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._blobs = root / "blobs" / "sha256"
        self._records = root / "records"
        self._partial = root / "partial"
        self._corrupt = root / "corrupt"
        with self._write_errors():
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self._blobs, self._records, self._partial):
                folder.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def put_bytes(self, data: bytes, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_bytes`."""
        digest = hashlib.sha256(data).hexdigest()
        target = self._blob_path(digest)
        if not target.exists():
            self._write(target, lambda out: out.write(data))
        return StoredArtifact(f"sha256:{digest}", media_type, len(data))

    def put_file(self, path: Path, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_file`."""
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            target = self._blob_path(digest)
            if not target.exists():
                source.seek(0)
                self._write(target, lambda out: _copy_checked(source, out, digest))
            return StoredArtifact(f"sha256:{digest}", media_type, os.fstat(source.fileno()).st_size)

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        """See `BlobStore.get_bytes`."""
        with self._open(digest) as source:
            size = os.fstat(source.fileno()).st_size
            if size > max_bytes:
                text = f"{digest} has {size} bytes, at most {max_bytes} are taken here"
                raise InvalidInput(text, reason="ARTIFACT_TOO_LARGE", metadata={"digest": digest})
            data = source.read()
        if hashlib.sha256(data).hexdigest() != digest_hex(digest):
            raise self._damaged(digest)
        return data

    def fetch(self, digest: str, target: Path) -> None:
        """See `BlobStore.fetch`."""
        with self._open(digest) as source:
            try:
                _write_atomically(target, target.parent, lambda out: _copy_checked(source, out, digest_hex(digest)))
            except _MismatchError:
                raise self._damaged(digest) from None

    def exists(self, digest: str) -> bool:
        """See `BlobStore.exists`."""
        return self._blob_path(digest_hex(digest)).is_file()

    def put_record(self, key: str, data: bytes) -> None:
        """See `BlobStore.put_record`."""
        if len(data) > MAX_RECORD_BYTES:
            raise InvalidInput.at("record", f"has {len(data)} bytes", f"at most {MAX_RECORD_BYTES} are kept")
        self._write(self._record_path(key), lambda out: out.write(data))

    def get_record(self, key: str) -> bytes | None:
        """See `BlobStore.get_record`."""
        try:
            return self._record_path(key).read_bytes()
        except FileNotFoundError:
            return None

    def check(self) -> None:
        """See `BlobStore.check`."""
        probe = self._partial / f"check-{os.getpid()}"
        with self._write_errors():
            probe.write_bytes(b"")
            probe.unlink()

    def _blob_path(self, digest: str) -> Path:
        return self._blobs / digest[:2] / digest[2:4] / digest

    def _record_path(self, key: str) -> Path:
        return self._records / record_key(key)[:2] / key

    def _open(self, digest: str) -> BinaryIO:
        try:
            return self._blob_path(digest_hex(digest)).open("rb")
        except FileNotFoundError:
            text = f"{digest} is not in the store {self._root}"
            raise NotFound(text, reason="ARTIFACT_NOT_FOUND", metadata={"digest": digest}) from None
        except OSError as error:
            raise Unavailable(f"the store {self._root} cannot be read: {error.strerror}") from error

    def _write(self, target: Path, fill: Callable[[BinaryIO], object]) -> None:
        with self._write_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(target, self._partial, fill)

    @contextmanager
    def _write_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._write_error(error) from error

    def _write_error(self, error: OSError) -> FirstframeError:
        where = f"the store {self._root.absolute()}"
        if error.errno in _FULL:
            free = _free_mebibytes(self._root)
            return PreconditionFailed(
                f"{where} is full, {free} MiB are free; make room, then retry", reason="STORE_FULL"
            )
        if error.errno in _READ_ONLY:
            text = f"{where} cannot be written ({error.strerror}); give this user write access or name another folder"
            return PreconditionFailed(text, reason="STORE_NOT_WRITABLE")
        return Unavailable(f"{where} cannot be written: {error.strerror}")

    def _damaged(self, digest: str) -> DataCorrupted:
        """Puts a damaged blob aside, so that it can be made again, and says so."""
        self._corrupt.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            self._blob_path(digest_hex(digest)).replace(self._corrupt / digest_hex(digest))
        text = f"{digest} in the store {self._root} did not match its digest; it was moved to corrupt/, make it again"
        return DataCorrupted(text, metadata={"digest": digest})

    def _sweep(self) -> None:
        """Removes what writers that died more than a day ago left behind."""
        oldest = time.time() - _STALE_SECONDS
        for path in self._partial.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


class _MismatchError(Exception):
    """The bytes that were copied have another digest."""


def _copy_checked(source: BinaryIO, out: BinaryIO, digest: str) -> None:
    """Copies and hashes in one pass.

    Raises:
        _MismatchError: The source does not have this digest.
    """
    hasher = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        hasher.update(chunk)
        out.write(chunk)
    if hasher.hexdigest() != digest:
        raise _MismatchError


def _write_atomically(target: Path, partial: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Writes `target` whole or not at all, by a temporary file in `partial` on the same file system."""
    handle, name = tempfile.mkstemp(dir=partial, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as out:
            fill(out)
            out.flush()
            os.fchmod(out.fileno(), 0o644)
            os.fsync(out.fileno())
        Path(name).replace(target)
        _flush_folder(target.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _free_mebibytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free >> 20
    except OSError:
        return 0
