"""Stand-ins for NVIDIA's programs, which need a GPU: real executables on the path that do what the test tells them.

`trtexec` writes an engine that holds its arguments. `FAKE_TRTEXEC` makes it fail, hang, be killed half-way, or write nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.packs.build.builder import Order, Wishes
from firstframe.packs.build.store import EngineStore
from firstframe.packs.spec import Graph

TRTEXEC = """
import json, os, signal, subprocess, sys, time
from pathlib import Path

given = dict(part.lstrip("-").partition("=")[::2] for part in sys.argv[1:])
print(f"&&&& RUNNING TensorRT.trtexec [TensorRT v110100] [b106] # {' '.join(sys.argv)}", flush=True)
if "help" in given:
    sys.exit(0)
how = os.environ.get("FAKE_TRTEXEC", "")
engine = Path(given["saveEngine"])
with Path(os.environ["FAKE_CALLS"]).open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if how == "fails":
    print("[E] Error[4]: no implementation for node conv_in")
    sys.exit(1)
if how == "silent":
    sys.exit(0)
if how:
    engine.write_bytes(b"half")
if how == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if how == "hangs":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(os.environ["FAKE_CALLS"]).with_name("child.pid").write_text(str(child.pid))
    time.sleep(60)
Path(given["timingCacheFile"]).write_bytes(b"kernels")
engine.write_bytes(b"engine of " + Path(given["onnx"]).read_bytes() + " ".join(sys.argv[1:]).encode())
"""
NVIDIA_SMI = "import os; print(os.environ.get('FAKE_CAPABILITY', '9.0'), flush=True)"
AUTOCAST = """
import json, os, sys
from pathlib import Path

given = dict(part.lstrip("-").partition("=")[::2] for part in sys.argv[1:])
with Path(os.environ["FAKE_CALLS"]).open("a") as calls:
    calls.write(json.dumps(["autocast", *sys.argv[1:]]) + "\\n")
Path(given["output_path"]).write_bytes(b"cast:" + Path(given["onnx_path"]).read_bytes())
"""
TENSORRT = """
from pathlib import Path

__version__ = "11.1.0.106"

class Logger:
    WARNING = 2
    def __init__(self, level): ...

class Engine:
    def __init__(self, plan): self.plan = plan
    def serialize(self): return self.plan

class Runtime:
    def __init__(self, logger): ...
    def deserialize_cuda_engine(self, plan): return Engine(plan) if plan.startswith(b"engine") else None

class Refitter:
    def __init__(self, engine, logger): self.engine = engine
    def refit_cuda_engine(self): return True

class OnnxParserRefitter:
    def __init__(self, refitter, logger): self.refitter = refitter
    def refit_from_file(self, path):
        self.refitter.engine.plan += b" refitted with " + Path(path).read_bytes()
        return True
"""


def write_program(folder: Path, name: str, code: str) -> None:
    """An executable on the path."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{code}")
    path.chmod(0o755)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """File that gets one JSON line for each call of a program."""
    path = tmp_path / "calls.jsonl"
    path.touch()
    monkeypatch.setenv("FAKE_CALLS", str(path))
    return path


@pytest.fixture
def nvidia(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All programs, and nothing else of that name on the path. Gives the folder that they are in."""
    programs, modules = tmp_path / "bin", tmp_path / "modules"
    (modules / "modelopt/onnx/autocast").mkdir(parents=True)
    for package in ("modelopt", "modelopt/onnx", "modelopt/onnx/autocast"):
        (modules / package / "__init__.py").touch()
    (modules / "modelopt/onnx/autocast/__main__.py").write_text(AUTOCAST)
    (modules / "tensorrt.py").write_text(TENSORRT)
    programs.mkdir()
    write_program(programs, "trtexec", TRTEXEC)
    write_program(programs, "nvidia-smi", NVIDIA_SMI)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", f"{modules}:{Path(__file__).parents[3] / 'services'}")
    return programs


@pytest.fixture
def engines(tmp_path: Path) -> EngineStore:
    return EngineStore(LocalFolderStore(tmp_path / "store"))


@pytest.fixture
def write_onnx(tmp_path: Path) -> Callable[..., Path]:
    """Writes `y = x · w`, its weights inside or beside."""

    def write(*, scale: float = 1.0, name: str = "x", external: bool = False, note: str = "") -> Path:
        weight = numpy_helper.from_array(np.full((4, 4), scale, np.float32), "w")
        nodes = [helper.make_node("MatMul", [name, "w"], ["y"], doc_string=note)]
        ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, ["batch", 4]) for end in (name, "y")]
        model = helper.make_model(helper.make_graph(nodes, "g", ends[:1], ends[1:], [weight]))
        path = tmp_path / "graph.onnx"
        (tmp_path / "graph.data").unlink(missing_ok=True)
        onnx.save(model, path, save_as_external_data=external, location="graph.data", size_threshold=0)
        return path

    return write


GRAPH = {
    "file": "graph.onnx",
    "inputs": [{"name": "x", "dtype": "FP32", "shape": ["batch", 4]}],
    "outputs": [{"name": "y", "dtype": "FP32", "shape": ["batch", 4]}],
    "precision": "fp16",
    "batching": {"max_size": 8, "preferred": [2, 4]},
}


@pytest.fixture
def order(write_onnx: Callable[..., Path]) -> Callable[..., Order]:
    """An order for the small graph."""

    def make(*, precision: str = "fp16", refittable: bool = False, rebuild: bool = False, **onnx_file: object) -> Order:
        graph = Graph.model_validate({**GRAPH, "precision": precision})
        return Order("toy", graph, write_onnx(**onnx_file), Wishes("sm_90", refittable, rebuild))

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Folder of builds; nothing half-made may be left in it."""
    path = tmp_path / "builds"
    yield path
    assert not list(path.glob(".building-*"))
