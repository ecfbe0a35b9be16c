"""Tiny ONNX graphs with properties that tests need."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from firstframe.core.models import Axis, Batching, Dtype, Runtime, ServedModel, TensorSpec

SIDE = 192
"""Rows and columns of the matrix that `slow` multiplies; one step takes about a millisecond."""
_ELEMENTS = {Dtype.FP32: TensorProto.FLOAT, Dtype.INT64: TensorProto.INT64, Dtype.FP16: TensorProto.FLOAT16}


def add(folder: Path, *, name: str = "add", batching: Batching | None = None) -> ServedModel:
    """`c = a + b` over batches of three numbers."""
    inputs, outputs = [_spec("a", "batch", 3), _spec("b", "batch", 3)], [_spec("c", "batch", 3)]
    nodes = [helper.make_node("Add", ["a", "b"], ["c"])]
    return _served(folder, name, nodes, inputs, outputs, batching or Batching(max_size=8))


def step(
    folder: Path, *, name: str = "step", shape: tuple[int, ...] = (4,), batching: Batching | None = None
) -> ServedModel:
    """`noise = x · timestep`, one timestep for each sample: what a denoiser's step looks like from outside."""
    inputs = [_spec("x", "batch", *shape), _spec("timestep", "batch")]
    constants = {"axes": np.arange(1, 1 + len(shape))}
    nodes = [
        helper.make_node("Unsqueeze", ["timestep", "axes"], ["column"]),
        helper.make_node("Mul", ["x", "column"], ["noise"]),
    ]
    outputs = [_spec("noise", "batch", *shape)]
    return _served(folder, name, nodes, inputs, outputs, batching or Batching(max_size=8), constants)


def denoiser(folder: Path, shape: tuple[int, int, int], *, name: str, batching: Batching) -> ServedModel:
    """Two convolutions over a latent, scaled by each sample's timestep: a step that computes something."""
    channels, wide = shape[0], 8 * shape[0]
    random = np.random.default_rng(7)
    constants = {
        "axes": np.arange(1, 4),
        "up": random.standard_normal((wide, channels, 3, 3), np.float32) / channels,
        "down": random.standard_normal((channels, wide, 3, 3), np.float32) / wide,
    }
    nodes = [
        helper.make_node("Conv", ["x", "up"], ["many"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["many"], ["positive"]),
        helper.make_node("Conv", ["positive", "down"], ["few"], pads=[1, 1, 1, 1]),
        helper.make_node("Unsqueeze", ["timestep", "axes"], ["column"]),
        helper.make_node("Mul", ["few", "column"], ["noise"]),
    ]
    inputs = [_spec("x", "batch", *shape), _spec("timestep", "batch")]
    return _served(folder, name, nodes, inputs, [_spec("noise", "batch", *shape)], batching, constants)


def heavy(folder: Path, megabytes: int, *, name: str = "heavy") -> ServedModel:
    """A matrix of so many megabytes of weights."""
    rows = megabytes * (1 << 20) // (4 * 1024)
    weights = np.random.default_rng(3).standard_normal((rows, 1024), np.float32)
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["y"])]
    outputs = [_spec("y", "batch", 1024)]
    return _served(folder, name, nodes, [_spec("x", "batch", rows)], outputs, Batching(), {"weights": weights})


def total(folder: Path, *, name: str = "total", batching: Batching | None = None) -> ServedModel:
    """`sum`, one number for each sample, of pictures whose sides vary."""
    inputs = [_spec("picture", "batch", "height", "width")]
    nodes = [helper.make_node("ReduceSum", ["picture", "axes"], ["sum"], keepdims=0)]
    constants = {"axes": np.array([1, 2], np.int64)}
    return _served(folder, name, nodes, inputs, [_spec("sum", "batch")], batching or Batching(max_size=4), constants)


def fixed(folder: Path, *, name: str = "fixed") -> ServedModel:
    """`half = whole / 2` without a batch axis, in half precision."""
    inputs = [TensorSpec("whole", Dtype.FP16, (2, 2))]
    nodes = [helper.make_node("Div", ["whole", "two"], ["half"])]
    outputs = [TensorSpec("half", Dtype.FP16, (2, 2))]
    return _served(folder, name, nodes, inputs, outputs, Batching(), {"two": np.array(2, np.float16)})


def pick(folder: Path, *, name: str = "pick", batching: Batching | None = None) -> ServedModel:
    """`value = table[index]` of a table of four; any other index makes the run fail."""
    inputs = [TensorSpec("index", Dtype.INT64, ("batch", 1))]
    nodes = [helper.make_node("Gather", ["table", "index"], ["value"])]
    constants = {"table": np.arange(4, dtype=np.float32)}
    outputs = [_spec("value", "batch", 1)]
    return _served(folder, name, nodes, inputs, outputs, batching or Batching(max_size=4), constants)


def slow(folder: Path, *, name: str = "slow", batching: Batching | None = None) -> ServedModel:
    """`norm` after `steps` multiplications of a matrix, one after the other: takes as long as the request says."""
    carried = [_value("more", TensorProto.BOOL, []), _value("m", TensorProto.FLOAT, [SIDE, SIDE])]
    body = helper.make_graph(
        [helper.make_node("Identity", ["more"], ["more_out"]), helper.make_node("MatMul", ["m", "turn"], ["m_out"])],
        "body",
        [_value("i", TensorProto.INT64, []), *carried],
        [_value("more_out", TensorProto.BOOL, []), _value("m_out", TensorProto.FLOAT, [SIDE, SIDE])],
    )
    nodes = [
        helper.make_node("Loop", ["steps", "go", "turn"], ["last"], body=body),
        helper.make_node("ReduceSum", ["last"], ["norm"], keepdims=0),
        helper.make_node("Reshape", ["norm", "one"], ["result"]),
    ]
    constants = {
        "go": np.array(True),
        "turn": np.eye(SIDE, dtype=np.float32)[::-1].copy(),
        "one": np.array([1], np.int64),
    }
    inputs = [TensorSpec("steps", Dtype.INT64, (1,))]
    return _served(folder, name, nodes, inputs, [_spec("result", 1)], batching or Batching(), constants)


def doubled(folder: Path, *, name: str = "doubled") -> ServedModel:
    """`y = x + x` as TFLite."""
    from ai_edge_litert import schema_py_generated as lite

    ends = [_lite_tensor(lite, key) for key in ("x", "y")]
    operator = lite.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0, 0], [1]
    operator.builtinOptionsType, operator.builtinOptions = lite.BuiltinOptions.AddOptions, lite.AddOptionsT()
    graph = lite.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = ends, [0], [1], [operator]
    code = lite.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = lite.BuiltinOperator.ADD
    model = lite.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [lite.BufferT()]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    path = folder / f"{name}.tflite"
    path.write_bytes(bytes(builder.Output()))
    specs = (_spec("x", "batch", 4),), (_spec("y", "batch", 4),)
    return ServedModel(name, path, _digest(path), Runtime.TFLITE, *specs, Batching(max_size=4))


def _lite_tensor(lite: Any, name: str) -> Any:
    tensor = lite.TensorT()
    tensor.name, tensor.shape, tensor.shapeSignature = name, [1, 4], [-1, 4]
    tensor.type, tensor.buffer = lite.TensorType.FLOAT32, 0
    return tensor


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _spec(name: str, *shape: Axis) -> TensorSpec:
    return TensorSpec(name, Dtype.FP32, shape)


def _value(name: str, element: int, shape: Sequence[Axis]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, list(shape))


def _served(
    folder: Path,
    name: str,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    batching: Batching,
    constants: dict[str, np.ndarray] | None = None,
) -> ServedModel:
    sides = [[_value(one.name, _ELEMENTS[one.dtype], one.shape) for one in side] for side in (inputs, outputs)]
    kept = [numpy_helper.from_array(value, key) for key, value in (constants or {}).items()]
    graph = helper.make_graph(list(nodes), name, *sides, initializer=kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    return ServedModel(name, path, _digest(path), Runtime.ONNX, tuple(inputs), tuple(outputs), batching)
