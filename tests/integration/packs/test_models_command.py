"""`firstframe models` as a user types it, with a small pack of a real graph."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from firstframe.cli.main import main
from support import tiny_models
from support.pack_files import download, folder, write_pack

Command = Callable[..., tuple[int, str, str]]
INPUT = {"dtype": "FP32", "shape": ["batch", 3], "value_range": [-1, 1]}


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `firstframe models …` on folders of this test; gives code, standard output and standard error."""
    monkeypatch.setenv("FIRSTFRAME_MODELS", str(tmp_path / "home"))
    monkeypatch.setenv("PACKS_DIR", str(tmp_path / "packs"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["firstframe", "models", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """A pack that adds, its golden still to be measured."""
    (tmp_path / "shelf").mkdir()
    served = tiny_models.add(tmp_path / "shelf")
    graph = {
        "file": "add.onnx",
        "inputs": [{"name": "a"} | INPUT, {"name": "b"} | INPUT],
        "outputs": [{"name": "c", "dtype": "FP32", "shape": ["batch", 3]}],
        "batching": {"max_size": 8},
        "gpu_memory_mb": 2560,
    }
    licence = {"spdx": "LicenseRef-T", "commercial": False, "url": "https://example.org/t", "acceptance": True}
    made = {
        "pack": "adder",
        "version": 3,
        "purpose": "Adds [numbers]",
        "licence": licence,
        "sources": [folder(tmp_path / "shelf")],
        "downloads": [download("add.onnx", served.file.read_bytes())],
        "graphs": [graph],
    }
    write_pack(tmp_path / "packs", made)
    return made


@pytest.fixture
def installed(tmp_path: Path, command: Command, document: dict[str, Any]) -> Path:
    """The pack with a golden, installed; gives its file."""
    assert command("pull", "adder", "--accept-licence", "LicenseRef-T")[0] == 0
    measured = yaml.safe_load(command("golden", "adder", "--seed", "7", "--atol", "0.001")[1])
    write_pack(tmp_path / "packs", document | measured)
    return next((tmp_path / "home").glob("adder/*/add.onnx"))


def test_a_list_tells_licence_size_and_state(command: Command, document: dict[str, Any]) -> None:
    code, out, _ = command("list")
    assert code == 0
    assert out.splitlines()[0].split() == ["pack", "version", "licence", "commercial", "use", "size", "installed"]
    assert out.splitlines()[1].split() == ["adder", "3", "LicenseRef-T", "no", "0.0", "MB", "no"]
    command("pull", "adder", "--accept-licence", "LicenseRef-T")
    (pack,) = json.loads(command("list", "--json")[1])["packs"]
    assert pack["installed"] is True
    assert pack["size_bytes"] == document["downloads"][0]["size_bytes"]
    assert (Path(pack["folder"]) / "add.onnx").is_file()


def test_one_pack_is_shown_with_everything_a_user_has_to_know(command: Command, document: dict[str, Any]) -> None:
    code, out, _ = command("show", "adder")
    assert code == 0
    for fact in (
        "Adds [numbers]",
        "https://example.org/t",
        "--accept-licence LicenseRef-T",
        "batch × 3",
        "-1 to 1",
        "shelf",
        "2.5 GiB with all graphs loaded",
        "onnx, fp32, batches up to 8, 2560 MiB on a GPU",
    ):
        assert fact in out
    assert json.loads(command("show", "adder", "--json")[1])["spec"]["version"] == 3


def test_a_pull_needs_the_licence_and_says_so(command: Command, document: dict[str, Any], tmp_path: Path) -> None:
    code, _, errors = command("pull", "adder")
    assert code == 1
    assert "add --accept-licence LicenseRef-T [LICENCE_NOT_ACCEPTED]" in errors
    assert not (tmp_path / "home").exists()


def test_a_second_pull_says_that_nothing_was_to_do(command: Command, installed: Path) -> None:
    code, out, errors = command("pull", "adder", "adder")
    assert code == 0
    assert out == f"adder was installed in {installed.parent}\n"
    assert errors == ""


def test_a_name_that_is_nearly_right_is_told(command: Command, document: dict[str, Any]) -> None:
    for words in (("pull", "ader"), ("show", "ader"), ("verify", "ader"), ("golden", "ader"), ("lock", "ader")):
        code, _, errors = command(*words)
        assert (code, errors) == (1, "error: no pack is named ader; did you mean adder? [PACK_NOT_FOUND]\n")


def test_a_typo_in_a_pack_names_file_and_field(command: Command, document: dict[str, Any], tmp_path: Path) -> None:
    file = write_pack(tmp_path / "packs", document | {"purpos": "x"})
    code, _, errors = command("list")
    assert code == 2
    assert f"{file}: purpos: Extra inputs are not permitted" in errors


def test_what_was_measured_is_what_verify_sees(command: Command, installed: Path) -> None:
    code, out, _ = command("verify")
    assert code == 0
    assert out.splitlines()[1].split()[:4] == ["adder", "1", "whole", "adder"]
    assert out.splitlines()[1].split()[-1] == "ok"
    (found,) = json.loads(command("verify", "adder", "--json")[1])["packs"]
    assert found["passes"]
    assert found["runs"][0]["difference"] < 1e-5


def test_a_graph_that_computes_something_else_fails(
    command: Command, installed: Path, document: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "packs" / "adder.yaml"
    changed = yaml.safe_load(file.read_text())
    changed["goldens"][0]["outputs"]["c"]["values"][1] += 0.01
    write_pack(tmp_path / "packs", changed)
    code, out, _ = command("verify")
    assert code == 1
    assert "FAILS" in out


def test_a_file_that_was_changed_fails_and_is_repaired(command: Command, installed: Path) -> None:
    data = bytearray(installed.read_bytes())
    data[len(data) // 2] ^= 1
    installed.write_bytes(data)
    code, out, _ = command("verify")
    assert code == 1
    assert "add.onnx was changed; run `firstframe models pull --again adder` [PACK_CORRUPT]" in out
    assert command("pull", "--again", "adder", "--accept-licence", "LicenseRef-T")[0] == 0
    assert command("verify")[0] == 0


@pytest.mark.parametrize("missing", [True, False])
def test_files_that_are_missing_or_too_many_fail(command: Command, installed: Path, missing: bool) -> None:
    if missing:
        installed.unlink()
    else:
        (installed.parent / "extra.onnx").write_bytes(b"x")
    code, out, _ = command("verify")
    assert code == 1
    assert ("add.onnx is missing" if missing else "extra.onnx does not belong there") in out


@pytest.mark.parametrize("text", ["{", "[]", '{"files": 1}'])
def test_a_record_that_was_damaged_is_told_and_repaired(command: Command, installed: Path, text: str) -> None:
    (installed.parent / "installed.json").write_text(text)
    code, _, errors = command("verify", "adder")
    assert code == 1
    assert "installed.json is damaged; run `firstframe models pull --again adder` [PACK_CORRUPT]" in errors
    assert command("pull", "--again", "adder", "--accept-licence", "LicenseRef-T")[0] == 0
    assert command("verify")[0] == 0


@pytest.mark.parametrize("address", ["http://127.0.0.1:8001", "localhost", ":8001", "host:grpc"])
@pytest.mark.parametrize("verb", ["verify", "bench"])
def test_what_is_no_address_of_a_server_is_refused(command: Command, installed: Path, verb: str, address: str) -> None:
    code, _, errors = command(verb, "adder", "--triton", address)
    assert code == 2
    assert f"--triton: {address} is no address; give host:port" in errors


def test_a_server_that_is_not_there_is_told(command: Command, installed: Path) -> None:
    code, out, _ = command("verify", "--triton", "127.0.0.1:1")
    assert code == 1
    assert "1 whole" in out
    assert "MODEL_SERVER_UNAVAILABLE" in out


def test_a_bench_measures_each_number_of_callers_and_the_first_again(command: Command, installed: Path) -> None:
    words = ("bench", "adder", "--callers", "1", "--callers", "2", "--seconds", "0", "--axis", "batch=4")
    code, out, _ = command(*words)
    assert code == 0
    assert out.splitlines()[1].split()[:3] == ["adder", "batch", "4"]
    assert "1 again" in out.splitlines()[3]
    (found,) = json.loads(command(*words, "--json")[1])["models"]
    assert [rate["concurrent"] for rate in found["rates"]] == [1, 2]
    assert min(found["load_s"], found["first_s"], found["again"]["per_s"]) > 0


def test_a_bench_says_what_it_cannot_measure(command: Command, installed: Path) -> None:
    code, _, errors = command("bench", "adder", "--axis", "batch")
    assert (code, "--axis: batch is no length; give one such as height=256" in errors) == (2, True)
    code, _, errors = command("bench", "adder", "--graph", "other")
    assert (code, "adder has no other; its graphs are main" in errors) == (2, True)
    code, _, errors = command("bench", "adder", "--triton", "127.0.0.1:1", "--seconds", "0")
    assert (code, "MODEL_SERVER_UNAVAILABLE" in errors) == (1, True)


def test_nothing_installed_is_told_with_the_command(command: Command, document: dict[str, Any]) -> None:
    for words in (("verify",), ("verify", "adder"), ("golden", "adder"), ("bench", "adder")):
        code, _, errors = command(*words)
        assert code == 1
        assert "firstframe models pull" in errors
        assert "PACK_NOT_INSTALLED" in errors


def test_a_pack_without_a_hub_cannot_be_locked(command: Command, document: dict[str, Any]) -> None:
    code, _, errors = command("lock", "adder")
    assert code == 1
    assert "NO_HUB_SOURCE" in errors


def test_options_come_before_the_environment(command: Command, document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "packs").rename(tmp_path / "others")
    options = ["--packs", str(tmp_path / "others"), "--home", str(tmp_path / "elsewhere")]
    assert command("list")[0] == 1
    assert command("pull", "adder", "--accept-licence", "LicenseRef-T", *options)[0] == 0
    assert list((tmp_path / "elsewhere").glob("adder/*/installed.json"))


@pytest.mark.parametrize("others", [True, False])
def test_a_library_that_is_missing_is_told_with_what_to_install(
    tmp_path: Path, document: dict[str, Any], others: bool
) -> None:
    hub = {"kind": "hub", "repo": "someone/tiny", "revision": "main"}
    sources = [hub, *document["sources"]] if others else [hub]
    write_pack(tmp_path / "packs", document | {"sources": sources})
    code = "import sys; sys.modules['httpx'] = None; from firstframe.cli.main import main; main()"
    words = ["models", "pull", "adder", "--accept-licence", "LicenseRef-T"]
    folders = ["--packs", str(tmp_path / "packs"), "--home", str(tmp_path / "home")]
    done = subprocess.run([sys.executable, "-c", code, *words, *folders], capture_output=True, text=True, check=False)
    assert "this needs httpx, which is not installed; pip install 'firstframe[packs]'" in done.stderr
    assert done.returncode == (0 if others else 1)


def test_the_command_starts_without_what_only_a_pull_needs() -> None:
    heavy = ("httpx", "onnx", "torch", "tritonclient", "onnxruntime", "minio", "yaml", "pydantic")
    code = f"import sys, firstframe.cli.main; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
