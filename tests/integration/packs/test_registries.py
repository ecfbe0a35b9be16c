"""The registries' own clients, real pip and npm, against registries of this machine."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from firstframe.adapters.fetch import registries
from firstframe.adapters.fetch.registries import NpmArchives, PipArchives
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import DataCorrupted, PreconditionFailed, Unavailable
from firstframe.packs.installed import ModelHome
from firstframe.packs.pull import Puller
from support.file_server import FileServer
from support.pack_files import Notes, download, folder, make_pack, sha256
from support.tools import require_tool

MODEL = b"weights" * 1000
MEMBER = "tiny_weights/model.onnx"
NPM_MEMBER = "package/dist/model.onnx"


def _wheel(tag: str, model: bytes = MODEL) -> tuple[str, bytes]:
    about = "tiny_weights-1.0.dist-info"
    members = {
        MEMBER: model,
        f"{about}/METADATA": b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n",
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
        f"{about}/RECORD": b"",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return f"tiny_weights-1.0-{tag}.whl", out.getvalue()


@pytest.fixture
def index(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bytes]]:
    """Publishes wheels of `tiny-weights` on an index that is the only one pip knows."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple/")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)

    def publish(*tags: str) -> list[bytes]:
        wheels = dict(_wheel(tag, MODEL + tag.encode()) for tag in tags)
        links = [f'<a href="/wheels/{name}#sha256={sha256(data)}">{name}</a>' for name, data in wheels.items()]
        server.files["/simple/tiny-weights/"] = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()
        server.types["/simple/tiny-weights/"] = "text/html"
        server.files |= {f"/wheels/{name}": data for name, data in wheels.items()}
        return list(wheels.values())

    return publish


def _fetch(wheel: bytes, tmp_path: Path, package: str = "tiny-weights==1.0") -> list[int]:
    reports: list[int] = []
    PipArchives().fetch(package, tmp_path / "got", sha256=sha256(wheel), size_bytes=len(wheel), report=reports.append)
    return reports


def test_pip_takes_the_wheel_of_that_digest_whatever_machine_this_is(
    index: Callable[..., list[bytes]], tmp_path: Path
) -> None:
    wheels = index("cp311-cp311-manylinux_2_28_x86_64", "cp312-cp312-win_amd64", "cp311-cp311-manylinux2014_x86_64")
    for wheel in (wheels[0], wheels[2]):
        reports = _fetch(wheel, tmp_path)
        assert (tmp_path / "got").read_bytes() == wheel
        assert reports[-1] == len(wheel)
    assert [path.name for path in tmp_path.iterdir()] == ["got"]


def test_pip_takes_a_wheel_for_every_machine(index: Callable[..., list[bytes]], tmp_path: Path) -> None:
    (wheel,) = index("py3-none-any")
    _fetch(wheel, tmp_path)
    assert (tmp_path / "got").read_bytes() == wheel


def test_a_wheel_of_another_digest_is_not_taken(index: Callable[..., list[bytes]], tmp_path: Path) -> None:
    index("py3-none-any")
    with pytest.raises(Unavailable, match=r"pip could not fetch tiny-weights==1\.0") as caught:
        _fetch(b"another", tmp_path)
    assert caught.value.reason == "REGISTRY_FAILED"
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_not_there_is_told_in_pips_words(index: Callable[..., list[bytes]], tmp_path: Path) -> None:
    (wheel,) = index("py3-none-any")
    with pytest.raises(Unavailable, match="No matching distribution"):
        _fetch(wheel, tmp_path, "other-weights==1.0")


def test_what_is_far_larger_than_the_pack_says_is_stopped(
    index: Callable[..., list[bytes]], server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wheel,) = index("py3-none-any")
    name = _wheel("py3-none-any")[0]
    server.files[f"/wheels/{name}"] = bytes(300 << 20)
    server.hold_after = 80 << 20
    monkeypatch.setattr(registries, "POLL_S", 0.02)
    with pytest.raises(DataCorrupted, match="far larger") as caught:
        _fetch(wheel, tmp_path)
    assert caught.value.reason == "DOWNLOAD_WRONG_SIZE"
    assert list(tmp_path.iterdir()) == []


def test_without_a_client_the_next_source_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries.shutil, "which", lambda name: None)
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "main.onnx").write_bytes(MODEL)
    npm = {"kind": "npm", "package": "tiny-weights@1.0.0", "sha256": "0" * 64, "size_bytes": 10}
    notes = Notes()
    pack = make_pack({"main.onnx": MODEL}, npm, folder(tmp_path / "shelf"))
    installed = Puller(ModelHome(tmp_path / "home"), LiveOrigins(), notes).pull(pack)
    assert (installed.folder / "main.onnx").read_bytes() == MODEL
    assert any("install Node.js" in line for line in notes.said)


def test_no_client_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries.shutil, "which", lambda name: None)
    monkeypatch.setattr(registries, "find_spec", lambda name: None)
    for archives in (PipArchives(), NpmArchives()):
        with pytest.raises(PreconditionFailed) as caught:
            archives.fetch("x==1", tmp_path / "got", sha256="0" * 64, size_bytes=1, report=lambda _: None)
        assert caught.value.reason == "CLIENT_MISSING"


@pytest.fixture
def tarball(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """`@someone/tiny-weights@1.0.0` on a registry that is the only one npm knows."""
    require_tool("npm")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in (
            ("package/package.json", b'{"name":"@someone/tiny-weights","version":"1.0.0"}'),
            (NPM_MEMBER, MODEL),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    data = out.getvalue()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    dist = {"tarball": f"{server.address}/tiny.tgz", "integrity": integrity}
    version = {"name": "@someone/tiny-weights", "version": "1.0.0", "dist": dist}
    server.put_json(
        "/@someone%2ftiny-weights",
        {"name": "@someone/tiny-weights", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}},
    )
    server.files["/tiny.tgz"] = data
    monkeypatch.setenv("npm_config_registry", server.address)
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    return data


def test_a_pack_is_pulled_from_npm(tarball: bytes, tmp_path: Path) -> None:
    source = {
        "kind": "npm",
        "package": "@someone/tiny-weights@1.0.0",
        "sha256": sha256(tarball),
        "size_bytes": len(tarball),
    }
    pack = make_pack({"m.onnx": MODEL}, source, downloads=[download("m.onnx", MODEL, npm=NPM_MEMBER)])
    home = ModelHome(tmp_path / "home")
    notes = Notes()
    installed = Puller(home, LiveOrigins(), notes).pull(pack)
    assert (installed.folder / "m.onnx").read_bytes() == MODEL
    assert notes.last["@someone/tiny-weights@1.0.0"] == (len(tarball), len(tarball))
    assert not list(home.folder.glob(".downloads/*"))


@pytest.mark.parametrize(("change", "reason"), [("sha256", "DOWNLOAD_CORRUPT"), ("size_bytes", "DOWNLOAD_WRONG_SIZE")])
def test_an_archive_that_is_another_is_refused(tarball: bytes, tmp_path: Path, change: str, reason: str) -> None:
    source = {
        "kind": "npm",
        "package": "@someone/tiny-weights@1.0.0",
        "sha256": sha256(tarball),
        "size_bytes": len(tarball),
    }
    wrong = source | ({"sha256": "0" * 64} if change == "sha256" else {"size_bytes": len(tarball) + 1})
    pack = make_pack({"m.onnx": MODEL}, wrong, downloads=[download("m.onnx", MODEL, npm=NPM_MEMBER)])
    home = ModelHome(tmp_path / "home")
    with pytest.raises(DataCorrupted) as caught:
        Puller(home, LiveOrigins(), Notes()).pull(pack)
    assert caught.value.reason == reason
    assert not home.has(pack)
    assert not [path for path in home.folder.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_registry_that_fails_is_told_in_npms_words(tarball: bytes, server: FileServer, tmp_path: Path) -> None:
    server.files.clear()
    with pytest.raises(Unavailable, match=r"npm could not fetch .*404") as caught:
        NpmArchives().fetch(
            "@someone/tiny-weights@1.0.0", tmp_path / "got", sha256="0" * 64, size_bytes=1, report=lambda _: None
        )
    assert caught.value.reason == "REGISTRY_FAILED"


@pytest.mark.parametrize("client", ["pip", "npm"])
def test_a_registry_that_nobody_answers_for_is_told_as_such(
    client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    archives = PipArchives() if client == "pip" else NpmArchives()
    package, reports = "tiny-weights==1.0" if client == "pip" else "tiny-weights@1.0.0", []

    with pytest.raises(
        Unavailable, match=f"{client} cannot reach its registry for {package}; .*{client} config"
    ) as caught:
        archives.fetch(package, tmp_path / "got", sha256="0" * 64, size_bytes=1 << 30, report=reports.append)

    assert caught.value.reason == "REGISTRY_FAILED"
    assert 1 << 30 not in reports
