from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firstframe.core.errors import InvalidInput, NotFound
from firstframe.packs.catalogue import CHECKOUT, read_catalogue, read_pack
from firstframe.packs.importers import NAMES, find_importer
from firstframe.packs.installed import key_of
from firstframe.packs.lock import locks_folder, with_lock
from firstframe.packs.pickles import refuse_pickles
from firstframe.packs.spec import Golden, Graph, Pack
from support.pack_files import folder, make_pack, pack_document, write_pack

FILES = {"main.onnx": b"weights"}


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    return pack_document(FILES, folder(tmp_path))


@pytest.mark.parametrize("path", sorted(CHECKOUT.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_pack_of_the_catalogue_is_whole(path: Path) -> None:
    pack = with_lock(read_pack(path), locks_folder(CHECKOUT))
    refuse_pickles(pack)
    assert pack.importer is None or pack.importer.name in NAMES
    assert pack.licence.spdx in pack.licence.url or pack.licence.url.startswith("https://")
    if pack.pipeline is None:
        assert pack.downloads
        assert pack.graphs
        assert {golden.graph for golden in pack.goldens} == {graph.name for graph in pack.graphs}
    graphs = {graph.name: graph for graph in pack.graphs}
    for golden in pack.goldens:
        _fits(golden, graphs[golden.graph])


def _fits(golden: Golden, graph: Graph) -> None:
    """A golden names outputs of its graph, and cannot be passed by an output of zeros."""
    assert set(golden.outputs) <= {tensor.name for tensor in graph.outputs}
    known = [abs(number) for one in golden.outputs.values() for number in (one.mean, one.std, *one.values)]
    assert max(known) > 2 * golden.atol


def test_the_catalogue_of_the_checkout_has_the_packs_with_real_weights() -> None:
    names = {pack.pack for pack in read_catalogue(CHECKOUT)}
    assert {"isnet-matting", "face-landmarks", "pose", "selfie-matting"} <= names


# The one that takes seconds to load has tests of its own.
@pytest.mark.parametrize("name", sorted(set(NAMES) - {"rife-torch"}))
def test_every_importer_is_where_the_table_says(name: str) -> None:
    assert callable(find_importer(name))


def test_an_unknown_importer_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="imgly-chunks"):
        find_importer("magic")


def test_a_name_that_is_nearly_right_is_told(tmp_path: Path, document: dict[str, Any]) -> None:
    write_pack(tmp_path, document)
    with pytest.raises(NotFound, match="did you mean tiny") as caught:
        read_catalogue(tmp_path).get("tinny")
    assert caught.value.reason == "PACK_NOT_FOUND"


def test_a_name_like_none_is_answered_with_all(tmp_path: Path, document: dict[str, Any]) -> None:
    write_pack(tmp_path, document)
    with pytest.raises(NotFound, match="there are tiny"):
        read_catalogue(tmp_path).get("stable-cascade")


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="PACKS_DIR"):
        read_catalogue(tmp_path / "nowhere")


def _change(document: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    place: Any = document
    for part in parents:
        place = place[int(part)] if part.isdigit() else place[part]
    place[last] = value


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("purpos", "typo", "purpos"),
        ("licence.comercial", True, "licence.comercial"),
        ("downloads.0.sha256", "abc", "downloads.0.sha256"),
        ("downloads.0.size_bytes", 0, "downloads.0.size_bytes"),
        ("downloads.0.name", "../escape.onnx", "downloads.0.name"),
        ("downloads.0.name", "/etc/passwd", "downloads.0.name"),
        ("downloads.0.members", {"npm": "../../escape"}, "downloads.0.members.npm"),
        ("graphs.0.inputs.0.dtype", "FLOAT", "graphs.0.inputs.0.dtype"),
        ("graphs.0.file", "other.onnx", "no importer makes other.onnx"),
        ("graphs.0.buckets", [{"height": 64}], "a bucket names axes that no input has: height"),
        ("sources.0.kind", "ftp", "sources.0"),
        ("sources", [], "sources"),
        ("version", "one", "version"),
    ],
)
def test_a_typo_is_told_with_file_and_field(
    tmp_path: Path, document: dict[str, Any], path: str, value: object, field: str
) -> None:
    _change(document, path, value)
    file = write_pack(tmp_path, document)
    with pytest.raises(InvalidInput) as caught:
        read_catalogue(tmp_path)
    assert str(file) in caught.value.message
    assert field in caught.value.message


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text("pack: tiny\n  version: 1\n")
    with pytest.raises(InvalidInput, match=r"tiny\.yaml: is not YAML.*line 2"):
        read_catalogue(tmp_path)


def test_a_pack_has_the_name_of_its_file(tmp_path: Path, document: dict[str, Any]) -> None:
    write_pack(tmp_path, document).rename(tmp_path / "other.yaml")
    with pytest.raises(InvalidInput, match=r"name the file tiny\.yaml"):
        read_catalogue(tmp_path)


def test_the_key_follows_weights_and_importer_and_nothing_else(tmp_path: Path) -> None:
    first = make_pack(FILES, folder(tmp_path))
    same = make_pack(FILES, folder(tmp_path / "elsewhere"), purpose="other words", version=2)
    assert key_of(first) == key_of(same)
    changed = [
        make_pack({"main.onnx": b"other weights"}, folder(tmp_path)),
        make_pack(FILES, folder(tmp_path), importer={"name": "imgly-chunks"}),
        make_pack(FILES, folder(tmp_path), importer={"name": "imgly-chunks", "version": 2}),
    ]
    assert len({key_of(pack) for pack in (first, *changed)}) == 4


def test_graphs_are_named_on_a_server_by_pack_and_graph() -> None:
    packs = {pack.pack: pack for pack in read_catalogue(CHECKOUT)}
    assert list(packs["isnet-matting"].served_names()) == ["isnet-matting"]
    assert set(packs["pose"].served_names()) == {"pose-detector", "pose-landmarks"}


def test_packs_are_values(tmp_path: Path) -> None:
    pack = make_pack(FILES, folder(tmp_path))
    assert Pack.model_validate(pack.model_dump(mode="json")) == pack
