"""What an export notes beside a pack."""

from __future__ import annotations

from pathlib import Path

from firstframe.cli.models_engines import orders_of
from firstframe.packs.build.builder import Wishes
from firstframe.packs.export_record import FOLDER, Exported, read_record, write_record
from firstframe.packs.spec import Golden, Graph, Pack, Samples

TENSOR = {"name": "x", "dtype": "FP32", "shape": ["batch", "rows", "columns"], "value_range": [-1, 1]}


def pack(*goldens: Golden, buckets: tuple[dict[str, int], ...] = ({"rows": 90, "columns": 160},)) -> Pack:
    graph = {"name": "unet", "file": "onnx/unet.onnx", "inputs": [TENSOR], "outputs": [TENSOR], "buckets": buckets}
    return Pack.model_validate(
        {
            "pack": "toy",
            "version": 1,
            "purpose": "tests",
            "licence": {"spdx": "MIT", "commercial": True, "url": "https://example.test"},
            "sources": [{"kind": "file", "path": "."}],
            "importer": {"name": "any"},
            "graphs": [graph],
            "goldens": [golden.model_dump() for golden in goldens],
        }
    )


def exported(folder: Path) -> Exported:
    (folder / FOLDER).mkdir()
    graph = Graph.model_validate({"name": "unet", "file": "onnx/unet.onnx", "inputs": [TENSOR], "outputs": [TENSOR]})
    made = Exported(
        (graph,), {"onnx/unet.onnx": "0" * 64}, differences={"unet": 1e-6}, trials={"unet": {"rows": 4, "columns": 6}}
    )
    write_record(made, folder / FOLDER)
    return made


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
    made = exported(tmp_path)
    assert read_record(tmp_path) == made


def test_ranges_are_measured_on_the_small_run_of_the_export(tmp_path: Path) -> None:
    exported(tmp_path)
    (order,) = orders_of(pack(), (), tmp_path, Wishes("sm_90"))
    assert order.trial_inputs() == ("x:FP32:1x4x6:-1:1",)


def test_without_an_export_a_golden_tells_what_fits_and_then_a_bucket(tmp_path: Path) -> None:
    golden = Golden(
        graph="unet", axes={"rows": 2, "columns": 3}, outputs={"x": Samples(mean=0, std=0, values=(0,))}, atol=1
    )
    for made, shape in ((pack(golden), "1x2x3"), (pack(), "1x90x160")):
        (order,) = orders_of(made, (), tmp_path, Wishes("sm_90"))
        assert order.trial_inputs() == (f"x:FP32:{shape}:-1:1",)
