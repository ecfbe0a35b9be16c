from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firstframe.core.errors import DataCorrupted, InvalidInput, NotFound, PreconditionFailed

from .conftest import Subject

KEY = "ab" * 32
MIB = 1 << 20


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.mark.parametrize("data", [b"", b"hello", bytes(range(256)) * 5000])
def test_bytes_come_back_under_the_name_of_their_content(subject: Subject, data: bytes) -> None:
    stored = subject.store.put_bytes(data, "text/plain")
    assert (stored.digest, stored.media_type, stored.size_bytes) == (digest_of(data), "text/plain", len(data))
    assert subject.store.get_bytes(stored.digest, max_bytes=2 * MIB) == data
    assert subject.store.exists(stored.digest)


def test_the_same_bytes_twice_are_one_blob(subject: Subject) -> None:
    first = subject.store.put_bytes(b"same", "text/plain")
    assert subject.store.put_bytes(b"same", "text/plain") == first


def test_files_go_in_and_come_out_whole(subject: Subject, tmp_path: Path) -> None:
    data = os.urandom(20 * MIB)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    stored = subject.store.put_file(source, "video/mp4")
    assert (stored.digest, stored.size_bytes) == (digest_of(data), len(data))
    target.write_text("older")
    subject.store.fetch(stored.digest, target)
    assert target.read_bytes() == data
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["source", "target"]


def test_what_is_not_there_is_not_found(subject: Subject, tmp_path: Path) -> None:
    missing = digest_of(b"never stored")
    assert not subject.store.exists(missing)
    for read in (
        lambda: subject.store.get_bytes(missing, max_bytes=1),
        lambda: subject.store.fetch(missing, tmp_path / "x"),
    ):
        with pytest.raises(NotFound) as caught:
            read()
        assert caught.value.reason == "ARTIFACT_NOT_FOUND"
        assert caught.value.metadata == {"digest": missing}
    assert not (tmp_path / "x").exists()


MALFORMED = ["", "sha256:abc", "../../etc/passwd", f"sha256:{'A' * 64}", f"md5:{'a' * 64}", f"sha256:{'a' * 64}\n"]


@pytest.mark.parametrize("digest", MALFORMED)
def test_malformed_names_are_refused(subject: Subject, tmp_path: Path, digest: str) -> None:
    reads: list[Callable[[], object]] = [
        lambda: subject.store.exists(digest),
        lambda: subject.store.get_bytes(digest, max_bytes=1),
        lambda: subject.store.fetch(digest, tmp_path / "x"),
    ]
    for read in reads:
        with pytest.raises(InvalidInput, match="is not a digest"):
            read()
    assert not (tmp_path / "x").exists()
    for call in (subject.store.get_record, lambda name: subject.store.put_record(name, b"x")):
        with pytest.raises(InvalidInput, match="is not a content key"):
            call(digest)


def test_more_than_asked_for_is_not_read(subject: Subject) -> None:
    stored = subject.store.put_bytes(b"x" * 100, "text/plain")
    with pytest.raises(InvalidInput) as caught:
        subject.store.get_bytes(stored.digest, max_bytes=99)
    assert caught.value.reason == "ARTIFACT_TOO_LARGE"
    assert len(subject.store.get_bytes(stored.digest, max_bytes=100)) == 100


def test_a_blob_that_was_cut_short_is_stored_again(shared: Subject) -> None:
    stored = shared.store.put_bytes(b"all of it", "text/plain")
    shared.tamper(stored.digest, b"all")
    shared.store.put_bytes(b"all of it", "text/plain")
    assert shared.store.get_bytes(stored.digest, max_bytes=100) == b"all of it"


def test_a_target_that_cannot_be_written_is_told_as_such(subject: Subject, tmp_path: Path) -> None:
    stored = subject.store.put_bytes(b"data", "text/plain")
    with pytest.raises(PreconditionFailed) as caught:
        subject.store.fetch(stored.digest, tmp_path / "missing" / "target")
    assert caught.value.reason == "TARGET_NOT_WRITABLE"
    assert str(tmp_path / "missing") in caught.value.message


@pytest.mark.parametrize("way", ["get_bytes", "fetch"])
def test_damaged_bytes_are_never_returned_and_can_be_made_again(subject: Subject, tmp_path: Path, way: str) -> None:
    stored = subject.store.put_bytes(b"right", "text/plain")
    subject.tamper(stored.digest, b"wrong")
    with pytest.raises(DataCorrupted, match="did not match its digest"):
        if way == "fetch":
            subject.store.fetch(stored.digest, tmp_path / "out")
        else:
            subject.store.get_bytes(stored.digest, max_bytes=100)
    assert list(tmp_path.glob("*out*")) == []
    assert not subject.store.exists(stored.digest)
    subject.store.put_bytes(b"right", "text/plain")
    assert subject.store.get_bytes(stored.digest, max_bytes=100) == b"right"


def test_records_are_set_read_and_replaced(subject: Subject) -> None:
    assert subject.store.get_record(KEY) is None
    subject.store.put_record(KEY, b"one")
    subject.store.put_record(KEY, b"two")
    assert subject.store.get_record(KEY) == b"two"


def test_a_record_is_bounded(subject: Subject) -> None:
    subject.store.put_record(KEY, b"x" * MIB)
    assert subject.store.get_record(KEY) == b"x" * MIB
    with pytest.raises(InvalidInput, match="at most 1048576 are kept"):
        subject.store.put_record(KEY, b"y" * (MIB + 1))
    assert subject.store.get_record(KEY) == b"x" * MIB


def test_readers_see_whole_records_while_they_are_replaced(subject: Subject) -> None:
    versions = [bytes([number]) * (100_000 + number) for number in range(4)]
    subject.store.put_record(KEY, versions[0])
    done = threading.Event()

    def read() -> set[bytes | None]:
        seen = {subject.store.get_record(KEY)}
        while not done.is_set():
            seen.add(subject.store.get_record(KEY))
        return seen

    with ThreadPoolExecutor(3) as threads:
        readers = [threads.submit(read) for _ in range(3)]
        for number in range(40):
            subject.store.put_record(KEY, versions[number % 4])
        done.set()
        assert set.union(*(reader.result() for reader in readers)) <= set(versions)


WRITER = """
import json, sys
from pathlib import Path
from firstframe.adapters.stores import open_store
settings = json.loads(sys.argv[1])
store = open_store(**settings | {"folder": Path(settings["folder"])})
sys.stdin.readline()
for number in range(10):
    print(store.put_bytes(bytes([number]) * 200_000, "text/plain").digest)
    store.put_record(sys.argv[2], sys.argv[3].encode() * 1000)
"""


def test_many_processes_store_the_same_blobs(shared: Subject) -> None:
    command = [sys.executable, "-c", WRITER, json.dumps(shared.settings), KEY]
    writers = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    printed = {writer.communicate(timeout=60)[0] for writer in writers}
    blobs = [bytes([number]) * 200_000 for number in range(10)]
    assert printed == {"".join(f"{digest_of(blob)}\n" for blob in blobs)}
    assert [shared.store.get_bytes(digest_of(blob), max_bytes=MIB) for blob in blobs] == blobs
    assert shared.store.get_record(KEY) in {str(number).encode() * 1000 for number in range(3)}


def test_many_writers_of_one_blob_and_one_record(subject: Subject) -> None:
    data = os.urandom(MIB)

    def write(number: int) -> str:
        subject.store.put_record(KEY, bytes([number]) * 1000)
        record = subject.store.get_record(KEY)
        assert record is not None
        assert len(set(record)) == 1
        assert len(record) == 1000
        return subject.store.put_bytes(data, "text/plain").digest

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(write, range(24))) == {digest_of(data)}
    assert subject.store.get_bytes(digest_of(data), max_bytes=MIB) == data


def test_a_store_that_works_passes_its_check(subject: Subject) -> None:
    subject.store.check()


def test_any_readable_file_is_taken_and_left_alone(subject: Subject, tmp_path: Path) -> None:
    source = tmp_path / "read-only"
    source.write_bytes(b"data")
    source.chmod(0o444)
    subject.store.put_file(source, "text/plain")
    assert source.read_bytes() == b"data"
