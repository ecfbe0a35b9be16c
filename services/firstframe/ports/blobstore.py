"""Where artifacts live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """Bytes in a store, named by their content."""

    digest: str
    """`sha256:` and 64 hexadecimal digits."""
    media_type: str
    size_bytes: int


class BlobStore(Protocol):
    """A content-addressed store with a small index from content keys to records.

    Blobs are immutable. A blob is either there, whole, or not there: nothing half-written is ever visible. Every read
    is checked against the digest. All methods may be called from several threads and processes at once.
    """

    def put_bytes(self, data: bytes, media_type: str) -> StoredArtifact:
        """Stores `data`; storing the same bytes again does nothing.

        Raises:
            Unavailable: The store cannot be reached. Nothing half-written is stored; repeating the call is harmless.
            PreconditionFailed: It cannot be written (`STORE_NOT_WRITABLE`) or is full (`STORE_FULL`). Nothing is stored.
        """

    def put_file(self, path: Path, media_type: str) -> StoredArtifact:
        """Stores the file at `path`, which stays where it is.

        Raises as `put_bytes`, and Conflict when the file changes meanwhile.
        """

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        """Reads a blob.

        Raises:
            NotFound: `ARTIFACT_NOT_FOUND`.
            InvalidInput: The digest is malformed, or the blob is larger than `max_bytes` (`ARTIFACT_TOO_LARGE`).
            DataCorrupted: The bytes do not match the digest.
            Unavailable: The store cannot be reached.
        """

    def fetch(self, digest: str, target: Path) -> None:
        """Writes a blob to `target` atomically, checked against its digest.

        Raises as `get_bytes`, and PreconditionFailed when `target` cannot be written (`TARGET_NOT_WRITABLE`, `TARGET_FULL`).
        """

    def exists(self, digest: str) -> bool:
        """Whether the blob is there. Does not read it."""

    def put_record(self, key: str, data: bytes) -> None:
        """Sets the record of a content key (64 hexadecimal digits), atomically; the last writer wins."""

    def get_record(self, key: str) -> bytes | None:
        """The record of a content key, or None. At most 1 MiB."""

    def check(self) -> None:
        """Raises Unavailable or PreconditionFailed, with what to do, unless the store can be read and written."""
