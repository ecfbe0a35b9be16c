from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

from firstframe.core.errors import PreconditionFailed, Unavailable
from firstframe.packs.disk import disk_errors, megabytes, require_room
from firstframe.packs.exclusive import exclusive


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    order: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with exclusive(tmp_path / "locks" / "tiny.lock", waits.set):
            order.append("second")

    thread = threading.Thread(target=second)
    with exclusive(tmp_path / "locks" / "tiny.lock", lambda: order.append("first waits")):
        thread.start()
        assert waits.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_locks_of_other_names_do_not_wait(tmp_path: Path) -> None:
    waited: list[str] = []
    with (
        exclusive(tmp_path / "a.lock", lambda: waited.append("a")),
        exclusive(tmp_path / "b.lock", lambda: waited.append("b")),
    ):
        assert waited == []


def test_more_than_the_disk_has_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed, match=r"1,000,000,067\.1 MB are needed") as caught:
        require_room(tmp_path / "not" / "made" / "yet", 10**15)
    assert caught.value.reason == "DISK_FULL"
    assert not (tmp_path / "not").exists()


def test_what_fits_is_let_through(tmp_path: Path) -> None:
    require_room(tmp_path, 1)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_as_such(tmp_path: Path, number: int) -> None:
    with pytest.raises(PreconditionFailed, match="is full") as caught, disk_errors(tmp_path):
        raise OSError(number, "No space left on device")
    assert caught.value.reason == "DISK_FULL"


def test_a_folder_that_is_not_ours_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed, match="FIRSTFRAME_MODELS") as caught, disk_errors(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied", "/models/x")
    assert caught.value.reason == "DISK_NOT_WRITABLE"


def test_a_disk_that_fails_may_work_later(tmp_path: Path) -> None:
    with pytest.raises(Unavailable), disk_errors(tmp_path):
        raise OSError(errno.EIO, "Input/output error")


def test_sizes_are_told_in_megabytes() -> None:
    assert megabytes(88_188_479) == "88.2 MB"
