from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from firstframe.core.errors import DataCorrupted, NotFound
from firstframe.packs.build.key import EngineParts, changed_parts
from firstframe.packs.build.onnx_files import read_onnx
from firstframe.packs.build.profiles import Profile, ShapeRange

PROFILE = Profile({"x": ShapeRange((1, 4), (2, 4), (8, 4))})
PARTS = EngineParts(onnx="a" * 64, tensorrt="11.1.0.106", arch="sm_90", precision="fp16", profiles=(PROFILE,))
OTHERS = {
    "onnx": replace(PARTS, onnx="b" * 64),
    "tensorrt": replace(PARTS, tensorrt="11.1.0.107"),
    "arch": replace(PARTS, arch="sm_89"),
    "precision": replace(PARTS, precision="bf16"),
    "profiles": replace(PARTS, profiles=(Profile({"x": ShapeRange((1, 4), (4, 4), (8, 4))}),)),
}


def test_each_part_changes_the_key_and_nothing_else_is_a_part() -> None:
    keys = {PARTS.key, *(other.key for other in OTHERS.values())}
    assert len(keys) == 1 + len(OTHERS)
    assert set(OTHERS) == set(PARTS.as_json()) == set(EngineParts.__slots__)


def test_the_key_is_the_digest_of_sorted_json() -> None:
    written = (
        f'{{"arch":"sm_90","onnx":"{"a" * 64}","precision":"fp16",'
        '"profiles":[{"x":{"max":[8,4],"min":[1,4],"opt":[2,4]}}],"tensorrt":"11.1.0.106"}'
    )
    assert PARTS.key == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize("name", OTHERS)
def test_the_part_that_changed_is_named(name: str) -> None:
    assert changed_parts(PARTS.as_json(), OTHERS[name].as_json()) == (name,)


def test_order_and_number_of_profiles_count() -> None:
    second = Profile({"x": ShapeRange((1, 8), (2, 8), (8, 8))})
    one, two = replace(PARTS, profiles=(PROFILE, second)), replace(PARTS, profiles=(second, PROFILE))
    assert len({PARTS.key, one.key, two.key}) == 3


@pytest.mark.parametrize("external", [False, True])
def test_weights_change_the_content_and_not_the_structure(write_onnx: Callable[..., Path], external: bool) -> None:
    first = read_onnx(write_onnx(external=external))
    assert read_onnx(write_onnx(external=external)) == first
    other = read_onnx(write_onnx(external=external, scale=2))
    assert other.content != first.content
    assert other.structure == first.structure


def test_another_graph_has_another_structure(write_onnx: Callable[..., Path]) -> None:
    assert read_onnx(write_onnx(name="x")).structure != read_onnx(write_onnx(name="z")).structure


def test_remarks_are_no_structure(write_onnx: Callable[..., Path]) -> None:
    assert read_onnx(write_onnx(note="from a.py")).structure == read_onnx(write_onnx(note="from b.py")).structure


def test_where_weights_are_kept_is_no_structure(write_onnx: Callable[..., Path]) -> None:
    assert read_onnx(write_onnx(external=True)).structure == read_onnx(write_onnx(external=False)).structure


def test_weights_that_are_gone_are_named(write_onnx: Callable[..., Path], tmp_path: Path) -> None:
    path = write_onnx(external=True)
    (tmp_path / "graph.data").unlink()
    with pytest.raises(NotFound, match=r"graph\.data") as caught:
        read_onnx(path)
    assert caught.value.reason == "ONNX_NOT_FOUND"


def test_weights_outside_of_the_folder_are_refused(write_onnx: Callable[..., Path], tmp_path: Path) -> None:
    path = write_onnx(external=True)
    model = onnx.load(path, load_external_data=False)
    model.graph.initializer[0].external_data[0].value = "../graph.data"
    (tmp_path / "inner").mkdir()
    onnx.save(model, tmp_path / "inner/graph.onnx")
    with pytest.raises(DataCorrupted, match="outside of its folder"):
        read_onnx(tmp_path / "inner/graph.onnx")


@pytest.mark.parametrize("data", [b"", b"not an onnx file at all"])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.onnx").write_bytes(data)
    with pytest.raises(DataCorrupted, match="no ONNX file") as caught:
        read_onnx(tmp_path / "a.onnx")
    assert caught.value.reason == "ONNX_UNREADABLE"
