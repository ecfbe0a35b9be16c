from __future__ import annotations

import stat
from pathlib import Path

import pytest

from firstframe.core.errors import PreconditionFailed
from firstframe.orchestrator.seals import Seal, key_of_file, key_of_text

PARTS = ("projects/p/campaigns/c", "lane", b"yes")


def test_a_seal_holds_for_what_was_sealed_and_nothing_else() -> None:
    seal = Seal(b"a" * 32)
    made = seal.of(*PARTS)
    assert seal.holds(made, *PARTS)
    assert not seal.holds(None, *PARTS)
    assert not Seal(b"b" * 32).holds(made, *PARTS)
    others = [
        ("other", *PARTS[1:]),
        (PARTS[0], "other", PARTS[2]),
        (*PARTS[:2], b"no"),
        (PARTS[0] + "l", "ane", b"yes"),
    ]
    assert not any(seal.holds(made, *other) for other in others)


def test_keys_of_texts_differ() -> None:
    assert len({key_of_text("one"), key_of_text("two")}) == 2
    assert len(key_of_text("one")) == 32


def test_the_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "approval.key"
    key = key_of_file(path)
    assert key_of_file(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "approval.key"
    path.write_bytes(b"short")
    with pytest.raises(PreconditionFailed, match="has 5 bytes, not 32; bring it back") as caught:
        key_of_file(path)
    assert caught.value.reason == "NO_APPROVAL_KEY"
