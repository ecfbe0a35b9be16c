from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from firstframe.runtime import scratch


def test_a_folder_is_empty_and_private(tmp_path: Path) -> None:
    made = scratch.make(tmp_path / "new" / "parent", "toy")
    assert list(made.path.iterdir()) == []
    assert made.path.stat().st_mode & 0o077 == 0
    made.remove()


def test_removing_takes_what_is_in_it_and_lets_the_lock_go(tmp_path: Path) -> None:
    made = scratch.make(tmp_path, "toy")
    (made.path / "deep").mkdir()
    (made.path / "deep" / "frame.png").write_bytes(b"x")
    made.remove()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made.lock)


def test_a_sweep_takes_what_nobody_holds_and_leaves_the_rest(tmp_path: Path) -> None:
    living, dead = scratch.make(tmp_path, "toy"), scratch.make(tmp_path, "toy")
    other_stage = scratch.make(tmp_path, "other")
    (tmp_path / "firstframe.work.toy.file").write_text("no folder")
    (tmp_path / "firstframe.work.toy.link").symlink_to(tmp_path)
    for made in (dead, other_stage):
        os.close(made.lock)
    scratch.sweep(tmp_path, "toy")
    assert living.path.exists()
    assert other_stage.path.exists()
    assert not dead.path.exists()
    assert (tmp_path / "firstframe.work.toy.file").exists()
    living.remove()


def test_a_folder_that_is_swept_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock
    swept: list[Path] = []

    def sweep_first(descriptor: int, operation: int) -> None:
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].rmdir()
        lock(descriptor, operation)

    monkeypatch.setattr(scratch.fcntl, "flock", sweep_first)
    made = scratch.make(tmp_path, "toy")
    assert made.path.exists()
    assert made.path not in swept
    made.remove()
