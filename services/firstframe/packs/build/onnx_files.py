"""Digests of an ONNX file: of all that it says, and of its structure without the weights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firstframe.core.canonical import digest_of
from firstframe.core.errors import DataCorrupted, NotFound

if TYPE_CHECKING:
    import onnx

_ANGULAR = ("Cos", "Sin")


@dataclass(frozen=True, slots=True)
class OnnxDigests:
    """What an ONNX file is. Both are SHA-256, 64 lower-case hexadecimal digits."""

    content: str
    """Of the file and of the files that hold its weights."""
    structure: str
    """Of the graph alone: two files that differ in the values of weights have the same."""


def read_onnx(path: Path) -> OnnxDigests:
    """Reads a file and the files beside it that hold its weights.

    Raises:
        NotFound: `ONNX_NOT_FOUND`, the file or one that it names is not there.
        DataCorrupted: `ONNX_UNREADABLE`, it is no ONNX file, or names a file outside of its folder.
    """
    if not path.is_file():
        raise NotFound(f"there is no graph at {path}; export it first", reason="ONNX_NOT_FOUND")
    model = _parse(path)
    parts = {"": _sha256(path)}
    for location in sorted(set(_locations(model))):
        parts[location] = _sha256(_beside(path, location))
    return OnnxDigests(content=digest_of(parts), structure=_structure(model))


def _parse(path: Path) -> onnx.ModelProto:
    import onnx

    try:
        model = onnx.load(path, load_external_data=False)
    except OSError:
        raise
    except Exception as error:  # protobuf's own, which packs do not import
        raise DataCorrupted(f"{path} is no ONNX file: {error}", reason="ONNX_UNREADABLE") from error
    if not model.graph.node:
        raise DataCorrupted(f"{path} is no ONNX file: it has no nodes", reason="ONNX_UNREADABLE")
    return model


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """A graph and those of its branches and loops."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                if inner.node:
                    yield from _graphs(inner)


def _weights(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    return (tensor for graph in _graphs(model.graph) for tensor in graph.initializer)


def _locations(model: onnx.ModelProto) -> Iterator[str]:
    return (entry.value for tensor in _weights(model) for entry in tensor.external_data if entry.key == "location")


def _beside(path: Path, location: str) -> Path:
    found = (path.parent / location).resolve()
    if not found.is_relative_to(path.parent.resolve()):
        raise DataCorrupted(f"{path} names weights outside of its folder: {location}", reason="ONNX_UNREADABLE")
    if not found.is_file():
        raise NotFound(f"{path} names weights that are not there: {location}", reason="ONNX_NOT_FOUND")
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _structure(model: onnx.ModelProto) -> str:
    """Of a copy with names, types and shapes of weights, and without what exporters note about themselves."""
    import onnx

    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    for field in ("doc_string", "metadata_props", "producer_name", "producer_version"):
        bare.ClearField(field)
    for graph in _graphs(bare.graph):
        for node in graph.node:
            node.ClearField("doc_string")
            node.ClearField("metadata_props")
    for tensor in _weights(bare):
        kept = onnx.TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        tensor.CopyFrom(kept)
    return hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest()


def angle_nodes(path: Path) -> tuple[str, ...]:
    """Names of the nodes that compute sines and cosines, and of all before them, in the file's order.

    Raises as `read_onnx`.
    """
    if not path.is_file():
        raise NotFound(f"there is no graph at {path}; export it first", reason="ONNX_NOT_FOUND")
    nodes = _parse(path).graph.node
    maker = {output: node for node in nodes for output in node.output}
    found: set[str] = set()
    ahead = [node for node in nodes if node.op_type in _ANGULAR]
    while ahead:
        node = ahead.pop()
        if node.name not in found:
            found.add(node.name)
            ahead += [maker[name] for name in node.input if name in maker]
    return tuple(node.name for node in nodes if node.name in found)
