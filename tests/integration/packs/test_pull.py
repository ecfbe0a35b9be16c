"""Pulls from start to end: real files, a real server, real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import DataCorrupted, NotFound, PreconditionFailed, Unavailable
from firstframe.packs.importers import Options
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.pull import Puller
from firstframe.packs.spec import Pack
from support.file_server import FileServer
from support.pack_files import Notes, folder, hub, make_pack, pack_document, write_pack

FILES = {"main.onnx": os.urandom(3 << 20), "nested/second.onnx": b"second"}
REPO = "someone/tiny"
TIMEOUT_S = 60

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder that has all files."""
    return _fill(tmp_path / "shelf", FILES)


@pytest.fixture
def home(tmp_path: Path) -> ModelHome:
    return ModelHome(tmp_path / "home")


@pytest.fixture
def at_hub(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> FileServer:
    """A hub that has all files."""
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    server.files |= {f"/{REPO}/resolve/main/{name}": data for name, data in FILES.items()}
    return server


def _fill(place: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place


def _pull(home: ModelHome, pack: Pack, notes: Notes | None = None, **more: Any) -> InstalledPack:
    return Puller(home, LiveOrigins(), notes or Notes()).pull(pack, **more)


def _left(home: ModelHome) -> list[str]:
    """Files in the home, without locks."""
    found = (path for path in home.folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return sorted(path.relative_to(home.folder).as_posix() for path in found)


def test_a_pack_is_installed_whole_with_its_record(home: ModelHome, shelf: Path) -> None:
    pack = make_pack(FILES, folder(shelf))
    installed = _pull(home, pack)
    assert installed.folder == home.place(pack)
    record = json.loads((installed.folder / "installed.json").read_text())
    assert record["files"] == {download.name: download.sha256 for download in pack.downloads}
    assert (record["pack"], record["version"], record["source"]) == ("tiny", 1, str(shelf))
    place = f"tiny/{installed.folder.name}"
    assert _left(home) == [f"{place}/installed.json", f"{place}/main.onnx", f"{place}/nested/second.onnx"]


def test_what_is_installed_is_not_fetched_again(home: ModelHome, at_hub: FileServer) -> None:
    pack = make_pack(FILES, hub(REPO))
    _pull(home, pack)
    at_hub.seen.clear()
    _pull(home, pack)
    assert at_hub.seen == []
    _pull(home, pack, again=True)
    assert len(at_hub.seen) == 2


def test_a_damaged_pack_is_made_again_on_demand(home: ModelHome, shelf: Path) -> None:
    pack = make_pack(FILES, folder(shelf))
    (_pull(home, pack).folder / "main.onnx").write_bytes(b"damaged")
    assert (_pull(home, pack, again=True).folder / "main.onnx").read_bytes() == FILES["main.onnx"]


def test_a_wrong_digest_is_an_error_and_nothing_is_installed(home: ModelHome, shelf: Path) -> None:
    pack = make_pack(FILES, folder(shelf))
    _fill(shelf, {"main.onnx": bytes(len(FILES["main.onnx"]))})
    with pytest.raises(DataCorrupted, match=r"main\.onnx has SHA-256 .* the pack says") as caught:
        _pull(home, pack)
    assert caught.value.reason == "DOWNLOAD_CORRUPT"
    assert not home.has(pack)
    assert _left(home) == []


def test_a_wrong_digest_from_a_hub_is_not_fetched_twice(home: ModelHome, at_hub: FileServer) -> None:
    path = f"/{REPO}/resolve/main/main.onnx"
    at_hub.files[path] = bytes(len(FILES["main.onnx"]))
    with pytest.raises(DataCorrupted):
        _pull(home, make_pack(FILES, hub(REPO)))
    assert at_hub.ranges_asked(path) == [""]


def test_bytes_that_were_kept_in_vain_are_fetched_anew(home: ModelHome, at_hub: FileServer) -> None:
    pack = make_pack(FILES, hub(REPO))
    at_hub.cuts += [1_000_000, 0, 0, 0, 0]
    with pytest.raises(Unavailable):
        _pull(home, pack)
    (part,) = home.folder.glob(".downloads/tiny/*.part")
    part.write_bytes(bytes(1_000_000))
    at_hub.seen.clear()
    assert (_pull(home, pack).folder / "main.onnx").read_bytes() == FILES["main.onnx"]
    assert at_hub.ranges_asked(f"/{REPO}/resolve/main/main.onnx") == ["bytes=1000000-", ""]


def test_a_wrong_size_is_an_error_and_nothing_is_installed(home: ModelHome, shelf: Path) -> None:
    pack = make_pack(FILES, folder(shelf))
    _fill(shelf, {"main.onnx": b"short"})
    with pytest.raises(DataCorrupted) as caught:
        _pull(home, pack)
    assert caught.value.reason == "DOWNLOAD_WRONG_SIZE"
    assert _left(home) == []


def test_the_next_source_is_taken_when_one_cannot_be_reached(home: ModelHome, shelf: Path, server: FileServer) -> None:
    server.statuses += [503] * 10
    pack = make_pack(FILES, {"kind": "s3", "url": "s3://bucket/models"}, folder(shelf / "gone"), folder(shelf))
    notes = Notes()
    record = json.loads((_pull(home, pack, notes).folder / "installed.json").read_text())
    assert record["source"] == str(shelf)
    assert any("not from s3://bucket/models: FIRSTFRAME_MODELS_STORE__S3_ENDPOINT" in line for line in notes.said)
    assert any("gone: " in line and "No such file" in line for line in notes.said)


def test_what_one_source_has_is_not_fetched_from_the_next(home: ModelHome, shelf: Path, at_hub: FileServer) -> None:
    (shelf / "nested" / "second.onnx").unlink()
    _pull(home, make_pack(FILES, folder(shelf), hub(REPO)))
    assert [seen.path for seen in at_hub.seen] == [f"/{REPO}/resolve/main/nested/second.onnx"]


def test_no_source_at_all_is_told_with_every_reason(home: ModelHome, tmp_path: Path, at_hub: FileServer) -> None:
    at_hub.files.clear()
    pack = make_pack(FILES, hub(REPO), folder(tmp_path / "gone"))
    with pytest.raises(Unavailable, match=r"hub someone/tiny@main: .*HTTP 404.*gone") as caught:
        _pull(home, pack)
    assert caught.value.reason == "NO_SOURCE"


def test_terms_have_to_be_accepted_and_the_answer_is_kept(home: ModelHome, shelf: Path) -> None:
    terms = {"spdx": "LicenseRef-T", "commercial": False, "url": "https://example.org/t", "acceptance": True}
    pack = make_pack(FILES, folder(shelf), licence=terms)
    with pytest.raises(PreconditionFailed, match="--accept-licence LicenseRef-T"):
        _pull(home, pack)
    assert not home.folder.exists()
    record = json.loads((_pull(home, pack, accepted=["LicenseRef-T"]).folder / "installed.json").read_text())
    assert record["licence"]["spdx"] == "LicenseRef-T"
    assert record["licence"]["accepted_at"]


def test_pickles_are_not_even_fetched(home: ModelHome, at_hub: FileServer) -> None:
    with pytest.raises(PreconditionFailed, match="can run any code") as caught:
        _pull(home, make_pack({"weights.pt": b"w"}, hub(REPO)))
    assert caught.value.reason == "PICKLE_REFUSED"
    assert at_hub.seen == []


def _importing(home: ModelHome, write: Callable[[Path], object]) -> Puller:
    def run(downloads: Mapping[str, Path], target: Path, options: Options) -> None:
        del downloads, options
        write(target)

    return Puller(home, LiveOrigins(), Notes(), lambda name: run)


def test_an_importer_that_makes_a_pickle_is_refused(home: ModelHome, shelf: Path) -> None:
    pack = make_pack(FILES, folder(shelf), importer={"name": "imgly-chunks"})
    puller = _importing(home, lambda target: (target / "main.pt").write_bytes(b"p"))
    with pytest.raises(PreconditionFailed, match=r"main\.pt"):
        puller.pull(pack)
    assert not home.has(pack)


def test_an_importer_that_makes_too_little_is_told(home: ModelHome, shelf: Path) -> None:
    pack = make_pack(FILES, folder(shelf), importer={"name": "imgly-chunks"})
    puller = _importing(home, lambda target: (target / "other.onnx").write_bytes(b"p"))
    with pytest.raises(DataCorrupted, match=r"did not make main\.onnx") as caught:
        puller.pull(pack)
    assert caught.value.reason == "PACK_INCOMPLETE"
    assert not home.has(pack)
    assert not list(home.folder.glob("tiny/*"))


def test_what_an_importer_read_is_gone_once_the_pack_is_there(home: ModelHome, shelf: Path) -> None:
    pack = make_pack(FILES, folder(shelf), importer={"name": "imgly-chunks"})
    installed = _importing(home, lambda target: (target / "main.onnx").write_bytes(b"made")).pull(pack)
    assert _left(home) == [f"tiny/{installed.folder.name}/installed.json", f"tiny/{installed.folder.name}/main.onnx"]


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(home: ModelHome, at_hub: FileServer) -> None:
    document = pack_document(FILES, hub(REPO))
    document["downloads"][0]["size_bytes"] = 10**15
    with pytest.raises(PreconditionFailed, match="are needed") as caught:
        _pull(home, Pack.model_validate(document))
    assert caught.value.reason == "DISK_FULL"
    assert at_hub.seen == []


# Processes


def _start(tmp_path: Path, *arguments: str, file_limit: int | None = None) -> subprocess.Popen[str]:
    environment = os.environ | {"FIRSTFRAME_MODELS": str(tmp_path / "home"), "PACKS_DIR": str(tmp_path / "packs")}
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({file_limit}, {file_limit})); "
    code = f"{limit if file_limit else ''}from firstframe.cli.main import main; main()"
    command = [sys.executable, "-c", code, "models", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _end(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, errors = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, out + errors


@pytest.fixture
def written(tmp_path: Path, at_hub: FileServer) -> Pack:
    """A pack of the hub, in a folder for the command."""
    write_pack(tmp_path / "packs", pack_document(FILES, hub(REPO)))
    return make_pack(FILES, hub(REPO))


def _soon(look: Callable[[], list[Path]]) -> list[Path]:
    deadline = time.monotonic() + TIMEOUT_S
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_killed_pull_is_gone_on_with(tmp_path: Path, home: ModelHome, at_hub: FileServer, written: Pack) -> None:
    at_hub.hold_after = 1 << 20
    process = _start(tmp_path, "pull", "tiny")
    assert at_hub.held.wait(TIMEOUT_S)
    (part,) = _soon(
        lambda: [path for path in home.folder.glob(".downloads/tiny/*.part") if path.stat().st_size >= 1 << 20]
    )
    process.send_signal(signal.SIGKILL)
    _end(process)
    assert not home.has(written)
    kept = part.stat().st_size
    at_hub.behave()
    code, said = _end(_start(tmp_path, "pull", "tiny"))
    assert code == 0, said
    assert at_hub.ranges_asked(f"/{REPO}/resolve/main/main.onnx") == ["", f"bytes={kept}-"]
    assert (home.find(written).folder / "main.onnx").read_bytes() == FILES["main.onnx"]


def test_what_a_killed_install_left_is_swept(tmp_path: Path, home: ModelHome, shelf: Path) -> None:
    half = home.folder / "tiny" / ".new-abc" / "pack"
    _fill(half, {"main.onnx": b"half"})
    pack = make_pack(FILES, folder(shelf))
    _fill(home.place(pack), {"main.onnx": b"a folder without its record"})
    assert (_pull(home, pack).folder / "main.onnx").read_bytes() == FILES["main.onnx"]
    assert not half.exists()


def test_two_pulls_at_once_do_the_work_once(tmp_path: Path, home: ModelHome, at_hub: FileServer, written: Pack) -> None:
    at_hub.hold_after = 1 << 20
    first = _start(tmp_path, "pull", "tiny")
    assert at_hub.held.wait(TIMEOUT_S)
    second = _start(tmp_path, "pull", "tiny")
    assert second.stderr is not None
    assert "waits for another pull" in second.stderr.readline()
    at_hub.behave()
    for process in (first, second):
        code, said = _end(process)
        assert code == 0, said
    assert len(at_hub.seen) == len(FILES)
    assert home.has(written)


def test_a_disk_that_fills_up_leaves_nothing_behind(
    tmp_path: Path, home: ModelHome, at_hub: FileServer, written: Pack
) -> None:
    code, said = _end(_start(tmp_path, "pull", "tiny", file_limit=1 << 20))
    assert code == 1
    assert "DISK_FULL" in said
    assert "Traceback" not in said
    assert not home.has(written)
    assert _left(home) == []


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path, shelf: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PreconditionFailed, match="FIRSTFRAME_MODELS") as caught:
        _pull(ModelHome(tmp_path / "file" / "home"), make_pack(FILES, folder(shelf)))
    assert caught.value.reason == "DISK_NOT_WRITABLE"


def test_a_pack_that_is_not_installed_is_told_with_the_command(home: ModelHome, shelf: Path) -> None:
    with pytest.raises(NotFound, match="firstframe models pull tiny"):
        home.find(make_pack(FILES, folder(shelf)))
