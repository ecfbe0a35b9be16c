"""Engines in the blob store: the file as a blob, its record under the engine's key and under that of its graph's newest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstframe.core.canonical import canonical_json, digest_of
from firstframe.core.errors import NotFound
from firstframe.ports.blobstore import BlobStore

MEDIA_TYPE = "application/vnd.nvidia.tensorrt.plan"
_FORMAT = 1
"""Raised when records of an older form cannot be read any more."""


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """An engine that is stored."""

    key: str
    model: str
    """Name of the graph on a server."""
    parts: dict[str, Any]
    """What it was built from, as JSON types (`firstframe.packs.build.key.EngineParts`)."""
    structure: str
    """Digest of the graph without its weights."""
    refittable: bool
    blob: str
    """Digest of the engine's file, `sha256:` and 64 hexadecimal digits."""
    size_bytes: int
    seconds: float
    """What the build took."""
    built_at: str
    """UTC, ISO 8601."""


class EngineStore:
    """Finds and keeps engines.

    Args:
        blobs: Where they are.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def find(self, key: str) -> EngineRecord | None:
        """The engine of a key; None where there is no record, or its file is gone."""
        return self._read(_record_key(key))

    def require(self, key: str) -> EngineRecord:
        """The engine of a key.

        Raises:
            NotFound: `ENGINE_NOT_FOUND`.
        """
        record = self.find(key)
        if record is None:
            text = f"no engine {key} is stored; build it with `firstframe models build`"
            raise NotFound(text, reason="ENGINE_NOT_FOUND", metadata={"key": key})
        return record

    def latest(self, model: str, arch: str) -> EngineRecord | None:
        """The newest engine of a graph for an architecture, under whatever key."""
        return self._read(_latest_key(model, arch))

    def put(self, file: Path, record: EngineRecord) -> EngineRecord:
        """Stores an engine. Its records appear after its file.

        Args:
            file: The engine; it stays where it is.
            record: What to note of it; digest and size are filled in.

        Returns:
            The record as it is stored.
        """
        stored = self._blobs.put_file(file, MEDIA_TYPE)
        whole = _as_json(record) | {"blob": stored.digest, "size_bytes": stored.size_bytes}
        data = canonical_json(whole | {"format": _FORMAT})
        self._blobs.put_record(_record_key(record.key), data)
        self._blobs.put_record(_latest_key(record.model, record.parts["arch"]), data)
        return EngineRecord(**whole)

    def fetch(self, key: str, target: Path) -> EngineRecord:
        """Writes an engine to `target`, checked against its digest.

        Raises:
            NotFound: `ENGINE_NOT_FOUND`.
        """
        record = self.require(key)
        self._blobs.fetch(record.blob, target)
        return record

    def _read(self, key: str) -> EngineRecord | None:
        data = self._blobs.get_record(key)
        found = json.loads(data) if data else {}
        if found.pop("format", None) != _FORMAT or not self._blobs.exists(found["blob"]):
            return None
        return EngineRecord(**found)


def _as_json(record: EngineRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in EngineRecord.__slots__}


def _record_key(key: str) -> str:
    """Engines share the store with results of stages: their keys get a room of their own."""
    return digest_of({"kind": "tensorrt-engine", "key": key})


def _latest_key(model: str, arch: str) -> str:
    return digest_of({"kind": "tensorrt-latest", "model": model, "arch": arch})
