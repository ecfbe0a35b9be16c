"""A store whose reads and writes of whole artifacts are spans of the trace that is going on."""

from __future__ import annotations

from pathlib import Path

from opentelemetry.trace import SpanKind

from firstframe.ports.blobstore import BlobStore, StoredArtifact
from firstframe.ports.spans import spanned_within

_DIGEST, _SIZE = "firstframe.artifact.digest", "firstframe.artifact.size_bytes"


class TracedStore:
    """`BlobStore` over another one. Records and questions are too small and too many for spans.

    Args:
        store: The other one.
        kind: What it is, for spans: `folder` or `s3`.
    """

    def __init__(self, store: BlobStore, kind: str) -> None:
        self._store = store
        self._about = {"firstframe.store.kind": kind}

    def put_bytes(self, data: bytes, media_type: str) -> StoredArtifact:
        """See `BlobStore`."""
        with spanned_within("store put", self._about, kind=SpanKind.CLIENT) as span:
            stored = self._store.put_bytes(data, media_type)
            span.set_attributes({_DIGEST: stored.digest, _SIZE: stored.size_bytes})
            return stored

    def put_file(self, path: Path, media_type: str) -> StoredArtifact:
        """See `BlobStore`."""
        with spanned_within("store put", self._about, kind=SpanKind.CLIENT) as span:
            stored = self._store.put_file(path, media_type)
            span.set_attributes({_DIGEST: stored.digest, _SIZE: stored.size_bytes})
            return stored

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        """See `BlobStore`."""
        with spanned_within("store get", self._about, kind=SpanKind.CLIENT) as span:
            data = self._store.get_bytes(digest, max_bytes=max_bytes)
            span.set_attributes({_DIGEST: digest, _SIZE: len(data)})
            return data

    def fetch(self, digest: str, target: Path) -> None:
        """See `BlobStore`."""
        with spanned_within("store get", self._about, kind=SpanKind.CLIENT) as span:
            self._store.fetch(digest, target)
            span.set_attribute(_DIGEST, digest)

    def exists(self, digest: str) -> bool:
        """See `BlobStore`."""
        return self._store.exists(digest)

    def put_record(self, key: str, data: bytes) -> None:
        """See `BlobStore`."""
        self._store.put_record(key, data)

    def get_record(self, key: str) -> bytes | None:
        """See `BlobStore`."""
        return self._store.get_record(key)

    def check(self) -> None:
        """See `BlobStore`."""
        self._store.check()
