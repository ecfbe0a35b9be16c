"""S3 behind a network that misbehaves: a clear error, no hang, nothing half-written, and all is well afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from minio import Minio

from firstframe.adapters.s3 import PART_BYTES, S3Store
from firstframe.core.errors import Unavailable
from support.local_servers import Proxy, S3Server, running_proxy, running_s3

BUCKET = "bucket"
KEY = "cd" * 32
LARGE = PART_BYTES + (4 << 20)
PATIENT_S = 5.0
HASTY_S = 0.3

pytestmark = pytest.mark.timeout(60)
"""A call that hangs fails here; with the client's own bound of five minutes and five retries it would."""


@dataclass
class World:
    """The adapter, the way it goes, and what the server really has."""

    store: S3Store
    hasty: S3Store
    """The same with a shorter bound, for faults that only a bound ends."""
    proxy: Proxy
    admin: Minio

    def objects(self) -> set[str]:
        return {str(found.object_name) for found in self.admin.list_objects(BUCKET, recursive=True)}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_s3(tmp_path / "server") as server, running_proxy(tmp_path / "proxy", server.endpoint) as proxy:
        admin = server.client()
        admin.make_bucket(BUCKET)
        proxied = S3Server(proxy.address)
        patient = proxied.store(BUCKET, timeout_s=PATIENT_S)
        yield World(patient, proxied.store(BUCKET, timeout_s=HASTY_S), proxy, admin)


def large_file(folder: Path) -> Path:
    path = folder / "large"
    path.write_bytes(os.urandom(LARGE))
    return path


def is_unavailable(call: Callable[[], object]) -> None:
    with pytest.raises(Unavailable) as caught:
        call()
    assert (caught.value.reason, caught.value.retry_after_s) == ("STORE_UNAVAILABLE", 1)


def test_a_slow_network_is_no_fault(world: World, tmp_path: Path) -> None:
    world.proxy.spoil("latency", "downstream", latency=100, jitter=50)
    stored = world.store.put_file(large_file(tmp_path), "video/mp4")
    world.store.fetch(stored.digest, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "large").read_bytes()


@pytest.mark.parametrize("fault", ["reset", "silence", "late", "cut"])
def test_every_call_ends_and_says_that_it_may_be_retried(world: World, tmp_path: Path, fault: str) -> None:
    stored = world.store.put_bytes(b"there", "text/plain")
    match fault:
        case "reset":
            world.proxy.spoil("reset_peer", "upstream", timeout=0)
        case "silence":
            world.proxy.spoil("timeout", "downstream", timeout=0)
        case "late":
            world.proxy.spoil("latency", "downstream", latency=20_000)
        case _:
            world.proxy.cut()
    target = tmp_path / "target"
    for call in (
        world.hasty.check,
        lambda: world.hasty.exists(stored.digest),
        lambda: world.hasty.get_bytes(stored.digest, max_bytes=100),
        lambda: world.hasty.fetch(stored.digest, target),
        lambda: world.hasty.put_bytes(b"new", "text/plain"),
        lambda: world.hasty.put_record(KEY, b"new"),
        lambda: world.hasty.get_record(KEY),
    ):
        is_unavailable(call)
    assert not target.exists()
    world.proxy.heal()
    assert world.store.get_bytes(stored.digest, max_bytes=100) == b"there"
    # When only the answer was lost the server has the record, and then it has all of it.
    assert world.store.get_record(KEY) in {None, b"new"}


@pytest.mark.parametrize("after", [100_000, 5 << 20], ids=["both parts", "first part"])
def test_an_upload_that_is_cut_leaves_nothing_and_works_later(world: World, tmp_path: Path, after: int) -> None:
    source = large_file(tmp_path)
    world.proxy.spoil("limit_data", "upstream", bytes=after)
    is_unavailable(lambda: world.store.put_file(source, "video/mp4"))
    assert world.objects() == set()
    world.proxy.heal()
    stored = world.store.put_file(source, "video/mp4")
    world.store.fetch(stored.digest, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_a_download_that_is_cut_leaves_no_file_and_blames_no_blob(world: World, tmp_path: Path) -> None:
    source, folder = large_file(tmp_path), tmp_path / "library"
    folder.mkdir()
    stored = world.store.put_file(source, "video/mp4")
    world.proxy.spoil("limit_data", "downstream", bytes=1_000_000)
    is_unavailable(lambda: world.store.fetch(stored.digest, folder / "target"))
    is_unavailable(lambda: world.store.get_bytes(stored.digest, max_bytes=2 * LARGE))
    assert list(folder.iterdir()) == []
    world.proxy.heal()
    world.store.fetch(stored.digest, folder / "target")
    assert (folder / "target").read_bytes() == source.read_bytes()


def test_connections_that_died_meanwhile_are_made_anew(world: World) -> None:
    world.store.put_record(KEY, b"one")
    world.proxy.cut()
    world.proxy.heal()
    assert world.store.get_record(KEY) == b"one"
