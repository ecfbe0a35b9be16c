"""Pipelines in folders become graphs that are what their modules are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer
import yaml
from typer.testing import CliRunner

from firstframe.cli.commands.models_export import export
from firstframe.core.errors import DataCorrupted, Internal, InvalidInput, Unsupported
from firstframe.packs.catalogue import read_pack
from firstframe.packs.diffusers_folder import load_module, read_index
from firstframe.packs.export import export_pack
from firstframe.packs.export_encoders import T5Text
from firstframe.packs.export_modules import Exportable, Shot
from firstframe.packs.export_onnx import export_graph, verify_graph
from firstframe.packs.export_plan import PipelineSource, wrapped
from firstframe.packs.export_record import FOLDER, RECORD
from firstframe.packs.installed import RECORD as INSTALLED
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.spec import Pack
from support.tiny_packs import ROOT, embedded, tiny_pack
from support.tiny_pipelines import TINY, t5_text

TRIALS = [{"tokens": 16}, {"tokens": 23}]


@pytest.fixture
def encoder() -> T5Text:
    torch.manual_seed(0)
    return T5Text(t5_text())


class Home:
    """A pack of the tiny Stable Diffusion, of which the encoder of text alone is exported."""

    def __init__(self, folder: Path) -> None:
        self.packs, self.home = folder / "packs", folder / "home"
        self.packs.mkdir()
        self.write({})
        self.place = ModelHome(self.home).place(self.pack)
        TINY["sd"].made().save_pretrained(self.place)
        (self.place / INSTALLED).write_text(json.dumps({"files": {}}))

    def write(self, changes: dict[str, Any]) -> None:
        content = tiny_pack(TINY["sd"]).model_dump(mode="json", exclude_defaults=True) | changes
        content["pipeline"]["modules"] = {"text_encoder": "text-encoder"}
        (self.packs / "tiny-sd.yaml").write_text(yaml.safe_dump(content))

    @property
    def pack(self) -> Pack:
        return read_pack(self.packs / "tiny-sd.yaml")

    @property
    def installed(self) -> InstalledPack:
        return ModelHome(self.home).find(self.pack)

    def export(self) -> Any:
        app = typer.Typer()
        app.command()(export)
        arguments = ["tiny-sd", "--home", str(self.home), "--packs", str(self.packs), "--json"]
        return CliRunner().invoke(app, arguments)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_an_installed_pipeline_is_exported_and_can_be_served(home: Home) -> None:
    done = home.export()

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["differences"]["text-encoder"] < 1e-5
    (model,) = home.installed.served()
    assert model.digest == told["files"]["onnx/text-encoder.onnx"]
    ids = np.arange(77, dtype=np.int64)[np.newaxis] % 72
    with embedded([model]) as inference:
        given = inference.infer(model.name, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    with torch.no_grad():
        wanted = load_module(home.place, read_index(home.place), "text_encoder")(torch.from_numpy(ids))
    np.testing.assert_allclose(given["last_hidden_state"], wanted.last_hidden_state, atol=1e-5)
    np.testing.assert_allclose(given["pooler_output"], wanted.pooler_output, atol=1e-5)


def declared(width: int) -> dict[str, Any]:
    ids = {"dtype": "INT64", "shape": ["batch", 77]}
    state = {"dtype": "FP32", "shape": ["batch", 77, width]}
    return {
        "name": "text-encoder",
        "file": "onnx/text-encoder.onnx",
        "inputs": [{"name": name, **ids} for name in ("input_ids", "attention_mask")],
        "outputs": [
            {"name": "last_hidden_state", **state},
            {"name": "pooler_output", "dtype": "FP32", "shape": ["batch", width]},
            {"name": "penultimate", **state},
        ],
        "precision": "fp16",
        "batching": {"max_size": 3},
    }


def test_what_a_pack_says_of_its_graphs_stays_and_has_to_be_true(home: Home) -> None:
    home.write({"graphs": [declared(32)]})
    export_pack(home.installed, lambda *_: None)
    before = {path.name: path.read_bytes() for path in (home.place / FOLDER).iterdir()}
    assert home.installed.served()[0].batching.max_size == 3

    home.write({"graphs": [declared(768)]})
    with pytest.raises(InvalidInput, match=r"768.*32") as caught:
        export_pack(home.installed, lambda *_: None)

    assert caught.value.metadata["field"] == "graphs.text-encoder.outputs"
    assert {path.name: path.read_bytes() for path in (home.place / FOLDER).iterdir()} == before


def test_a_pack_that_was_not_exported_names_the_command(home: Home) -> None:
    home.write({"graphs": [declared(32)]})

    with pytest.raises(DataCorrupted, match="firstframe models export tiny-sd"):
        home.installed.served()


def test_an_export_without_its_record_does_not_count(home: Home) -> None:
    export_pack(home.installed, lambda *_: None)
    (home.place / FOLDER / RECORD).unlink()

    assert home.installed.served() == ()


def test_an_export_that_fails_leaves_nothing(home: Home) -> None:
    (home.place / "text_encoder" / "config.json").unlink()

    with pytest.raises(DataCorrupted, match="text_encoder cannot be loaded"):
        export_pack(home.installed, lambda *_: None)

    assert not list(home.place.glob(f"{FOLDER}*"))


def test_a_folder_without_a_pipeline_is_told(home: Home) -> None:
    (home.place / "model_index.json").unlink()

    with pytest.raises(DataCorrupted, match=r"model_index\.json"):
        export_pack(home.installed, lambda *_: None)


def test_pickles_are_not_read(home: Home) -> None:
    weights = home.place / "text_encoder" / "model.safetensors"
    torch.save({}, weights.with_name("pytorch_model.bin"))
    weights.unlink()

    with pytest.raises(DataCorrupted, match="safetensors"):
        export_pack(home.installed, lambda *_: None)


def test_code_of_other_libraries_is_not_loaded_by_name(home: Home) -> None:
    index = json.loads((home.place / "model_index.json").read_text())
    (home.place / "model_index.json").write_text(json.dumps(index | {"text_encoder": ["os", "system"]}))

    with pytest.raises(InvalidInput, match="is of os"):
        export_pack(home.installed, lambda *_: None)


def test_a_pack_without_a_pipeline_is_refused(home: Home) -> None:
    bare = home.pack.model_copy(update={"pipeline": None})

    with pytest.raises(InvalidInput, match="has no pipeline"):
        export_pack(InstalledPack(bare, home.place, {}), lambda *_: None)


def test_a_class_without_a_wrapper_is_refused() -> None:
    source = PipelineSource("StableDiffusionPipeline", lambda _: torch.nn.Linear(2, 2))

    with pytest.raises(Unsupported, match=r"Linear\.decode cannot be exported"):
        wrapped(source, "unet", Shot(32, 32))


def test_the_same_weights_give_the_same_bytes_without_a_word_of_this_machine(encoder: T5Text, tmp_path: Path) -> None:
    files = [tmp_path / "first.onnx", tmp_path / "second.onnx"]
    for file in files:
        export_graph(encoder, TRIALS[0], file, optimise=False)

    content = files[0].read_bytes()
    assert content == files[1].read_bytes()
    assert not any(word in content for word in (str(ROOT).encode(), b"site-packages", b'File "'))


def test_large_weights_go_beside_the_graph(encoder: T5Text, tmp_path: Path) -> None:
    file = tmp_path / "encoder.onnx"

    export_graph(encoder, TRIALS[0], file, inline_bytes=0, optimise=False)

    weights = sum(parameter.nbytes for parameter in encoder.parameters())
    assert (tmp_path / "encoder.onnx.data").stat().st_size > 0.8 * weights > file.stat().st_size / 10
    assert verify_graph(encoder, file, TRIALS) < 1e-5


def test_a_graph_of_other_weights_is_found(encoder: T5Text, tmp_path: Path) -> None:
    export_graph(encoder, TRIALS[0], tmp_path / "encoder.onnx", optimise=False)
    assert verify_graph(encoder, tmp_path / "encoder.onnx", TRIALS) < 1e-5
    with torch.no_grad():
        next(encoder.parameters()).mul_(1.5)

    with pytest.raises(Internal, match="differs from its module") as caught:
        verify_graph(encoder, tmp_path / "encoder.onnx", TRIALS)

    assert caught.value.reason == "EXPORT_MISMATCH"


class Baked(Exportable):
    """Forgets that a batch may have another size."""

    def run(self, given: Any) -> torch.Tensor:
        state: torch.Tensor = self.module(**given).last_hidden_state
        return state.reshape(2, -1, state.shape[-1])


def test_a_length_that_cannot_vary_is_found(encoder: T5Text, tmp_path: Path) -> None:
    baked = Baked(encoder.module, encoder.inputs, encoder.outputs)

    with pytest.raises(Internal) as caught:
        export_graph(baked, TRIALS[0], tmp_path / "baked.onnx", optimise=False)
        verify_graph(baked, tmp_path / "baked.onnx", TRIALS)

    assert caught.value.reason in ("EXPORT_FAILED", "EXPORT_MISMATCH")
