"""Packs from a bucket of a real S3 server, over a network that cuts connections."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from minio import Minio

from firstframe.adapters.fetch.s3 import S3Files
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import (
    DataCorrupted,
    InvalidInput,
    NotFound,
    PermissionDenied,
    PreconditionFailed,
    Unavailable,
)
from firstframe.packs.installed import ModelHome
from firstframe.packs.pull import Puller
from support.local_servers import Proxy, running_proxy, running_s3
from support.pack_files import Notes, make_pack

BUCKET = "models"
DATA = os.urandom(4 << 20)

pytestmark = pytest.mark.timeout(90)


@dataclass
class World:
    proxy: Proxy
    admin: Minio

    def files(self, url: str = f"s3://{BUCKET}/packs/tiny", **changes: str) -> S3Files:
        keys = {"access_key": "test-access", "secret_key": "test-secret-key", "region": "us-east-1"}
        return S3Files(url, endpoint=self.proxy.address, secure=False, **(keys | changes))

    def put(self, data: bytes) -> None:
        self.admin.put_object(BUCKET, "packs/tiny/main.onnx", io.BytesIO(data), len(data))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_s3(tmp_path / "server") as server, running_proxy(tmp_path / "proxy", server.endpoint) as proxy:
        world = World(proxy, server.client())
        world.admin.make_bucket(BUCKET)
        world.put(DATA)
        yield world


def _fetch(files: S3Files, folder: Path, size: int = len(DATA)) -> bool:
    return files.fetch("main.onnx", folder / "got", size_bytes=size, report=lambda _: None)


def test_an_object_comes_whole(world: World, tmp_path: Path) -> None:
    assert not _fetch(world.files(), tmp_path)
    assert (tmp_path / "got").read_bytes() == DATA
    assert not list(tmp_path.glob("got.*"))


def test_a_connection_that_is_cut_is_gone_on_with(world: World, tmp_path: Path) -> None:
    # Two connections to ask, then some that carry a part of the object each.
    world.proxy.spoil("limit_data", "downstream", bytes=1_500_000)
    assert _fetch(world.files(), tmp_path)
    assert (tmp_path / "got").read_bytes() == DATA


def test_a_later_call_goes_on_and_only_with_the_same_object(world: World, tmp_path: Path) -> None:
    world.proxy.spoil("limit_data", "downstream", bytes=300_000)
    with pytest.raises(Unavailable):
        _fetch(world.files(), tmp_path)
    kept = (tmp_path / "got.part").stat().st_size
    assert 0 < kept < len(DATA)
    world.proxy.heal()
    assert _fetch(world.files(), tmp_path)
    assert (tmp_path / "got").read_bytes() == DATA


def test_an_object_that_changed_meanwhile_is_fetched_anew(world: World, tmp_path: Path) -> None:
    world.proxy.spoil("limit_data", "downstream", bytes=300_000)
    with pytest.raises(Unavailable):
        _fetch(world.files(), tmp_path)
    world.proxy.heal()
    other = os.urandom(len(DATA))
    world.put(other)
    assert not _fetch(world.files(), tmp_path)
    assert (tmp_path / "got").read_bytes() == other


def test_an_object_of_another_size_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(DataCorrupted) as caught:
        _fetch(world.files(), tmp_path, len(DATA) + 1)
    assert caught.value.reason == "DOWNLOAD_WRONG_SIZE"
    assert not list(tmp_path.glob("got*"))


def test_what_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        _fetch(world.files(f"s3://{BUCKET}/elsewhere"), tmp_path)
    with pytest.raises((NotFound, PreconditionFailed)):
        _fetch(world.files("s3://no-such-bucket/packs/tiny"), tmp_path)


def test_a_wrong_key_is_told_without_the_key(world: World, tmp_path: Path) -> None:
    with pytest.raises(PermissionDenied, match="STORE__S3_ACCESS_KEY") as caught:
        _fetch(world.files(secret_key="wrong-secret"), tmp_path)
    assert "wrong-secret" not in str(caught.value)


def test_a_malformed_bucket_is_told() -> None:
    with pytest.raises(InvalidInput, match="bucket"):
        S3Files("s3://UPPER_case/x", endpoint="127.0.0.1:1")


def test_a_pack_is_pulled_from_a_bucket(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"S3_ENDPOINT": world.proxy.address, "S3_ACCESS_KEY": "test-access", "S3_SECRET_KEY": "test-secret-key"}
    for name, value in (settings | {"S3_SECURE": "false"}).items():
        monkeypatch.setenv(f"FIRSTFRAME_MODELS_STORE__{name}", value)
    pack = make_pack({"main.onnx": DATA}, {"kind": "s3", "url": f"s3://{BUCKET}/packs/tiny"})
    installed = Puller(ModelHome(tmp_path / "home"), LiveOrigins(), Notes()).pull(pack)
    assert (installed.folder / "main.onnx").read_bytes() == DATA
