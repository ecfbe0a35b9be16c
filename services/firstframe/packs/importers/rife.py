"""The importer `rife-torch`: RIFE's published state becomes `rife.safetensors`, and that `rife.onnx`.

`first`, `second` (FP32 `batch × 3 × height × width`, RGB from 0 to 1) and `timestep` (FP32 `batch`, 0 to 1) give `middle`, the
frame at that time. Height and width have to be multiples of 32; callers pad, best by repeating the border. (Multiples of 16
alone run as well, the coarsest search slightly out of place; any other size fails.)
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from firstframe.core.errors import DataCorrupted, InvalidInput
from firstframe.packs.importers import Options

if TYPE_CHECKING:
    import onnx
    from torch import Tensor
    from torch.export import Dim

    from firstframe.packs.importers.rife_model import Rife

STATE = "flownet.pkl"
WEIGHTS = "rife.safetensors"
GRAPH = "rife.onnx"
OPSET = 18
"""The exporter's own: any other would be translated from it."""
MAX_STATE_BYTES = 256 << 20
MAX_BATCH = 64
MAX_MULTIPLE = 256
"""Longest side in units of `rife_model.MULTIPLE`."""
_AXES = ("batch", "colours", "height", "width")
_PREFIX = "module."
"""Left by training on several GPUs."""


def import_rife(downloads: Mapping[str, Path], target: Path, options: Options) -> None:
    """Converts RIFE.

    Args:
        downloads: One file, `flownet.pkl`: a state of torch, read without running anything that is in it.
        target: Existing folder that gets `rife.safetensors` and `rife.onnx`.
        options: None is known.

    Raises:
        InvalidInput: There is another download, or an option.
        DataCorrupted: `WEIGHTS_CORRUPT`, the file is not a state, or not that of this network.
    """
    if options:
        raise InvalidInput.at("importer.options", f"rife-torch has no option {', '.join(sorted(options))}")
    if set(downloads) != {STATE}:
        raise InvalidInput.at("downloads", f"are {', '.join(sorted(downloads)) or 'none'}", f"name one, {STATE}")
    from safetensors.torch import load_file, save_file

    state = _model(read_state(downloads[STATE])).state_dict()
    save_file({name: value.contiguous() for name, value in state.items()}, target / WEIGHTS)
    (target / GRAPH).write_bytes(export(_model(load_file(target / WEIGHTS))))


def read_state(path: Path) -> dict[str, Tensor]:
    """Reads a state of torch, numbers alone: whatever else a pickle can do is refused.

    Raises:
        DataCorrupted: `WEIGHTS_CORRUPT`, the file is not a state.
        InvalidInput: It is too large.
    """
    import torch

    if path.stat().st_size > MAX_STATE_BYTES:
        raise InvalidInput.at(path.name, f"is larger than {MAX_STATE_BYTES} bytes")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever a wrong byte leads it to
        raise _corrupt(path.name, "is not a state of torch that holds tensors alone") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise _corrupt(path.name, "holds something else than tensors by name")
    return {str(name).removeprefix(_PREFIX): value for name, value in state.items()}


def _model(state: Mapping[str, Tensor]) -> Rife:
    from firstframe.packs.importers.rife_model import load_rife

    try:
        return load_rife(state)
    except RuntimeError as error:
        raise _corrupt(STATE, f"is not RIFE HDv3: {' '.join(str(error).split())[:300]}") from error


def _corrupt(name: str, problem: str) -> DataCorrupted:
    return DataCorrupted(f"{name} {problem}; fetch it again", reason="WEIGHTS_CORRUPT")


def export(model: Rife) -> bytes:
    """The network as ONNX, all lengths but the colours free; the same weights and torch give the same bytes."""
    import onnx

    with _quiet():
        graph = _bare(_trace(model))
    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString(deterministic=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the exporter's remarks about itself, and about packages that it could use, away from the user."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _trace(model: Rife) -> onnx.ModelProto:
    import torch

    frames = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    lengths = _lengths()
    program = torch.onnx.export(
        model,
        (frames, frames.flip(0), torch.full((2,), 0.5)),
        dynamo=True,
        opset_version=OPSET,
        input_names=["first", "second", "timestep"],
        output_names=["middle"],
        dynamic_shapes=(lengths, lengths, {0: lengths[0]}),
        verbose=False,
    )
    return cast("torch.onnx.ONNXProgram", program).model_proto


def _lengths() -> dict[int, Dim]:
    from torch.export import Dim

    from firstframe.packs.importers.rife_model import MULTIPLE

    batch = Dim("batch", min=1, max=MAX_BATCH)
    rows, columns = Dim("rows", min=1, max=MAX_MULTIPLE), Dim("columns", min=1, max=MAX_MULTIPLE)
    return {0: batch, 2: MULTIPLE * rows, 3: MULTIPLE * columns}


def _bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """Drops the exporter's notes, which hold paths of this machine, and what says nothing about the numbers."""
    for part in (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.initializer,
        *model.graph.input,
        *model.graph.output,
    ):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    model.graph.ClearField("value_info")
    for value in (*model.graph.input, *model.graph.output):
        _name_axes(value)
    return model


def _name_axes(value: onnx.ValueInfoProto) -> None:
    axes = value.type.tensor_type.shape.dim
    for axis, name in zip(axes, _AXES, strict=False):
        if axis.dim_param:
            axis.dim_param = name
