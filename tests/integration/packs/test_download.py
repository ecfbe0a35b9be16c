"""Downloads from a real server that cuts connections, forgets ranges, and changes its files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from firstframe.adapters.fetch.hub import HubFiles, ModelHub
from firstframe.core.errors import DataCorrupted, NotFound, PermissionDenied, PreconditionFailed, Unavailable
from support.file_server import FileServer
from support.local_servers import free_port

DATA = os.urandom(3 << 20)
PATH = "/someone/tiny/resolve/main/main.onnx"

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def files(server: FileServer) -> HubFiles:
    server.files[PATH] = DATA
    return HubFiles(ModelHub(server.address), "someone/tiny", "main")


def _fetch(files: HubFiles, folder: Path, size: int = len(DATA)) -> tuple[bool, bytes, list[int]]:
    reports: list[int] = []
    continued = files.fetch("main.onnx", folder / "got", size_bytes=size, report=reports.append)
    return continued, (folder / "got").read_bytes(), reports


def test_a_file_comes_whole_and_leaves_nothing_else(files: HubFiles, tmp_path: Path) -> None:
    continued, data, reports = _fetch(files, tmp_path)
    assert data == DATA
    assert not continued
    assert reports == sorted(reports)
    assert reports[-1] == len(DATA)
    assert [path.name for path in tmp_path.iterdir()] == ["got"]


def test_a_connection_that_is_cut_is_gone_on_with(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.cuts += [1_000_000, 500_000]
    continued, data, _ = _fetch(files, tmp_path)
    assert data == DATA
    assert continued
    assert server.ranges_asked(PATH) == ["", "bytes=1000000-", "bytes=1500000-"]
    assert server.seen[1].headers["if-range"] == server.etag(PATH)


def test_a_later_call_goes_on_where_the_last_one_gave_up(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.cuts += [2_000_000, 0, 0, 0, 0]
    with pytest.raises(Unavailable) as caught:
        _fetch(files, tmp_path)
    assert caught.value.reason == "SOURCE_UNREACHABLE"
    assert (tmp_path / "got.part").stat().st_size == 2_000_000
    assert not (tmp_path / "got").exists()
    server.seen.clear()
    continued, data, _ = _fetch(files, tmp_path)
    assert data == DATA
    assert continued
    assert server.ranges_asked(PATH) == ["bytes=2000000-"]


def test_a_server_without_ranges_starts_again(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.ranges = False
    server.cuts += [1_000_000]
    _, data, _ = _fetch(files, tmp_path)
    assert data == DATA
    assert server.ranges_asked(PATH) == ["", "bytes=1000000-"]


def test_a_file_that_changed_meanwhile_is_not_spliced(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.cuts += [1_000_000, 0, 0, 0, 0]
    with pytest.raises(Unavailable):
        _fetch(files, tmp_path)
    server.files[PATH] = other = os.urandom(len(DATA))
    assert _fetch(files, tmp_path)[1] == other


def test_what_another_address_gave_is_not_gone_on_with(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.cuts += [1_000_000, 0, 0, 0, 0]
    with pytest.raises(Unavailable):
        _fetch(files, tmp_path)
    moved = PATH.replace("/main/", "/v2/")
    server.files[moved] = DATA
    later = HubFiles(ModelHub(server.address), "someone/tiny", "v2")
    assert _fetch(later, tmp_path)[1] == DATA
    assert server.ranges_asked(moved) == [""]


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
@pytest.mark.parametrize("lengths", [True, False])
def test_a_file_of_another_size_is_refused(
    files: HubFiles, server: FileServer, tmp_path: Path, size: int, lengths: bool
) -> None:
    server.lengths, server.ranges = lengths, False
    with pytest.raises((DataCorrupted, Unavailable)) as caught:
        _fetch(files, tmp_path, size)
    too_long = size < len(DATA)
    # A body of unknown length that ends early looks like one that was cut off.
    assert caught.value.reason == ("DOWNLOAD_WRONG_SIZE" if lengths or too_long else "SOURCE_UNREACHABLE")
    assert not (tmp_path / "got").exists()
    assert not too_long or not (tmp_path / "got.part").exists()


def test_an_endless_body_is_cut_at_the_size(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.lengths = False
    server.files[PATH] = bytes(256 << 20)
    with pytest.raises(DataCorrupted, match="goes on beyond that") as caught:
        _fetch(files, tmp_path, 1_000_000)
    assert caught.value.reason == "DOWNLOAD_WRONG_SIZE"
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_has_fewer_bytes_than_before_is_told(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "got.part").write_bytes(DATA[:2_000_000])
    server.files[PATH] = DATA[:1_000_000]
    url = f"{server.address}{PATH}"
    (tmp_path / "got.part.json").write_text(f'{{"origin": "{url}", "validator": {_quoted(server.etag(PATH))}}}')
    with pytest.raises(DataCorrupted, match="has 1000000 bytes"):
        _fetch(files, tmp_path)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def test_a_server_that_is_busy_is_asked_again(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.statuses += [503, 429, 500]
    assert _fetch(files, tmp_path)[1] == DATA


def test_a_server_that_stays_busy_counts_as_unreachable(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.statuses += [503] * 10
    with pytest.raises(Unavailable, match="answered 503"):
        _fetch(files, tmp_path)
    assert len(server.seen) == 4


def test_a_file_that_is_not_there_is_told(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    server.files.clear()
    with pytest.raises(NotFound, match="HTTP 404") as caught:
        _fetch(files, tmp_path)
    assert caught.value.reason == "FILE_NOT_FOUND"


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_file_is_told_with_what_to_do(files: HubFiles, server: FileServer, tmp_path: Path, status: int) -> None:
    server.statuses += [status]
    with pytest.raises(PermissionDenied, match="HF_TOKEN") as caught:
        _fetch(files, tmp_path)
    assert caught.value.reason == "SOURCE_REFUSED"


def test_nobody_listens(tmp_path: Path) -> None:
    files = HubFiles(ModelHub(f"http://127.0.0.1:{free_port()}"), "someone/tiny", "main")
    with pytest.raises(Unavailable, match="look at the network"):
        _fetch(files, tmp_path)


def test_redirects_are_followed_and_gone_on_with(files: HubFiles, server: FileServer, tmp_path: Path) -> None:
    del server.files[PATH]
    server.files["/cdn/blob"] = DATA
    server.redirects[PATH] = f"{server.address}/cdn/blob"
    server.cuts += [1_000_000]
    assert _fetch(files, tmp_path)[1] == DATA
    assert server.ranges_asked("/cdn/blob") == ["", "bytes=1000000-"]


def test_a_folder_that_is_not_there_is_told(files: HubFiles, tmp_path: Path) -> None:
    with pytest.raises((PreconditionFailed, Unavailable)):
        files.fetch("main.onnx", tmp_path / "gone" / "got", size_bytes=len(DATA), report=lambda _: None)
