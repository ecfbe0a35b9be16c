from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from minio import Minio

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.adapters.memory import MemoryStore
from firstframe.adapters.s3 import S3Store
from firstframe.ports.blobstore import BlobStore
from support.tools import require_tool

ACCESS, SECRET = "test-access", "test-secret-key"


@dataclass
class Subject:
    """A store and a way to tamper with it behind its back."""

    store: BlobStore
    tamper: Callable[[str, bytes], None]


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 server over a folder."""
    program = require_tool("versitygw")
    folder = tmp_path_factory.mktemp("s3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET}
    command = [str(program), "--port", f"127.0.0.1:{port}", "posix", str(folder)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the S3 server did not start")


@pytest.fixture(scope="session")
def s3_admin(s3_endpoint: str) -> Minio:
    return Minio(s3_endpoint, access_key=ACCESS, secret_key=SECRET, secure=False, region="us-east-1")


def s3_store(endpoint: str, bucket: str, secret: str = SECRET) -> S3Store:
    return S3Store(
        endpoint=endpoint,
        bucket=bucket,
        region="us-east-1",
        access_key=ACCESS,
        secret_key=secret,
        secure=False,
        timeout_s=2,
    )


@pytest.fixture(params=["memory", "folder", "s3"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    """Each kind of store."""
    match request.param:
        case "memory":
            memory = MemoryStore()
            return Subject(memory, lambda digest, data: memory.blobs.update({digest.removeprefix("sha256:"): data}))
        case "folder":
            return _folder(tmp_path / "store")
        case _:
            return _s3(request)


def _folder(root: Path) -> Subject:
    def tamper(digest: str, data: bytes) -> None:
        name = digest.removeprefix("sha256:")
        (root / "blobs" / "sha256" / name[:2] / name[2:4] / name).write_bytes(data)

    return Subject(LocalFolderStore(root), tamper)


def _s3(request: pytest.FixtureRequest) -> Subject:
    import io

    endpoint: str = request.getfixturevalue("s3_endpoint")
    admin: Minio = request.getfixturevalue("s3_admin")
    bucket = f"b-{abs(hash(request.node.name)):x}"[:40]
    admin.make_bucket(bucket)

    def tamper(digest: str, data: bytes) -> None:
        name = f"blobs/sha256/{digest.removeprefix('sha256:')}"
        admin.put_object(bucket, name, io.BytesIO(data), len(data))

    return Subject(s3_store(endpoint, bucket), tamper)
