"""Model repositories that Triton reads.

`<folder>/repository.json` lists the models; `<folder>/<model>/config.pbtxt` and `<folder>/<model>/1/` are Triton's own layout.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from firstframe.adapters.triton.config import (
    PLAN,
    SCRIPT,
    Target,
    backend_of,
    config_of,
    on_cpu,
    parse_config,
    write_config,
)
from firstframe.core.errors import InvalidInput, NotFound, PreconditionFailed
from firstframe.core.models import ServedModel

RECORD = "repository.json"
VERSION = "1"
BACKEND_MODEL = Path(__file__).parents[4] / "models" / "triton" / "onnx" / SCRIPT
"""What the Python backend runs, where this package runs from a checkout."""


def write_repository(
    models: Iterable[ServedModel],
    target: Target,
    folder: Path,
    *,
    plans: Mapping[str, Path] | None = None,
    script: Path = BACKEND_MODEL,
    link: bool = True,
) -> Path:
    """Writes a repository, whole or not at all: the same bytes for the same models and target.

    Args:
        models: What is served.
        target: Where it is served.
        folder: The repository; an earlier one is replaced.
        plans: TensorRT engine by the model's name; needed for `tensorrt`.
        script: `models/triton/onnx/model.py`, served by the Python backend; needed for `cpu`.
        link: Whether weights are links, for a server on this machine, or copies.

    Returns:
        The folder.

    Raises:
        InvalidInput: A model cannot be configured, two share a name, or the folder holds something else.
        NotFound: `WEIGHTS_NOT_FOUND`, a file that a model needs is not there.
        PreconditionFailed: `ENGINE_MISSING`, a model has no engine.
    """
    chosen = sorted(models, key=lambda model: model.name)
    _check_unique(chosen)
    with _replacing(folder) as aside:
        for model in chosen:
            config = write_config(config_of(model, target))
            parse_config(config)
            files = _files(model, target, plans or {}, script)
            _write_model(aside / model.name, config, files, link=link)
        _write_record(aside, chosen, target)
    return folder


def read_repository(folder: Path) -> tuple[str, ...]:
    """Names of the models of a repository, each configuration held against what it has to mean.

    Raises:
        NotFound: `REPOSITORY_NOT_FOUND`, the folder is none that we wrote.
        InvalidInput: A configuration contradicts itself.
    """
    record = folder / RECORD
    if not record.is_file():
        raise NotFound(f"{folder} has no {RECORD}, so it is not a repository of ours", reason="REPOSITORY_NOT_FOUND")
    names = tuple(json.loads(record.read_text("utf-8"))["models"])
    for name in names:
        parse_config((folder / name / "config.pbtxt").read_text("utf-8"))
    return names


def _check_unique(models: list[ServedModel]) -> None:
    names = [model.name for model in models]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidInput.at("models", f"{', '.join(twice)} would be served twice", "name each model once")


def _files(model: ServedModel, target: Target, plans: Mapping[str, Path], script: Path) -> dict[str, Path]:
    """What belongs into the version folder, by name."""
    if on_cpu(model, target):
        return {SCRIPT: script} | _graph_files(model)
    if backend_of(model, target) == "onnxruntime":
        return _graph_files(model)
    if model.name not in plans:
        command = f"firstframe models build --target tensorrt --arch {target.arch}"
        problem = f"{model.name} has no engine for {target.arch}; build it: {command}"
        raise PreconditionFailed(problem, reason="ENGINE_MISSING", metadata={"model": model.name})
    return {PLAN: plans[model.name]}


def _graph_files(model: ServedModel) -> dict[str, Path]:
    # Weights of a large ONNX graph stand beside it, in files that begin with its name.
    beside = {path.name: path for path in sorted(model.file.parent.glob(f"{model.file.name}*")) if path.is_file()}
    return {model.file.name: model.file} | beside


def _write_model(folder: Path, config: str, files: Mapping[str, Path], *, link: bool) -> None:
    version = folder / VERSION
    version.mkdir(parents=True)
    (folder / "config.pbtxt").write_text(config, "utf-8")
    for name, source in files.items():
        if not source.is_file():
            problem = f"{source} does not exist, which {folder.name} needs"
            raise NotFound(problem, reason="WEIGHTS_NOT_FOUND", metadata={"model": folder.name})
        if link and name != SCRIPT:
            (version / name).symlink_to(source.resolve())
        else:
            shutil.copyfile(source, version / name)


def _write_record(folder: Path, models: list[ServedModel], target: Target) -> None:
    record = {
        "target": {"kind": target.kind, "arch": target.arch},
        "models": {
            model.name: {"digest": model.digest, "gpu_memory_bytes": model.gpu_memory_bytes} for model in models
        },
    }
    (folder / RECORD).write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", "utf-8")


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A folder that takes the place of `folder` when the body ends well and vanishes when it does not."""
    if folder.exists() and any(folder.iterdir()) and not (folder / RECORD).is_file():
        raise InvalidInput.at("folder", f"{folder} holds something else than a repository", "name an empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
        made, old = Path(scratch) / "new", Path(scratch) / "old"
        made.mkdir(mode=0o755)
        yield made
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
