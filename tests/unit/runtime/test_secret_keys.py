from __future__ import annotations

import stat
from pathlib import Path

import pytest

from firstframe.core.errors import PreconditionFailed
from firstframe.runtime.secret_keys import key_of_file, key_of_text


def test_keys_of_texts_differ() -> None:
    assert len({key_of_text("one", b"a"), key_of_text("two", b"a"), key_of_text("one", b"b")}) == 3
    assert len(key_of_text("one", b"a")) == 32


def test_the_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "approval.key"
    key = key_of_file(path, lost="all is lost")
    assert key_of_file(path, lost="all is lost") == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "approval.key"
    path.write_bytes(b"short")
    with pytest.raises(PreconditionFailed, match=r"has 5 bytes, not 32; bring it back .* all is lost") as caught:
        key_of_file(path, lost="all is lost")
    assert caught.value.reason == "NO_KEY"
