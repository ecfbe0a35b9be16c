"""`firstframe models export`: the modules of a pipeline as ONNX graphs that a server takes.

Offline work: it needs torch and diffusers, as much memory as the largest module, and seconds to minutes for each.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstframe.core.errors import InvalidInput
from firstframe.packs.diffusers_folder import load_module, read_index
from firstframe.packs.export_modules import Exportable, Shot
from firstframe.packs.export_onnx import INLINE_BYTES, OPSET, export_graph, verify_graph
from firstframe.packs.export_plan import PipelineSource, wrapped
from firstframe.packs.export_record import FOLDER, Exported, write_record
from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import BatchingSpec, Graph, Pipeline, Tensor

TRIALS = ((256, 256, 9), (384, 256, 17))
"""Width and height in pixels and frames at which graphs are held against their modules."""
_BATCHING = BatchingSpec(max_size=8, preferred=(2, 4, 8))
_BUFFERS = ("latents_mean", "latents_std")
_BLOCK = 1 << 20

Tell = Callable[[str, float], None]
"""Told the name of each graph that is done, and how far it is from its module."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be exported."""

    source: PipelineSource
    pipeline: Pipeline
    declared: Mapping[str, Graph]
    """Graphs as the pack has them; what is exported has to be what they say."""
    trials: Sequence[tuple[int, int, int]] = TRIALS
    inline_bytes: int = INLINE_BYTES
    optimise: bool = True
    """See `export_graph`."""


def export_pack(installed: InstalledPack, tell: Tell) -> Exported:
    """Exports an installed pack, into its folder. A former export is replaced when the new one is whole.

    Raises:
        InvalidInput: The pack has no pipeline, or its graphs are not what its modules give.
        DataCorrupted: `PACK_INCOMPLETE`, files of the pipeline are missing.
        Unsupported: `MODEL_CLASS`, a module is of a class that cannot be exported.
        Internal: `EXPORT_FAILED` or `EXPORT_MISMATCH`.
    """
    pack, pipeline = installed.pack, installed.pack.pipeline
    if pipeline is None:
        raise InvalidInput.at("pack", f"{pack.pack} has no pipeline", "only packs of the learned tier are exported")
    job = Job(open_source(installed.folder, pipeline), pipeline, {graph.name: graph for graph in pack.graphs})
    with _replacing(installed.folder / FOLDER) as folder:
        return export_modules(job, folder, tell)


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A folder that takes the place of `folder` when the block ends well, and is gone when it does not."""
    aside = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir()
        yield aside
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def export_modules(job: Job, folder: Path, tell: Tell) -> Exported:
    """Exports the modules of a pipeline into a folder, the record last.

    Raises as `export_pack`.
    """
    native = job.pipeline.native
    shots = job.source.shots(native)
    trials = [job.source.shot(*trial) for trial in job.trials]
    main = next(iter(shots.values()), trials[0])
    made, differences, lengths = [], {}, {}
    for place, name in job.pipeline.modules.items():
        module = wrapped(job.source, place, main)
        made.append(_graph(module, name, job.declared.get(name), shots.values()))
        differences[name] = _export(module, folder / f"{name}.onnx", trials, job)
        lengths[name] = module.lengths(trials[0])
        tell(name, differences[name])
    exported = Exported(
        tuple(made), _digests(folder), _buffers(job), {"torch": _version(), "opset": str(OPSET)}, differences, lengths
    )
    write_record(exported, folder)
    return exported


def _export(module: Exportable, file: Path, trials: Sequence[Shot], job: Job) -> float:
    lengths = [module.lengths(trial) for trial in trials]
    export_graph(module, lengths[0], file, inline_bytes=job.inline_bytes, optimise=job.optimise)
    return verify_graph(module, file, lengths)


def _graph(module: Exportable, name: str, declared: Graph | None, shots: Iterable[Shot]) -> Graph:
    """The graph's specification: that of the pack, else one that follows from the module."""
    file = f"{FOLDER}/{name}.onnx"
    if declared is None:
        buckets = tuple(
            {tuple(sorted(lengths.items())): lengths for lengths in map(module.lengths, shots) if lengths}.values()
        )
        return Graph(
            name=name, file=file, inputs=module.inputs, outputs=module.outputs, buckets=buckets, batching=_BATCHING
        )
    for side, tensors in (("inputs", module.inputs), ("outputs", module.outputs)):
        said = _shapes(getattr(declared, side))
        if said != _shapes(tensors):
            raise InvalidInput.at(f"graphs.{name}.{side}", f"the pack says {said}, the module has {_shapes(tensors)}")
    if declared.file != file:
        raise InvalidInput.at(f"graphs.{name}.file", f"is {declared.file}", f"name it {file}")
    return declared


def _shapes(tensors: Iterable[Tensor]) -> str:
    return "; ".join(f"{tensor.name} {tensor.dtype} {'×'.join(map(str, tensor.shape))}" for tensor in tensors)


def _digests(folder: Path) -> dict[str, str]:
    return {f"{FOLDER}/{path.name}": _digest(path) for path in sorted(folder.iterdir())}


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _buffers(job: Job) -> dict[str, dict[str, list[float]]]:
    buffers = dict(job.source.load("vae").named_buffers())
    values = {name: buffers[name].tolist() for name in _BUFFERS if name in buffers}
    return {"vae": values} if values else {}


def _version() -> str:
    import torch

    return str(torch.__version__)


def open_source(folder: Path, pipeline: Pipeline) -> PipelineSource:
    """A pipeline in the layout of diffusers: `model_index.json`, and a folder for each module.

    Raises:
        DataCorrupted: `PACK_INCOMPLETE`, `model_index.json` is missing.
    """
    index = read_index(folder)
    loaded: dict[str, Any] = {}

    def load(name: str) -> Any:  # noqa: ANN401
        if name not in loaded:
            loaded.clear()  # one module at a time
            loaded[name] = load_module(folder, index, name)
        return loaded[name]

    options = {name: value for name, value in index.items() if not isinstance(value, list)}
    return PipelineSource(pipeline.class_name, load, options, pipeline.arguments)
