"""The canary: a model of a few kilobytes in every repository, by whose runs a stage knows that its model server computes.

It is no pack: nobody pulls it, its weights are whole numbers, and its answers are exact on every device.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firstframe.core.models import BATCH, Batching, Dtype, Runtime, ServedModel, TensorSpec

NAME = "canary"
SIDE = 64
_OPSET, _IR = 18, 10
"""Read by every ONNX Runtime since 1.20 (2024-11)."""


def weights() -> NDArray[np.float32]:
    """The matrix, shape (64, 64): whole numbers from -3 to 3, so that sums are exact in FP32 and in TF32."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    values: NDArray[np.float32] = ((rows * 5 + columns * 3) % 7 - 3).astype(np.float32)
    return values


def inputs() -> dict[str, NDArray[np.float32]]:
    """What a stage sends: `x`, shape (1, 64), whole numbers from -2 to 2."""
    return {"x": np.arange(SIDE)[None].astype(np.float32) % 5 - 2}


def expected() -> dict[str, NDArray[np.float32]]:
    """What has to come back: `y`, shape (1, 64)."""
    return {"y": inputs()["x"] @ weights()}


def make(folder: Path) -> ServedModel:
    """Writes the graph, the same bytes each time.

    Args:
        folder: Takes the file; made where it is missing.
    """
    data = _graph()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}.onnx"
    path.write_bytes(data)
    return ServedModel(
        name=NAME,
        file=path,
        digest=hashlib.sha256(data).hexdigest(),
        runtime=Runtime.ONNX,
        inputs=(TensorSpec("x", Dtype.FP32, (BATCH, SIDE)),),
        outputs=(TensorSpec("y", Dtype.FP32, (BATCH, SIDE)),),
        batching=Batching(max_size=8, queue_size=8, queue_timeout_ms=5_000),
        warm_up=({BATCH: 1},),
        compiled=False,
    )


def _graph() -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    shape: list[str | int | None] = [BATCH, SIDE]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weights"], ["y"])],
        NAME,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(weights(), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    return model.SerializeToString(deterministic=True)
