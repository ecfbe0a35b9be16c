"""A BlobStore in memory, for tests."""

from __future__ import annotations

import hashlib
from pathlib import Path

from firstframe.adapters.digests import check_record, digest_hex, record_key
from firstframe.adapters.files import write_errors, write_file
from firstframe.core.errors import DataCorrupted, InvalidInput, NotFound
from firstframe.ports.blobstore import StoredArtifact


class MemoryStore:
    """Artifacts in dictionaries; `blobs` may be tampered with."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.records: dict[str, bytes] = {}

    def put_bytes(self, data: bytes, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_bytes`."""
        digest = hashlib.sha256(data).hexdigest()
        self.blobs.setdefault(digest, bytes(data))
        return StoredArtifact(f"sha256:{digest}", media_type, len(data))

    def put_file(self, path: Path, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_file`."""
        return self.put_bytes(path.read_bytes(), media_type)

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        """See `BlobStore.get_bytes`."""
        name = digest_hex(digest)
        data = self.blobs.get(name)
        if data is None:
            raise NotFound(f"{digest} is not in the store", reason="ARTIFACT_NOT_FOUND", metadata={"digest": digest})
        if len(data) > max_bytes:
            text = f"{digest} has {len(data)} bytes, at most {max_bytes} are taken here; give a smaller file"
            raise InvalidInput(text, reason="ARTIFACT_TOO_LARGE", metadata={"digest": digest})
        if hashlib.sha256(data).hexdigest() != name:
            del self.blobs[name]
            raise DataCorrupted(f"{digest} did not match its digest", metadata={"digest": digest})
        return data

    def fetch(self, digest: str, target: Path) -> None:
        """See `BlobStore.fetch`."""
        data = self.get_bytes(digest, max_bytes=1 << 62)
        with write_errors("the folder", target.parent, "TARGET"):
            write_file(target, target.parent, lambda out: out.write(data))

    def exists(self, digest: str) -> bool:
        """See `BlobStore.exists`."""
        return digest_hex(digest) in self.blobs

    def put_record(self, key: str, data: bytes) -> None:
        """See `BlobStore.put_record`."""
        check_record(data)
        self.records[record_key(key)] = bytes(data)

    def get_record(self, key: str) -> bytes | None:
        """See `BlobStore.get_record`."""
        return self.records.get(record_key(key))

    def check(self) -> None:
        """See `BlobStore.check`."""
