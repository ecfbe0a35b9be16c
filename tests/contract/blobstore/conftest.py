from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from firstframe.adapters.memory import MemoryStore
from firstframe.adapters.stores import open_store
from firstframe.ports.blobstore import BlobStore
from support.local_servers import S3Server, running_s3


@dataclass
class Subject:
    """A store and a way to tamper with it behind its back."""

    store: BlobStore
    tamper: Callable[[str, bytes], None]
    settings: dict[str, Any] = field(default_factory=dict)
    """What another process opens the same store with; empty when no other process can."""


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with running_s3(tmp_path_factory.mktemp("s3") / "server") as server:
        yield server


@pytest.fixture(params=["memory", "folder", "s3"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    """Each kind of store."""
    return _subject(request, tmp_path)


@pytest.fixture(params=["folder", "s3"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    """Each kind of store that outlives a process."""
    return _subject(request, tmp_path)


def _subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    match request.param:
        case "memory":
            return _memory()
        case "folder":
            return _folder(tmp_path / "store")
        case _:
            return _s3(request.getfixturevalue("s3_server"))


def _memory() -> Subject:
    store = MemoryStore()
    return Subject(store, lambda digest, data: store.blobs.update({digest.removeprefix("sha256:"): data}))


def _folder(root: Path) -> Subject:
    def tamper(digest: str, data: bytes) -> None:
        name = digest.removeprefix("sha256:")
        (root / "blobs" / "sha256" / name[:2] / name[2:4] / name).write_bytes(data)

    settings = {"kind": "folder", "folder": str(root)}
    return Subject(open_store(kind="folder", folder=root), tamper, settings)


def _s3(server: S3Server) -> Subject:
    bucket, admin = f"bucket-{uuid.uuid4().hex}", server.client()
    admin.make_bucket(bucket)

    def tamper(digest: str, data: bytes) -> None:
        name = f"blobs/sha256/{digest.removeprefix('sha256:')}"
        admin.put_object(bucket, name, io.BytesIO(data), len(data))

    settings: dict[str, Any] = {
        "kind": "s3",
        "folder": "",
        "s3_endpoint": server.endpoint,
        "s3_bucket": bucket,
        "s3_region": "us-east-1",
        "s3_access_key": server.access_key,
        "s3_secret_key": server.secret_key,
        "s3_secure": False,
    }
    return Subject(open_store(**settings), tamper, settings)
