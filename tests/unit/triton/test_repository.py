from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from firstframe.adapters.triton.config import Target, parse_config
from firstframe.adapters.triton.repository import BACKEND_MODEL, read_repository, write_repository
from firstframe.core.errors import InvalidInput, NotFound, PreconditionFailed
from firstframe.core.models import Batching, ServedModel
from support import tiny_models

GPU = Target("tensorrt", "sm_90")


@pytest.fixture
def models(tmp_path: Path) -> list[ServedModel]:
    return [tiny_models.add(tmp_path), tiny_models.doubled(tmp_path), tiny_models.total(tmp_path)]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_repository_has_what_triton_looks_for(models: list[ServedModel], tmp_path: Path) -> None:
    folder = write_repository(models, Target(), tmp_path / "repository")

    assert sorted(contents(folder)) == [
        "add/1/add.onnx",
        "add/1/model.py",
        "add/config.pbtxt",
        "doubled/1/doubled.tflite",
        "doubled/1/model.py",
        "doubled/config.pbtxt",
        "repository.json",
        "total/1/model.py",
        "total/1/total.onnx",
        "total/config.pbtxt",
    ]
    assert (folder / "add" / "1" / "add.onnx").resolve() == models[0].file.resolve()
    assert (folder / "add" / "1" / "model.py").read_bytes() == BACKEND_MODEL.read_bytes()
    assert parse_config((folder / "add" / "config.pbtxt").read_text()).name == "add"
    assert read_repository(folder) == ("add", "doubled", "total")


def test_the_same_models_give_the_same_bytes_in_any_order(models: list[ServedModel], tmp_path: Path) -> None:
    one = write_repository(models, Target(), tmp_path / "one")
    other = write_repository(reversed(models), Target(), tmp_path / "other")

    assert contents(one) == contents(other)


def test_copies_are_files_of_their_own(models: list[ServedModel], tmp_path: Path) -> None:
    folder = write_repository(models, Target(), tmp_path / "repository", link=False)

    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert (folder / "add" / "1" / "add.onnx").read_bytes() == models[0].file.read_bytes()


def test_weights_beside_a_graph_come_along(models: list[ServedModel], tmp_path: Path) -> None:
    (tmp_path / "add.onnx.data").write_bytes(b"weights")
    (tmp_path / "other.onnx.data").write_bytes(b"not ours")

    folder = write_repository(models[:1], Target(), tmp_path / "repository")

    assert sorted(path.name for path in (folder / "add" / "1").iterdir()) == ["add.onnx", "add.onnx.data", "model.py"]


def test_a_new_repository_takes_the_place_of_the_old(models: list[ServedModel], tmp_path: Path) -> None:
    folder = write_repository(models, Target(), tmp_path / "repository")

    write_repository(models[:1], Target(), folder)

    assert read_repository(folder) == ("add",)
    assert not (folder / "total").exists()
    assert models[2].file.is_file()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_when_it_cannot_be_written_the_old_one_stays_whole(models: list[ServedModel], tmp_path: Path) -> None:
    folder = write_repository(models, Target(), tmp_path / "repository")
    before = contents(folder)
    bad = dataclasses.replace(models[2], batching=Batching(2, (4,)))

    with pytest.raises(InvalidInput, match="preferred_batch_size"):
        write_repository([models[0], bad], Target(), folder)

    assert contents(folder) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_is_no_repository_is_never_replaced(models: list[ServedModel], tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    folder.mkdir()
    (folder / "wedding.jpg").write_bytes(b"the only copy")

    with pytest.raises(InvalidInput, match="something else than a repository"):
        write_repository(models, Target(), folder)

    assert (folder / "wedding.jpg").read_bytes() == b"the only copy"


def test_an_empty_folder_is_taken(models: list[ServedModel], tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()

    assert read_repository(write_repository(models[:1], Target(), tmp_path / "repository")) == ("add",)


def test_a_model_is_served_once(models: list[ServedModel], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="add would be served twice"):
        write_repository([*models, models[0]], Target(), tmp_path / "repository")


def test_missing_weights_are_named(models: list[ServedModel], tmp_path: Path) -> None:
    models[0].file.unlink()

    with pytest.raises(NotFound) as caught:
        write_repository(models, Target(), tmp_path / "repository")

    assert caught.value.reason == "WEIGHTS_NOT_FOUND"
    assert str(models[0].file) in caught.value.message
    assert not (tmp_path / "repository").exists()


def test_a_gpu_repository_has_engines_and_tflite_as_it_is(models: list[ServedModel], tmp_path: Path) -> None:
    plan = tmp_path / "add-sm_90.plan"
    plan.write_bytes(b"an engine")

    folder = write_repository(models[:2], GPU, tmp_path / "repository", plans={"add": plan})

    assert [path.name for path in (folder / "add" / "1").iterdir()] == ["model.plan"]
    assert (folder / "add" / "1" / "model.plan").read_bytes() == b"an engine"
    assert (folder / "doubled" / "1" / "model.py").is_file()
    assert json.loads((folder / "repository.json").read_text())["target"] == {"kind": "tensorrt", "arch": "sm_90"}


def test_a_missing_engine_tells_how_it_is_built(models: list[ServedModel], tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        write_repository(models, GPU, tmp_path / "repository")

    assert caught.value.reason == "ENGINE_MISSING"
    assert "firstframe models build --target tensorrt --arch sm_90" in caught.value.message


def test_a_folder_that_we_did_not_write_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_repository(tmp_path)

    assert caught.value.reason == "REPOSITORY_NOT_FOUND"


def test_a_configuration_that_was_changed_by_hand_is_noticed(models: list[ServedModel], tmp_path: Path) -> None:
    folder = write_repository(models, Target(), tmp_path / "repository")
    config = folder / "add" / "config.pbtxt"
    config.write_text(config.read_text().replace("max_batch_size: 8", "max_batch_size: -8"))

    with pytest.raises(InvalidInput, match="max_batch_size is negative"):
        read_repository(folder)


def test_a_gpu_repository_has_the_graph_of_what_is_not_compiled(tmp_path: Path) -> None:
    model = dataclasses.replace(tiny_models.add(tmp_path), compiled=False)

    folder = write_repository([model], GPU, tmp_path / "repository")

    assert sorted(contents(folder)) == ["add/1/add.onnx", "add/config.pbtxt", "repository.json"]
