from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.core.errors import PreconditionFailed

KILLED_WHILE_WRITING = """
import os, sys
from pathlib import Path
import firstframe.adapters.local_folder as module
store = module.LocalFolderStore(Path(sys.argv[1]))
Path.replace = lambda *_: os._exit(9)
store.put_bytes(b"data", "text/plain")
"""


def test_a_writer_killed_before_the_rename_leaves_nothing_visible(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(tmp_path)], check=False)
    assert killed.returncode == 9
    store = LocalFolderStore(tmp_path)
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []
    assert len(list((tmp_path / "partial").iterdir())) == 1
    digest = store.put_bytes(b"data", "text/plain").digest
    assert store.get_bytes(digest, max_bytes=10) == b"data"


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
    ("number", "reason"),
    [(errno.ENOSPC, "STORE_FULL"), (errno.EROFS, "STORE_NOT_WRITABLE"), (errno.EACCES, "STORE_NOT_WRITABLE")],
)
def test_a_full_or_read_only_disk_is_a_clear_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    store = LocalFolderStore(tmp_path)

    def fail(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PreconditionFailed) as caught:
        store.put_bytes(b"data", "text/plain")
    assert caught.value.reason == reason
    assert str(tmp_path) in caught.value.message
    assert list((tmp_path / "partial").iterdir()) == []
    monkeypatch.undo()
    assert store.put_bytes(b"data", "text/plain").size_bytes == 4


def test_a_file_where_the_folder_should_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("x")
    with pytest.raises(PreconditionFailed, match="name another folder"):
        LocalFolderStore(tmp_path / "store")


def test_the_store_is_private(tmp_path: Path) -> None:
    LocalFolderStore(tmp_path / "store")
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0


def test_what_is_fetched_shares_nothing_with_the_store(tmp_path: Path) -> None:
    store = LocalFolderStore(tmp_path / "store")
    digest = store.put_bytes(b"data", "text/plain").digest
    store.fetch(digest, tmp_path / "copy")
    (tmp_path / "copy").write_bytes(b"edited")
    assert store.get_bytes(digest, max_bytes=10) == b"data"
