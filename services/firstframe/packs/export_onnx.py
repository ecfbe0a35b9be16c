"""One module as one ONNX file, checked against the module that it was made of."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from firstframe.core.errors import Internal
from firstframe.core.models import BATCH
from firstframe.packs.disk import disk_errors
from firstframe.packs.export_modules import Exportable

if TYPE_CHECKING:
    import onnx_ir

OPSET = 18
"""What the exporter translates to; TensorRT knows it as well."""
INLINE_BYTES = 1 << 30
"""Weights of more than this go into a file beside the graph: protobuf ends at 2 GB."""
TOLERANCE = 1e-3
"""Largest difference between graph and module, as a share of the largest value of the output."""
_SMALL = 1024
"""Tensors of fewer bytes stay in the graph in any case."""


def export_graph(
    module: Exportable,
    lengths: Mapping[str, int],
    file: Path,
    *,
    inline_bytes: int = INLINE_BYTES,
    optimise: bool = True,
) -> None:
    """Writes a module as ONNX; the same weights and torch give the same bytes.

    Weights that do not fit into the file go to one of the same name and `.data` after it.

    Args:
        module: What is exported.
        lengths: Of the axes that vary, as the exporter is shown them. Each at least 2: one that is 1 would stay 1.
        file: Where the graph goes.
        inline_bytes: How much weights may take in the file.
        optimise: Whether constants are folded and nodes fused, which takes half of the time; runtimes do it again at load.

    Raises:
        Internal: `EXPORT_FAILED`, torch cannot trace the module.
        PreconditionFailed: `DISK_FULL` or `DISK_NOT_WRITABLE`.
    """
    example = tuple(map(torch.from_numpy, module.example({BATCH: 2} | dict(lengths), seed=0).values()))
    with torch.inference_mode(False), torch.no_grad(), _quiet():
        try:
            program = torch.onnx.export(
                module,
                example,
                dynamo=True,
                opset_version=OPSET,
                input_names=[tensor.name for tensor in module.inputs],
                output_names=[tensor.name for tensor in module.outputs],
                dynamic_shapes=(tuple(map(_varying, module.inputs)),),
                optimize=optimise,
                verbose=False,
            )
        except Exception as error:
            problem = f"{file.name}: torch cannot export it: {' '.join(str(error).split())[:2000]}"
            raise Internal(problem, reason="EXPORT_FAILED") from error
    if program is None:
        raise Internal(f"{file.name}: torch exported nothing", reason="EXPORT_FAILED")
    with disk_errors(file.parent):
        _save(_bare(program.model, module), file, inline_bytes)


def _varying(tensor: Any) -> dict[int, Any]:  # noqa: ANN401
    return {place: torch.export.Dim.DYNAMIC for place, axis in enumerate(tensor.shape) if isinstance(axis, str)}


@contextmanager
def _quiet() -> Iterator[None]:
    # What the exporter says is for those who develop it; what matters is checked afterwards.
    log = logging.getLogger("torch.onnx")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)


def _bare(model: onnx_ir.Model, module: Exportable) -> onnx_ir.Model:
    """Gives axes our names and drops the exporter's notes, which hold paths of this machine."""
    import onnx_ir

    graph = model.graph
    values = (*graph.initializers.values(), *graph.inputs, *graph.outputs)
    parts: tuple[Any, ...] = (model, graph, *graph.all_nodes(), *values)
    for part in parts:
        part.metadata_props.clear()
        part.doc_string = None
    reserved = {tensor.name for tensor in (*module.inputs, *module.outputs)}
    for value in [value for node in graph.all_nodes() for value in node.outputs]:
        value.metadata_props.clear()
        value.shape = None
        if value.name in reserved and not value.is_graph_output():
            value.name = (
                f"{value.name}_inside"  # the exporter names values after operators: `sin` may be an input as well
            )
    for value, tensor in zip((*graph.inputs, *graph.outputs), (*module.inputs, *module.outputs), strict=True):
        value.shape = onnx_ir.Shape(tensor.shape)
    return model


def _save(model: onnx_ir.Model, file: Path, inline_bytes: int) -> None:
    import onnx_ir

    weights = sum(
        value.const_value.nbytes for value in model.graph.initializers.values() if value.const_value is not None
    )
    if weights <= inline_bytes:
        onnx_ir.save(model, file)
        return
    onnx_ir.save(model, file, external_data=f"{file.name}.data", size_threshold_bytes=_SMALL)


def verify_graph(module: Exportable, file: Path, trials: Sequence[Mapping[str, int]]) -> float:
    """Runs graph and module on the same noise, in batches of one and of three, and gives the largest difference.

    An exporter can bake a length in and say nothing; the graph then fails here.

    Args:
        module: What was exported.
        file: The graph.
        trials: Sets of lengths of the axes that vary.

    Returns:
        Largest difference of any element, as a share of the output's largest value, or of 1 where that is less.

    Raises:
        Internal: `EXPORT_MISMATCH`, the graph cannot be run at some length, or gives something else.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise _mismatch(file.name, f"cannot be loaded: {str(error)[:500]}") from error
    worst = 0.0
    for seed, lengths in enumerate(trials):
        for batch in (1, 3):
            worst = max(worst, _difference(module, session, {BATCH: batch} | dict(lengths), seed, file.name))
    return worst


def _difference(module: Exportable, session: Any, lengths: Mapping[str, int], seed: int, name: str) -> float:  # noqa: ANN401
    example = module.example(lengths, seed)
    try:
        given = session.run([tensor.name for tensor in module.outputs], example)
    except Exception as error:
        raise _mismatch(name, f"cannot run at {dict(lengths)}: {str(error)[:500]}") from error
    difference = max(map(_relative, given, _wanted(module, example)))
    if not difference <= TOLERANCE:
        raise _mismatch(
            name, f"differs from its module by {difference:.3g} at {dict(lengths)}; {TOLERANCE:g} is allowed"
        )
    return difference


def _wanted(module: Exportable, example: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    with torch.no_grad():
        out = module(*map(torch.from_numpy, example.values()))
    return [value.numpy() for value in (out if isinstance(out, tuple) else (out,))]


def _relative(given: NDArray[Any], wanted: NDArray[Any]) -> float:
    if given.shape != wanted.shape:
        return float("inf")
    return float(np.abs(given - wanted).max() / max(float(np.abs(wanted).max()), 1.0))


def _mismatch(name: str, problem: str) -> Internal:
    return Internal(f"{name} {problem}", reason="EXPORT_MISMATCH", metadata={"file": name})
