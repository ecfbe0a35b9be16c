"""Tiny stand-ins of the packs that are asked about pictures: real graphs with the same names, inputs and outputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import yaml
from onnx import TensorProto, helper, numpy_helper

from firstframe.packs.catalogue import read_pack
from firstframe.packs.installed import InstalledPack, ModelHome

FACE_ANCHOR = 2 * (8 * 16 + 8)
"""The first anchor of the cell just right of and below the middle; the stand-in sees one face there."""
FACE_PX = 32.0
"""Its sides in pixels of the detector's 128."""

_Spec = tuple[str, tuple[int, ...]]
_PICTURE: _Spec = ("input", (1, 3, 1024, 1024))


def install_matting(folder: Path) -> InstalledPack:
    """A pack `isnet-matting` that takes for the subject what is redder than it is blue."""
    nodes = [
        helper.make_node("Conv", ["input", "redder"], ["off"]),
        helper.make_node("Sigmoid", ["off"], ["output"]),
    ]
    weights = {"redder": np.float32([60, 0, -60]).reshape(1, 3, 1, 1)}
    graph = _graph("main", nodes, [_PICTURE], [("output", (1, 1, 1024, 1024))], weights)
    return _install(folder, "isnet-matting", {"main": graph})


def install_faces(folder: Path) -> InstalledPack:
    """A pack `face-landmarks` that sees one face in the middle of whatever is not black, and confirms it where there is red."""
    logits = np.full((1, 896, 1), -10, np.float32)
    logits[0, FACE_ANCHOR] = 5
    boxes = np.zeros((1, 896, 16), np.float32)
    boxes[0, FACE_ANCHOR, 2:4] = FACE_PX
    nodes = [
        helper.make_node("ReduceMax", ["input"], ["most"], keepdims=0),
        helper.make_node("Min", ["most", "nothing"], ["shade"]),
        helper.make_node("Mul", ["shade", "ten"], ["fall"]),
        helper.make_node("Add", ["logits", "fall"], ["classificators"]),
        helper.make_node("Identity", ["boxes"], ["regressors"]),
    ]
    constants = {"nothing": np.float32(0), "ten": np.float32(10), "logits": logits, "boxes": boxes}
    outputs: list[_Spec] = [("regressors", (1, 896, 16)), ("classificators", (1, 896, 1))]
    graph = _graph("detector", nodes, [("input", (1, 128, 128, 3))], outputs, constants)
    return _install(folder, "face-landmarks", {"detector": graph, "mesh": _mesh()})


def _mesh() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Gather", ["input_1", "first"], ["red"], axis=3),
        helper.make_node("ReduceMax", ["red"], ["most"], keepdims=1),
        helper.make_node("Sub", ["most", "half"], ["level"]),
        helper.make_node("Reshape", ["level", "single"], ["conv2d_31"]),
        helper.make_node("Identity", ["points"], ["conv2d_21"]),
    ]
    constants = {
        "first": np.int64([0]),
        "half": np.float32(0.5),
        "single": np.int64([1, 1, 1, 1]),
        "points": np.zeros((1, 1, 1, 1404), np.float32),
    }
    outputs: list[_Spec] = [("conv2d_21", (1, 1, 1, 1404)), ("conv2d_31", (1, 1, 1, 1))]
    return _graph("mesh", nodes, [("input_1", (1, 192, 192, 3))], outputs, constants)


def _graph(
    name: str,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[_Spec],
    outputs: Sequence[_Spec],
    constants: dict[str, Any],
) -> onnx.ModelProto:
    sides = [
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, list(shape)) for key, shape in side]
        for side in (inputs, outputs)
    ]
    kept = [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()]
    graph = helper.make_graph(list(nodes), name, *sides, initializer=kept)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _install(folder: Path, name: str, graphs: dict[str, onnx.ModelProto]) -> InstalledPack:
    files = {f"{key}.onnx": model.SerializeToString() for key, model in graphs.items()}
    digests = {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}
    path = folder / "packs" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(_pack(name, graphs, files, digests)))
    home = ModelHome(folder / "home")
    pack = read_pack(path)
    place = home.place(pack)
    place.mkdir(parents=True)
    for file, data in files.items():
        (place / file).write_bytes(data)
    (place / "installed.json").write_text(json.dumps({"files": digests}))
    return home.find(pack)


def _pack(
    name: str, graphs: dict[str, onnx.ModelProto], files: dict[str, bytes], digests: dict[str, str]
) -> dict[str, Any]:
    return {
        "pack": name,
        "version": 1,
        "purpose": "stands in",
        "licence": {"spdx": "Apache-2.0", "commercial": True, "url": "https://example.com"},
        "sources": [{"kind": "file", "path": "/elsewhere"}],
        "downloads": [{"name": file, "sha256": digests[file], "size_bytes": len(data)} for file, data in files.items()],
        "graphs": [
            {
                "name": key,
                "file": f"{key}.onnx",
                "inputs": [_tensor(value) for value in model.graph.input],
                "outputs": [_tensor(value) for value in model.graph.output],
            }
            for key, model in graphs.items()
        ],
    }


def _tensor(value: onnx.ValueInfoProto) -> dict[str, Any]:
    return {
        "name": value.name,
        "dtype": "FP32",
        "shape": [dim.dim_value for dim in value.type.tensor_type.shape.dim],
    }
