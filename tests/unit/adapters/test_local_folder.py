from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.core.errors import DataCorrupted, PreconditionFailed, Unavailable

KILLED_WHILE_WRITING = """
import os, sys
from pathlib import Path
import firstframe.adapters.local_folder as module
store = module.LocalFolderStore(Path(sys.argv[1]))
Path.replace = lambda *_: os._exit(9)
store.put_bytes(b"data", "text/plain")
"""
WRITES_UNTIL_KILLED = """
import os, sys
from pathlib import Path
from firstframe.adapters.local_folder import LocalFolderStore
store = LocalFolderStore(Path(sys.argv[1]))
while True:
    store.put_bytes(os.urandom(300_000), "text/plain")
    store.put_record("ab" * 32, os.urandom(1) * 100_000)
    print(flush=True)
"""
BOUNDED_BY_THE_SYSTEM = """
import resource, sys
from pathlib import Path
from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.core.errors import PreconditionFailed
store = LocalFolderStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))
for put in (lambda: store.put_file(Path(sys.argv[2]), "video/mp4"), lambda: store.put_bytes(bytes(4 << 20), "video/mp4")):
    try:
        put()
    except PreconditionFailed as error:
        print(error.reason, error.message)
"""
WITHOUT_RIGHTS = """
import os, sys
from pathlib import Path
from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.core.errors import PreconditionFailed
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.seteuid(65534)
store = LocalFolderStore(Path("store"))
print(store.get_bytes(sys.argv[2], max_bytes=100))
for write in (lambda: store.put_bytes(b"new", "text/plain"), lambda: store.put_record("ab" * 32, b"new"), store.check):
    try:
        write()
    except PreconditionFailed as error:
        print(error.reason, error.message)
"""


def blob_files(root: Path) -> list[Path]:
    return [path for path in (root / "blobs").rglob("*") if path.is_file()]


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_the_layout_is_the_one_that_is_documented(tmp_path: Path) -> None:
    store = LocalFolderStore(tmp_path)
    name = store.put_bytes(b"data", "text/plain").digest.removeprefix("sha256:")
    store.put_record("ab" * 32, b"record")
    assert (tmp_path / "blobs" / "sha256" / name[:2] / name[2:4] / name).read_bytes() == b"data"
    assert (tmp_path / "records" / "ab" / ("ab" * 32)).read_bytes() == b"record"


def test_a_writer_killed_before_the_rename_leaves_nothing_visible(tmp_path: Path) -> None:
    assert run(KILLED_WHILE_WRITING, tmp_path).returncode == 9
    store = LocalFolderStore(tmp_path)
    assert blob_files(tmp_path) == []
    assert len(list((tmp_path / "partial").iterdir())) == 1
    digest = store.put_bytes(b"data", "text/plain").digest
    assert store.get_bytes(digest, max_bytes=10) == b"data"


def test_what_a_killed_writer_leaves_is_whole(tmp_path: Path) -> None:
    for rounds in range(1, 5):
        command = [sys.executable, "-c", WRITES_UNTIL_KILLED, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(rounds):
                process.stdout.readline()
            process.kill()
    files = blob_files(tmp_path)
    assert len(files) >= 10
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in files)
    record = LocalFolderStore(tmp_path).get_record("ab" * 32)
    assert record is not None
    assert record == record[:1] * 100_000


def test_old_leftovers_are_swept_young_ones_kept(tmp_path: Path) -> None:
    LocalFolderStore(tmp_path)
    old, young = tmp_path / "partial" / "old", tmp_path / "partial" / "young"
    for path in (old, young):
        path.write_text("x")
    long_ago = time.time() - 25 * 3600
    os.utime(old, (long_ago, long_ago))
    LocalFolderStore(tmp_path)
    assert young.exists()
    assert not old.exists()


@pytest.mark.parametrize(
    ("number", "kind", "reason"),
    [
        (errno.ENOSPC, PreconditionFailed, "STORE_FULL"),
        (errno.EDQUOT, PreconditionFailed, "STORE_FULL"),
        (errno.EROFS, PreconditionFailed, "STORE_NOT_WRITABLE"),
        (errno.EACCES, PreconditionFailed, "STORE_NOT_WRITABLE"),
        (errno.EIO, Unavailable, "UNAVAILABLE"),
    ],
)
def test_a_failing_disk_is_a_clear_error_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[PreconditionFailed | Unavailable],
    reason: str,
) -> None:
    store = LocalFolderStore(tmp_path)

    def fail(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        for write in (lambda: store.put_bytes(b"data", "text/plain"), lambda: store.put_record("ab" * 32, b"x")):
            with pytest.raises(kind) as caught:
                write()
            assert caught.value.reason == reason
            assert str(tmp_path) in caught.value.message
    assert list((tmp_path / "partial").iterdir()) == []
    assert blob_files(tmp_path) == []
    assert store.put_bytes(b"data", "text/plain").size_bytes == 4


def test_a_bound_met_in_the_middle_of_a_file_leaves_nothing(tmp_path: Path) -> None:
    source, root = tmp_path / "source", tmp_path / "store"
    source.write_bytes(os.urandom(5 << 20))
    done = run(BOUNDED_BY_THE_SYSTEM, root, source)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["STORE_FULL", "STORE_FULL"]
    assert f"the store {root} is full" in lines[0]
    assert "MiB are free" in lines[0]
    assert list((root / "partial").iterdir()) == []
    assert blob_files(root) == []


def test_a_store_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    root = tmp_path / "store"
    digest = LocalFolderStore(root).put_bytes(b"data", "text/plain").digest
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    tmp_path.chmod(0o755)
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = run(WITHOUT_RIGHTS, tmp_path, digest)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "b'data'"
    assert [line.split()[0] for line in lines[1:]] == ["STORE_NOT_WRITABLE"] * 3
    assert "give this user write access" in lines[1]


def test_a_file_where_the_folder_should_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("x")
    with pytest.raises(PreconditionFailed, match="name another folder"):
        LocalFolderStore(tmp_path / "store")


def test_a_store_whose_folder_went_away_fails_its_check(tmp_path: Path) -> None:
    store = LocalFolderStore(tmp_path / "store")
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    with pytest.raises(PreconditionFailed, match="cannot be written"):
        store.check()


def test_the_store_is_private(tmp_path: Path) -> None:
    LocalFolderStore(tmp_path / "store")
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0


def test_what_is_fetched_shares_nothing_with_the_store(tmp_path: Path) -> None:
    store = LocalFolderStore(tmp_path / "store")
    digest = store.put_bytes(b"data", "text/plain").digest
    store.fetch(digest, tmp_path / "copy")
    (tmp_path / "copy").write_bytes(b"edited")
    assert store.get_bytes(digest, max_bytes=10) == b"data"


def test_a_file_that_changes_while_it_is_stored_gets_the_name_of_what_was_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, source = LocalFolderStore(tmp_path / "store"), tmp_path / "source"
    source.write_bytes(b"before")

    def change(_name: str, _size: int) -> bool:
        source.write_bytes(b"and after")
        return False

    monkeypatch.setattr(store, "_holds", change)
    stored = store.put_file(source, "text/plain")
    assert (stored.digest, stored.size_bytes) == (f"sha256:{hashlib.sha256(b'and after').hexdigest()}", 9)
    assert [path.name for path in blob_files(tmp_path / "store")] == [stored.digest.removeprefix("sha256:")]


def test_what_was_damaged_is_kept_aside_and_what_was_made_again_stays(tmp_path: Path) -> None:
    store = LocalFolderStore(tmp_path)
    digest = store.put_bytes(b"right", "text/plain").digest
    (blob,) = blob_files(tmp_path)
    blob.write_bytes(b"wrong")
    with store._open(digest) as slow_reader:
        with pytest.raises(DataCorrupted, match="lies in corrupt/"):
            store.get_bytes(digest, max_bytes=10)
        store.put_bytes(b"right", "text/plain")
        error = store._damaged(digest, slow_reader)
    assert "corrupt/" not in error.message
    assert (tmp_path / "corrupt" / blob.name).read_bytes() == b"wrong"
    assert store.get_bytes(digest, max_bytes=10) == b"right"
