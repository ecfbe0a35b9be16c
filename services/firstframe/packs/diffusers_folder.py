"""A pipeline in the layout of diffusers: `model_index.json`, and a folder for each of its parts."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firstframe.core.errors import DataCorrupted, InvalidInput

INDEX = "model_index.json"
_LIBRARIES = ("diffusers", "transformers")


def read_index(folder: Path) -> dict[str, Any]:
    """`model_index.json`: library and class by module, and the pipeline's own options.

    Raises:
        DataCorrupted: `PACK_INCOMPLETE`, it is missing.
    """
    path = folder / INDEX
    if not path.is_file():
        raise DataCorrupted(f"{folder} holds no pipeline: {INDEX} is missing", reason="PACK_INCOMPLETE")
    index: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return {name: value for name, value in index.items() if not name.startswith("_")}


def class_of(index: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    """The class of a module; None where the pipeline goes without it.

    Raises:
        DataCorrupted: `PACK_INCOMPLETE`, the pipeline names no such module.
        InvalidInput: It is of a library whose code is not trusted to be loaded by name.
    """
    if name not in index:
        raise DataCorrupted(f"{INDEX} names no {name}", reason="PACK_INCOMPLETE")
    library, kind = index[name]
    if kind is None:
        return None
    if library not in _LIBRARIES:
        raise InvalidInput.at(f"{INDEX}: {name}", f"is of {library}", f"use {' or '.join(_LIBRARIES)}")
    return getattr(importlib.import_module(library), kind)


def load_module(folder: Path, index: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    """A part of a pipeline from its folder: module with weights, tokenizer, scheduler … None where there is none.

    Raises:
        DataCorrupted: `PACK_INCOMPLETE`, its files are missing, do not fit each other, or are pickles.
    """
    kind = class_of(index, name)
    if kind is None:
        return None
    try:
        return _load(kind, folder / name)
    except (OSError, RuntimeError, ValueError) as error:
        problem = f"{folder / name} cannot be loaded: {' '.join(str(error).split())}"
        raise DataCorrupted(problem, reason="PACK_INCOMPLETE", metadata={"part": name}) from error


def _load(kind: Any, folder: Path) -> Any:  # noqa: ANN401
    import diffusers
    import torch
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
    if not issubclass(kind, torch.nn.Module):
        return kind.from_pretrained(folder, local_files_only=True)
    # Pickles are refused, and one library keeps the type of the file where the other brings it to FP32.
    return kind.from_pretrained(folder, local_files_only=True, use_safetensors=True).float().eval()
