from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firstframe.core.errors import InvalidInput
from firstframe.packs.installed import ModelHome
from firstframe.packs.lock import Lock, read_lock, with_lock, write_lock
from firstframe.packs.spec import Download, HubSource, Pack
from support.pack_files import download, folder, hub, make_pack

COMMIT = "0123456789abcdef" * 2 + "01234567"
PIPELINE = {"class_name": "TinyPipeline", "modules": {}, "steps": 1, "guidance": 0, "native": {}}


def _lock(**more: Any) -> Lock:
    files = (Download.model_validate(download("unet/model.safetensors", b"weights")),)
    return Lock(**({"pack": "tiny", "repo": "someone/tiny", "commit": COMMIT, "files": files} | more))


def _learned(tmp_path: Path, **more: Any) -> Pack:
    return make_pack({"x": b"x"}, folder(tmp_path), hub(), downloads=[], graphs=[], pipeline=PIPELINE, **more)


def test_a_lock_gives_a_pack_its_downloads_and_its_commit(tmp_path: Path) -> None:
    write_lock(_lock(), tmp_path)
    pack = with_lock(_learned(tmp_path), tmp_path)
    assert pack.downloads == _lock().files
    revisions = [source.revision for source in pack.sources if isinstance(source, HubSource)]
    assert revisions == [COMMIT]


def test_hubs_of_other_repositories_keep_their_revision(tmp_path: Path) -> None:
    write_lock(_lock(repo="someone/else"), tmp_path)
    pack = with_lock(_learned(tmp_path), tmp_path)
    assert [source.revision for source in pack.sources if isinstance(source, HubSource)] == ["main"]


def test_another_lock_is_another_place(tmp_path: Path) -> None:
    home, pack = ModelHome(tmp_path / "home"), _learned(tmp_path)
    places = []
    for data in (b"one", b"two"):
        write_lock(_lock(files=(Download.model_validate(download("a.safetensors", data)),)), tmp_path)
        places.append(home.place(with_lock(pack, tmp_path)))
    assert places[0] != places[1]


def test_a_pack_with_downloads_of_its_own_stays_as_it_is(tmp_path: Path) -> None:
    write_lock(_lock(), tmp_path)
    pack = make_pack({"main.onnx": b"w"}, folder(tmp_path))
    assert with_lock(pack, tmp_path) is pack


def test_a_pack_without_a_lock_stays_as_it_is(tmp_path: Path) -> None:
    pack = _learned(tmp_path)
    assert with_lock(pack, tmp_path) is pack


def test_a_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = write_lock(_lock(), tmp_path / "locks")
    assert read_lock(path) == _lock()
    assert [file.name for file in path.parent.iterdir()] == ["tiny.json"]


def test_the_lock_of_another_pack_is_refused(tmp_path: Path) -> None:
    write_lock(_lock(pack="other"), tmp_path).rename(tmp_path / "tiny.json")
    with pytest.raises(InvalidInput, match="says other"):
        with_lock(_learned(tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"commit": "main"}, "commit"), ({"files": []}, "files"), ({"extra": 1}, "extra"), ({"pack": None}, "pack")],
)
def test_what_is_no_lock_is_told_with_file_and_field(tmp_path: Path, change: dict[str, object], field: str) -> None:
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(_lock().model_dump(mode="json") | change))
    with pytest.raises(InvalidInput) as caught:
        read_lock(path)
    assert str(path) in caught.value.message
    assert f"{field}:" in caught.value.message
