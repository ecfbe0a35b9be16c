"""A BlobStore in a folder of this machine.

Layout: `blobs/sha256/ab/cd/<hex>`, `records/ab/<key>`, `partial/` for what is being written, `corrupt/` for what was found
damaged. A file gets its name only when it is whole and on disk: written under `partial/`, flushed, renamed, folder flushed.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from firstframe.adapters.digests import MAX_RECORD_BYTES, check_record, digest_hex, record_key
from firstframe.adapters.files import CHUNK_BYTES, make_folder, partial_file, write_errors, write_file, write_hashed
from firstframe.core.errors import DataCorrupted, InvalidInput, NotFound, Unavailable
from firstframe.ports.blobstore import StoredArtifact

_STALE_SECONDS = 24 * 3600


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
                make_folder(folder)
            self._sweep()

    def put_bytes(self, data: bytes, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_bytes`."""
        name = hashlib.sha256(data).hexdigest()
        with self._write_errors():
            if not self._holds(name, len(data)):
                self._store(lambda out: write_hashed([data], out))
        return StoredArtifact(f"sha256:{name}", media_type, len(data))

    def put_file(self, path: Path, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_file`. A file that changes meanwhile is stored under the name of the bytes that were copied."""
        with path.open("rb") as source, self._write_errors():
            name = hashlib.file_digest(source, "sha256").hexdigest()
            size = source.tell()
            if not self._holds(name, size):
                source.seek(0)
                name = self._store(lambda out: write_hashed(_chunks(source), out))
                size = source.tell()
        return StoredArtifact(f"sha256:{name}", media_type, size)

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        """See `BlobStore.get_bytes`."""
        with self._open(digest) as source:
            size = os.fstat(source.fileno()).st_size
            if size > max_bytes:
                text = f"{digest} has {size} bytes, at most {max_bytes} are taken here; give a smaller file"
                raise InvalidInput(text, reason="ARTIFACT_TOO_LARGE", metadata={"digest": digest})
            with self._read_errors():
                data = source.read()
            if hashlib.sha256(data).hexdigest() != digest_hex(digest):
                raise self._damaged(digest, source)
        return data

    def fetch(self, digest: str, target: Path) -> None:
        """See `BlobStore.fetch`. Also raises PreconditionFailed: `TARGET_FULL`, `TARGET_NOT_WRITABLE`."""
        with (
            self._open(digest) as source,
            write_errors("the folder", target.parent, "TARGET"),
            partial_file(target.parent) as (out, publish),
        ):
            if write_hashed(self._read_chunks(source), out) != digest_hex(digest):
                raise self._damaged(digest, source)
            publish(target)

    def exists(self, digest: str) -> bool:
        """See `BlobStore.exists`."""
        with self._read_errors():
            return self._blob_path(digest_hex(digest)).is_file()

    def put_record(self, key: str, data: bytes) -> None:
        """See `BlobStore.put_record`."""
        target = self._record_path(key)
        check_record(data)
        with self._write_errors():
            make_folder(target.parent)
            write_file(target, self._partial, lambda out: out.write(data))

    def get_record(self, key: str) -> bytes | None:
        """See `BlobStore.get_record`."""
        path = self._record_path(key)
        try:
            with self._read_errors(), path.open("rb") as source:
                return source.read(MAX_RECORD_BYTES)
        except NotFound:
            return None

    def check(self) -> None:
        """See `BlobStore.check`."""
        with self._write_errors(), tempfile.TemporaryFile(dir=self._partial) as probe:
            probe.write(b"firstframe")
            probe.flush()
            os.fsync(probe.fileno())

    def _blob_path(self, name: str) -> Path:
        return self._blobs / name[:2] / name[2:4] / name

    def _record_path(self, key: str) -> Path:
        return self._records / record_key(key)[:2] / key

    def _holds(self, name: str, size_bytes: int) -> bool:
        """Whether the blob is there at its full length: what a failing disk cut short is written again."""
        try:
            found = self._blob_path(name).stat()
        except FileNotFoundError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == size_bytes

    def _store(self, fill: Callable[[BinaryIO], str]) -> str:
        """Writes a blob; `fill` writes it and returns the digits of its digest, which name it."""
        with partial_file(self._partial) as (out, publish):
            name = fill(out)
            target = self._blob_path(name)
            make_folder(target.parent)
            publish(target)
        return name

    @contextmanager
    def _open(self, digest: str) -> Iterator[BinaryIO]:
        path = self._blob_path(digest_hex(digest))
        with self._read_errors(digest):
            source = path.open("rb")
        with source:
            yield source

    def _read_chunks(self, source: BinaryIO) -> Iterator[bytes]:
        with self._read_errors():
            yield from _chunks(source)

    def _write_errors(self) -> AbstractContextManager[None]:
        return write_errors("the store", self._root, "STORE")

    @contextmanager
    def _read_errors(self, digest: str = "the file") -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            text = f"{digest} is not in the store {self._root.absolute()}"
            raise NotFound(text, reason="ARTIFACT_NOT_FOUND", metadata={"digest": digest}) from None
        except OSError as error:
            text = (
                f"the store {self._root.absolute()} cannot be read: {error.strerror}; look at the disk and its rights"
            )
            raise Unavailable(text) from error

    def _damaged(self, digest: str, source: BinaryIO) -> DataCorrupted:
        """Puts the damaged blob that was read aside, so that it can be made again, and says so.

        One that somebody has made again since is left where it is. A store that cannot be written keeps the blob.
        """
        path = self._blob_path(digest_hex(digest))
        text = f"{digest} in the store {self._root.absolute()} did not match its digest; make it again"
        with suppress(OSError):
            if os.path.samestat(path.stat(), os.fstat(source.fileno())):
                self._corrupt.mkdir(exist_ok=True)
                path.replace(self._corrupt / path.name)
                text += ", what was there lies in corrupt/"
        return DataCorrupted(text, metadata={"digest": digest})

    def _sweep(self) -> None:
        """Removes what writers that died more than a day ago left behind."""
        oldest = time.time() - _STALE_SECONDS
        for path in self._partial.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK_BYTES):
        yield chunk
