"""Locks made from a hub's API, and pulls by lock, against a local server that speaks the same paths."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from firstframe.adapters.fetch.hub import ModelHub
from firstframe.cli.models_origins import LiveOrigins, open_hub
from firstframe.core.errors import (
    DataCorrupted,
    InvalidInput,
    NotFound,
    PermissionDenied,
    PreconditionFailed,
    Unavailable,
)
from firstframe.packs.installed import ModelHome
from firstframe.packs.lock import make_lock, with_lock, write_lock
from firstframe.packs.pull import Puller
from firstframe.packs.spec import Pack
from support.file_server import FileServer, serving_files
from support.pack_files import Notes, hub, make_pack, sha256

COMMIT = "fedcba98" * 5
REPO = "someone/tiny"
PIPELINE = {"class_name": "TinyPipeline", "modules": {}, "steps": 1, "guidance": 0, "native": {}}
FILES = {
    "model_index.json": b"{}",
    "README.md": b"read me",
    "unet/config.json": b'{"in": 4}',
    "unet/diffusion_pytorch_model.safetensors": b"U" * 5000,
    "unet/diffusion_pytorch_model.fp16.safetensors": b"H" * 2500,
    "vae/diffusion_pytorch_model.safetensors": b"V" * 3000,
    "tokenizer/merges.txt": b"a b",
    "all-in-one.safetensors": b"A" * 9000,
}
LARGE = ".safetensors"
TAKEN = {
    "model_index.json",
    "tokenizer/merges.txt",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.safetensors",
}

pytestmark = pytest.mark.usefixtures("impatient")


def _entry(name: str, data: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
    return entry | ({"lfs": {"oid": sha256(data), "size": len(data)}} if name.endswith(LARGE) else {})


def _publish(server: FileServer, files: dict[str, bytes] = FILES) -> None:
    tree = [{"type": "directory", "path": "unet", "size": 0}, *(_entry(name, data) for name, data in files.items())]
    server.put_json(f"/api/models/{REPO}/revision/main", {"sha": COMMIT, "id": REPO})
    server.put_json(f"/api/models/{REPO}/tree/{COMMIT}?recursive=true", tree)
    for name, data in files.items():
        server.files[f"/{REPO}/resolve/{COMMIT}/{name}"] = data


def _pack(**more: Any) -> Pack:
    return make_pack({"x": b"x"}, hub(REPO) | more, downloads=[], graphs=[], pipeline=PIPELINE)


@pytest.fixture
def published(server: FileServer) -> FileServer:
    _publish(server)
    return server


def test_a_lock_has_what_diffusers_loads_by_digest_and_size(published: FileServer) -> None:
    lock = make_lock(_pack(), ModelHub(published.address))
    assert lock.commit == COMMIT
    assert {file.name for file in lock.files} == TAKEN
    for file in lock.files:
        assert (file.sha256, file.size_bytes) == (sha256(FILES[file.name]), len(FILES[file.name]))


def test_weights_are_not_fetched_for_a_lock(published: FileServer) -> None:
    make_lock(_pack(), ModelHub(published.address))
    fetched = [seen.path for seen in published.seen if "/resolve/" in seen.path]
    assert len(fetched) == 3
    assert not any(path.endswith(LARGE) for path in fetched)


def test_a_pack_may_say_which_files_it_takes(published: FileServer) -> None:
    pack = _pack(include=["*.safetensors", "!*/*"])
    lock = make_lock(pack, ModelHub(published.address))
    assert [file.name for file in lock.files] == ["all-in-one.safetensors"]


def test_what_is_locked_can_be_pulled_and_is_what_was_locked(
    published: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", published.address)
    write_lock(make_lock(_pack(), open_hub()), tmp_path / "locks")
    pack = with_lock(_pack(), tmp_path / "locks")
    installed = Puller(ModelHome(tmp_path / "home"), LiveOrigins(), Notes()).pull(pack)
    assert set(installed.files) == TAKEN
    for name in TAKEN:
        assert (installed.folder / name).read_bytes() == FILES[name]


def test_without_a_lock_nothing_is_pulled(tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed, match="firstframe models lock tiny") as caught:
        Puller(ModelHome(tmp_path / "home"), LiveOrigins(), Notes()).pull(_pack())
    assert caught.value.reason == "PACK_NOT_LOCKED"
    assert not (tmp_path / "home").exists()


def test_pages_of_a_long_listing_are_followed(server: FileServer) -> None:
    _publish(server)
    first, second = f"/api/models/{REPO}/tree/{COMMIT}?recursive=true", "/page2"
    server.put_json(
        second, [_entry("vae/diffusion_pytorch_model.safetensors", FILES["vae/diffusion_pytorch_model.safetensors"])]
    )
    server.put_json(first, [_entry("model_index.json", b"{}")])
    server.links[first] = f'<{server.address}{second}>; rel="next"'
    lock = make_lock(_pack(), ModelHub(server.address))
    assert {file.name for file in lock.files} == {"model_index.json", "vae/diffusion_pytorch_model.safetensors"}


def test_pickles_of_a_repository_are_refused(server: FileServer) -> None:
    _publish(server, FILES | {"unet/diffusion_pytorch_model.bin": b"P"})
    with pytest.raises(PreconditionFailed, match=r"diffusion_pytorch_model\.bin") as caught:
        make_lock(_pack(include=["unet/*"]), ModelHub(server.address))
    assert caught.value.reason == "PICKLE_REFUSED"


def test_names_that_lead_elsewhere_are_refused_and_not_fetched(server: FileServer) -> None:
    _publish(server, {"x/../../escape.json": b"{}"})
    with pytest.raises(InvalidInput, match="escape"):
        make_lock(_pack(), ModelHub(server.address))
    assert not any("escape" in seen.path for seen in server.seen)


def test_large_files_without_a_digest_are_refused(server: FileServer) -> None:
    _publish(server)
    entry = {"type": "file", "path": "unet/big.json", "size": 1 << 40}
    server.put_json(f"/api/models/{REPO}/tree/{COMMIT}?recursive=true", [entry])
    with pytest.raises(InvalidInput) as caught:
        make_lock(_pack(), ModelHub(server.address))
    assert caught.value.reason == "FILE_TOO_LARGE"


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_small_files_are_of_the_size_that_the_hub_says(server: FileServer, size: int) -> None:
    _publish(server)
    server.put_json(
        f"/api/models/{REPO}/tree/{COMMIT}?recursive=true", [{"type": "file", "path": "model_index.json", "size": size}]
    )
    with pytest.raises(DataCorrupted) as caught:
        make_lock(_pack(), ModelHub(server.address))
    assert caught.value.reason == "DOWNLOAD_WRONG_SIZE"


def test_nothing_that_matches_is_told(published: FileServer) -> None:
    with pytest.raises(NotFound, match="include") as caught:
        make_lock(_pack(include=["*.gguf"]), ModelHub(published.address))
    assert caught.value.reason == "NOTHING_TO_LOCK"


def test_a_pack_without_a_hub_has_nothing_to_lock(tmp_path: Path) -> None:
    pack = make_pack({"main.onnx": b"w"}, {"kind": "file", "path": str(tmp_path)})
    with pytest.raises(NotFound) as caught:
        make_lock(pack, ModelHub("http://127.0.0.1:1"))
    assert caught.value.reason == "NO_HUB_SOURCE"


def test_a_server_that_is_no_hub_is_told(server: FileServer) -> None:
    server.files[f"/api/models/{REPO}/revision/main"] = b"<html>"
    with pytest.raises(Unavailable, match="HF_ENDPOINT"):
        make_lock(_pack(), ModelHub(server.address))


def test_a_hub_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable, match="HF_ENDPOINT"):
        make_lock(_pack(), ModelHub("http://127.0.0.1:1"))


def test_a_gated_repository_is_told_with_what_to_do(server: FileServer) -> None:
    server.statuses += [403]
    with pytest.raises(PermissionDenied, match="accept the terms") as caught:
        make_lock(_pack(), ModelHub(server.address, "hf_secret"))
    assert "hf_secret" not in str(caught.value)


def test_the_token_goes_to_the_hub_and_to_nobody_else(
    published: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HF_ENDPOINT", published.address)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    name = "vae/diffusion_pytorch_model.safetensors"
    with serving_files() as cdn:
        cdn.files["/blob"] = FILES[name]
        # Another name of the same machine is another host.
        published.redirects[f"/{REPO}/resolve/{COMMIT}/{name}"] = (
            cdn.address.replace("127.0.0.1", "localhost") + "/blob"
        )
        open_hub().fetch(REPO, COMMIT, name, tmp_path / "got", size_bytes=3000, report=lambda _: None)
        assert "authorization" not in cdn.seen[0].headers
    assert published.seen[0].headers["authorization"] == "Bearer hf_secret"
    assert (tmp_path / "got").read_bytes() == FILES[name]
    assert "hf_secret" not in caplog.text
