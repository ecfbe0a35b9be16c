"""What Model Optimizer is told before it lowers a graph's precision; the program itself is a stand-in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from firstframe.core.errors import NotFound
from firstframe.core.models import Dtype
from firstframe.packs.build.cast import parse, told
from firstframe.packs.build.onnx_files import angle_nodes
from firstframe.packs.spec import Tensor

SHAPE = [1, 4]
KEEPER = """
import json, os, sys
from pathlib import Path
import numpy as np

given = dict(part.lstrip("-").partition("=")[::2] for part in sys.argv[1:])
found = {name: value.tolist() for name, value in np.load(given["calibration_data"]).items()}
Path(os.environ["FAKE_CALLS"]).write_text(json.dumps([sys.argv[1:], found]))
sys.exit(int(os.environ.get("FAKE_STATUS", "0")))
"""


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """Steps become angles by way of two nodes; the rest has nothing to do with them."""
    nodes = [
        helper.make_node("Mul", ["x", "x"], ["squares"], name="square"),
        helper.make_node("Cast", ["step"], ["number"], name="node.cast", to=TensorProto.FLOAT),
        helper.make_node("Mul", ["number", "frequencies"], ["angles"], name="turn"),
        helper.make_node("Cos", ["angles"], ["cosines"], name="node_cos"),
        helper.make_node("Sin", ["angles"], ["sines"], name="node_sin"),
        helper.make_node("Sum", ["squares", "cosines", "sines"], ["y"], name="total"),
    ]
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)]
    values.append(helper.make_tensor_value_info("step", TensorProto.INT64, [1, 1]))
    out = [helper.make_tensor_value_info("y", TensorProto.FLOAT, SHAPE)]
    weights = [helper.make_tensor("frequencies", TensorProto.FLOAT, SHAPE, [1.0, 0.1, 0.01, 0.001])]
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", values, out, weights)), tmp_path / "g.onnx")
    return tmp_path / "g.onnx"


def run(graph: Path, *more: str) -> int:
    command = [sys.executable, "-m", "firstframe.packs.build.cast", f"--onnx={graph}", "--precision=bf16", *more]
    return subprocess.run([*command, f"--output={graph.with_name('low.onnx')}"], check=False).returncode


@pytest.fixture
def keeper(nvidia: Path, calls: Path) -> Path:
    """A stand-in that keeps what it was told; gives the file that has it."""
    (nvidia.parent / "modules/modelopt/onnx/autocast/__main__.py").write_text(KEEPER)
    return calls


def test_angles_and_all_before_them_are_found(graph: Path, tmp_path: Path) -> None:
    assert angle_nodes(graph) == ("node.cast", "turn", "node_cos", "node_sin")
    with pytest.raises(NotFound, match="export it first"):
        angle_nodes(tmp_path / "none.onnx")


def test_angles_stay_in_fp32_and_ranges_are_measured_on_noise_that_fits(graph: Path, keeper: Path) -> None:
    x = Tensor(name="x", dtype=Dtype.FP32, shape=("batch", 4), value_range=(-1, 1))
    step = Tensor(name="step", dtype=Dtype.INT64, shape=("batch", 1), value_range=(0, 999))

    assert run(graph, f"--input={told(x, SHAPE)}", f"--input={told(step, [1, 1])}") == 0

    said, inputs = json.loads(keeper.read_text())
    kept = said[said.index("--nodes_to_exclude") + 1 :]
    assert [any(re.match(one, name) for one in kept) for name in ("node.cast", "turn", "node_cos", "node_sin")] == [
        True
    ] * 4
    assert not any(re.match(one, name) for one in kept for name in ("square", "total", "nodeXcast", "turning"))
    assert {"--keep_io_types", "--low_precision_type=bf16", f"--onnx_path={graph}"} < set(said)
    assert np.shape(inputs["x"]) == (1, 4)
    assert -1 <= np.min(inputs["x"]) < np.max(inputs["x"]) <= 1
    assert isinstance(inputs["step"][0][0], int)


def test_inputs_of_the_user_are_taken_instead(graph: Path, keeper: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", x=np.full(SHAPE, 7.0))
    assert run(graph, f"--calibration={tmp_path / 'mine.npz'}", "--input=x:FP32:1x4:0:1") == 0
    assert json.loads(keeper.read_text())[1] == {"x": [[7.0] * 4]}


def test_the_programs_failure_is_ours(graph: Path, keeper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_STATUS", "3")
    assert run(graph, "--input=x:FP32:1x4") == 3
    assert not list(graph.parent.glob(".inputs-*"))


@pytest.mark.parametrize("values", [None, (-1.0, 1000.0)])
def test_inputs_go_through_a_command_line(values: tuple[float, float] | None) -> None:
    tensor = Tensor(name="hidden_states", dtype=Dtype.FP32, shape=("batch", 16, "rows"), value_range=values)
    found = parse(told(tensor, [1, 16, 9]))
    assert (found.name, found.dtype, found.shape, found.value_range) == (
        "hidden_states",
        Dtype.FP32,
        (1, 16, 9),
        values,
    )
