from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firstframe.core.errors import DataCorrupted, InvalidInput
from firstframe.packs.importers.chunks import join_chunks
from support.pack_files import sha256

WHOLE = bytes(range(256)) * 10
PIECES = (WHOLE[:1000], WHOLE[1000:2000], WHOLE[2000:])
OPTIONS: dict[str, Any] = {"resource": "/models/m", "file": "m.onnx", "sha256": sha256(WHOLE)}


def _described() -> dict[str, Any]:
    ends = (0, 1000, 2000, len(WHOLE))
    chunks = [
        {"hash": sha256(piece), "offsets": [start, end]}
        for piece, start, end in zip(PIECES, ends, ends[1:], strict=False)
    ]
    # In another order than that of the bytes.
    return {"/models/m": {"size": len(WHOLE), "mime": "x", "chunks": chunks[::-1]}}


def _downloads(folder: Path, described: object) -> dict[str, Path]:
    folder.mkdir()
    contents = {sha256(piece): piece for piece in PIECES} | {"resources.json": json.dumps(described).encode()}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in contents}


def _target(tmp_path: Path) -> Path:
    target = tmp_path / "made"
    target.mkdir()
    return target


def test_pieces_are_joined_by_their_offsets(tmp_path: Path) -> None:
    target = _target(tmp_path)
    join_chunks(_downloads(tmp_path / "d", _described()), target, OPTIONS)
    assert (target / "m.onnx").read_bytes() == WHOLE
    assert [path.name for path in target.iterdir()] == ["m.onnx"]


def test_another_digest_than_the_pack_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataCorrupted, match="make a file of 2560 bytes") as caught:
        join_chunks(_downloads(tmp_path / "d", _described()), _target(tmp_path), OPTIONS | {"sha256": "0" * 64})
    assert caught.value.reason == "IMPORT_FAILED"


def test_a_gap_is_refused(tmp_path: Path) -> None:
    described = _described()
    del described["/models/m"]["chunks"][1]
    with pytest.raises(DataCorrupted, match="gap before byte 2000"):
        join_chunks(_downloads(tmp_path / "d", described), _target(tmp_path), OPTIONS)


def test_a_piece_of_another_size_is_refused(tmp_path: Path) -> None:
    downloads = _downloads(tmp_path / "d", _described())
    downloads[sha256(PIECES[0])].write_bytes(b"short")
    with pytest.raises(DataCorrupted, match="another size"):
        join_chunks(downloads, _target(tmp_path), OPTIONS)


def test_a_size_that_the_pieces_do_not_have_is_refused(tmp_path: Path) -> None:
    described = _described()
    described["/models/m"]["size"] += 1
    with pytest.raises(DataCorrupted, match="2560 bytes"):
        join_chunks(_downloads(tmp_path / "d", described), _target(tmp_path), OPTIONS)


def test_a_piece_that_the_pack_leaves_out_is_named(tmp_path: Path) -> None:
    downloads = _downloads(tmp_path / "d", _described())
    missing = sha256(PIECES[1])
    del downloads[missing]
    with pytest.raises(InvalidInput, match=f"downloads: lack {missing}"):
        join_chunks(downloads, _target(tmp_path), OPTIONS)


@pytest.mark.parametrize("options", [{}, {"resource": "/models/m"}, OPTIONS | {"speed": "fast"}])
def test_options_are_all_given_and_no_others(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"importer\.options"):
        join_chunks(_downloads(tmp_path / "d", _described()), _target(tmp_path), options)


def test_a_resource_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no /models/xl"):
        join_chunks(_downloads(tmp_path / "d", _described()), _target(tmp_path), OPTIONS | {"resource": "/models/xl"})


@pytest.mark.parametrize("described", ["text", {"/models/m": {"size": "many"}}])
def test_resources_of_another_shape_are_refused(tmp_path: Path, described: object) -> None:
    with pytest.raises(DataCorrupted, match=r"resources\.json"):
        join_chunks(_downloads(tmp_path / "d", described), _target(tmp_path), OPTIONS)
