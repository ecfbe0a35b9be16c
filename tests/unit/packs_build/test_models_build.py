"""The command itself."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from firstframe.cli.commands.models_build import build
from firstframe.core.errors import FirstframeError, InvalidInput, NotFound, PreconditionFailed
from firstframe.packs.build.cast import parse
from firstframe.packs.build.profiles import profiles_of
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.spec import Pack

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `build` with a home and a store of the test's own; errors are raised."""
    monkeypatch.setenv("FIRSTFRAME_MODELS_STORE__FOLDER", str(tmp_path / "store"))
    app = typer.Typer()
    app.command()(build)

    def call(*arguments: str) -> Result:
        found = CliRunner().invoke(app, [*arguments, "--home", str(tmp_path / "home")])
        if isinstance(found.exception, FirstframeError):
            raise found.exception
        return found

    return call


@pytest.fixture
def toy(write_onnx: Callable[..., Path], tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Options that name a pack with one small graph."""
    write_onnx()
    graph = {
        "file": "graph.onnx",
        "inputs": [{"name": "x", "dtype": "FP32", "shape": ["batch", 4]}],
        "outputs": [{"name": "y", "dtype": "FP32", "shape": ["batch", 4]}],
        "precision": "fp16",
        "batching": {"max_size": 4},
    }
    pack = {
        "pack": "toy",
        "version": 1,
        "purpose": "Tests",
        "licence": {"spdx": "MIT", "commercial": True, "url": "https://example.org"},
        "sources": [{"kind": "file", "path": "somewhere"}],
        "downloads": [{"name": "graph.onnx", "sha256": "0" * 64, "size_bytes": 1}],
        "graphs": [graph],
    }
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs/toy.yaml").write_text(yaml.safe_dump(pack))
    yield "toy", "--packs", str(tmp_path / "packs"), "--onnx", str(tmp_path)


LEARNED = [pack for pack in read_catalogue(CHECKOUT) if pack.pipeline]


@pytest.mark.parametrize("pack", LEARNED, ids=lambda pack: pack.pack)
def test_a_dry_run_prints_commands_with_every_shape(run: Run, pack: Pack) -> None:
    printed = run(pack.pack, "--arch", "sm_90", "--dry-run").stdout
    commands = [shlex.split(line) for line in printed.splitlines() if line and not line.startswith("#")]
    builds = [argv for argv in commands if argv[0] == "trtexec"]
    assert len(builds) == len(pack.graphs)
    for argv, graph in zip(builds, pack.graphs, strict=True):
        profiles = profiles_of(graph)
        assert [part for part in argv if part.startswith("--profile=")] == [
            f"--profile={n}" for n in range(len(profiles))
        ]
        assert [part.partition("=")[2] for part in argv if part.startswith("--optShapes=")] == [
            profile.spec(lambda shapes: shapes.opt) for profile in profiles
        ]
        for tensor in graph.inputs:
            for bucket in graph.buckets or ({},):
                lengths = {"batch": graph.batching.max_size, **bucket}
                shape = "x".join(str(lengths.get(axis, axis)) for axis in tensor.shape)
                varies = any(isinstance(axis, str) for axis in tensor.shape)
                assert varies == any(f"{tensor.name}:{shape}" in part for part in argv if part.startswith("--max"))
    casts = [argv for argv in commands if "firstframe.packs.build.cast" in argv]
    assert len(casts) == sum(graph.precision != "fp32" for graph in pack.graphs)
    lowered = [graph for graph in pack.graphs if graph.precision != "fp32"]
    for argv, graph in zip(casts, lowered, strict=True):
        given = [parse(part.partition("=")[2]) for part in argv if part.startswith("--input=")]
        assert [tensor.name for tensor in given] == [tensor.name for tensor in graph.inputs]
        assert [tensor.value_range for tensor in given] == [tensor.value_range for tensor in graph.inputs]


def test_a_dry_run_in_a_path_with_spaces_can_be_pasted(run: Run, toy: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / "a folder"
    place.mkdir()
    (tmp_path / "graph.onnx").rename(place / "graph.onnx")
    printed = run(*toy[:3], "--onnx", str(place), "--arch", "sm_90", "--dry-run").stdout
    assert f"--onnx={place}/graph.onnx" in shlex.split(printed, comments=True)


def test_a_dry_run_names_the_key_once_the_version_is_known(run: Run, toy: tuple[str, ...]) -> None:
    without = json.loads(run(*toy, "--arch", "sm_90", "--dry-run", "--json").stdout)["engines"][0]
    assert without["key"] is None
    assert "give --tensorrt-version" in without["reason"]
    one = json.loads(run(*toy, "--arch", "sm_90", "--dry-run", "--json", "--tensorrt-version", "11.1.0.106").stdout)
    assert len(one["engines"][0]["key"]) == 64
    assert one["engines"][0]["reason"] == "no engine of this graph is stored for this architecture"
    assert [argv[0] for argv in one["engines"][0]["commands"]] == ["mkdir", "python3", "trtexec"]


def test_a_build_and_then_a_dry_run_that_finds_it(run: Run, toy: tuple[str, ...], nvidia: Path) -> None:
    built = json.loads(run(*toy, "--arch", "sm_90", "--json").stdout)
    assert built["action"] == "build"
    again = json.loads(run(*toy, "--arch", "sm_90", "--json").stdout)
    assert (again["action"], again["key"], again["blob"]) == ("reuse", built["key"], built["blob"])
    seen = run(*toy, "--arch", "sm_90", "--dry-run", "--tensorrt-version", "11.1.0.106").stdout
    assert f"# key {built['key']}" in seen
    assert "trtexec" not in seen
    other = run(*toy, "--arch", "sm_90", "--dry-run", "--tensorrt-version", "11.2.0.1").stdout
    assert "rebuild; changed since" in other
    assert ": tensorrt\n" in other


def test_without_a_gpu_it_says_what_to_do(run: Run, toy: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PreconditionFailed, match="add --dry-run to see the commands") as caught:
        run(*toy, "--arch", "sm_90")
    assert caught.value.reason == "TENSORRT_MISSING"


def test_a_graph_that_was_not_exported_is_named(run: Run, toy: tuple[str, ...], nvidia: Path, tmp_path: Path) -> None:
    (tmp_path / "graph.onnx").unlink()
    with pytest.raises(NotFound, match=r"graph\.onnx; export it first"):
        run(*toy, "--arch", "sm_90")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sdxl", "--arch", "sm_50"), "--arch: 'sm_50'"),
        (
            ("sdxl", "--arch", "sm_90", "--graph", "unit"),
            "--graph: sdxl has no ONNX graph unit; use one of unet, vae-dec",
        ),
    ],
)
def test_wrong_arguments_are_named(run: Run, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        run(*arguments, "--dry-run")


def test_one_graph_can_be_chosen(run: Run) -> None:
    printed = run("sdxl", "--arch", "sm_90", "--dry-run", "--graph", "vae-decoder", "--json").stdout
    assert [engine["model"] for engine in json.loads(printed)["engines"]] == ["sdxl-vae-decoder"]


def test_other_targets_are_refused(run: Run) -> None:
    assert run("sdxl", "--arch", "sm_90", "--target", "openvino").exit_code == 2
