"""Adapters: low-rank weights (LoRA) added to the modules of another pack, before those are exported.

The folder of the adapter's pack becomes a pipeline of its own: the base's files, linked, and in the place of what the adapter
changes, modules with the sums. What adds them is diffusers' own loader, so that every layout of weights that it reads is read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from firstframe.core.errors import DataCorrupted, InvalidInput, Unsupported
from firstframe.packs.diffusers_folder import load_module, read_index
from firstframe.packs.export_record import FOLDER
from firstframe.packs.installed import RECORD, InstalledPack
from firstframe.packs.spec import Adapter

_NAME = "added"


def assemble(installed: InstalledPack, base: InstalledPack) -> tuple[str, ...]:
    """Makes a pipeline of an adapter and its base, in the folder of the adapter's pack.

    Args:
        installed: The adapter's pack.
        base: The pack that it names.

    Returns:
        Names of the modules that were changed.

    Raises:
        InvalidInput: It is no adapter's pack, or not of that base, or of another class of pipeline.
        DataCorrupted: `ADAPTER_UNFIT`, its weights are not of such modules; or `PACK_INCOMPLETE`, see `load_module`.
        Unsupported: `MODEL_CLASS`, the library adds nothing to modules of that class.
    """
    adapter = _checked(installed, base)
    _link(base.folder, installed.folder, leave_out=frozenset(adapter.files))
    index = read_index(base.folder)
    for place, file in adapter.files.items():
        module = load_module(base.folder, index, place)
        if module is None:
            raise DataCorrupted(f"{base.pack.pack} has no {place}", reason="ADAPTER_UNFIT", metadata={"part": place})
        _add(module, place, installed.folder / file, adapter.scale, _kind(installed))
        shutil.rmtree(installed.folder / place, ignore_errors=True)
        module.save_pretrained(installed.folder / place, safe_serialization=True)
    return tuple(adapter.files)


def _checked(installed: InstalledPack, base: InstalledPack) -> Adapter:
    adapter, own, other = installed.pack.adapter, installed.pack.pipeline, base.pack.pipeline
    if adapter is None or adapter.base != base.pack.pack:
        raise InvalidInput.at("adapter", f"{installed.pack.pack} is none of {base.pack.pack}", "name its base")
    if own is None or other is None or own.class_name != other.class_name:
        said = other.class_name if other else "none"
        raise InvalidInput.at(
            "pipeline.class_name", f"is not that of {base.pack.pack}, which is {said}", "say the same"
        )
    return adapter


def _link(source: Path, target: Path, leave_out: frozenset[str]) -> None:
    """Every file of the base's pipeline but its own exports, its record and the modules that are left out."""
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if not path.is_file() or inside.parts[0] in {FOLDER, RECORD, *leave_out}:
            continue
        place = target / inside
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        try:
            os.link(path, place)
        except OSError:  # another file system
            shutil.copyfile(path, place)


def _kind(installed: InstalledPack) -> Any:  # noqa: ANN401
    import diffusers
    import peft  # noqa: F401  (without it the library's loader says that weights are wrong)

    pipeline = installed.pack.pipeline
    kind = getattr(diffusers, pipeline.class_name) if pipeline else None
    if not hasattr(kind, "load_lora_into_transformer"):
        text = f"{installed.pack.pack}: the library adds no adapter to a {pipeline.class_name if pipeline else 'pack'}"
        raise Unsupported(text, reason="MODEL_CLASS")
    return kind


def _add(module: Any, place: str, file: Path, scale: float, kind: Any) -> None:  # noqa: ANN401
    """Adds weights to a module for good.

    Raises:
        DataCorrupted: `ADAPTER_UNFIT`, nothing of them is the module's.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    before = _sums(module)
    try:
        state = kind.lora_state_dict(load_file(file))
        kind.load_lora_into_transformer(state, transformer=module, adapter_name=_NAME, low_cpu_mem_usage=False)
        module.fuse_lora(lora_scale=scale, adapter_names=[_NAME])
        module.unload_lora()
    except (ValueError, RuntimeError, KeyError, OSError, SafetensorError) as error:
        problem = f"{file.name} does not fit {place}: {' '.join(str(error).split())}"
        raise DataCorrupted(problem, reason="ADAPTER_UNFIT", metadata={"part": place}) from error
    if not any(_changes(before, module)):
        problem = f"nothing of {file.name} is of {place}; name the module that it was trained for in adapter.files"
        raise DataCorrupted(problem, reason="ADAPTER_UNFIT", metadata={"part": place})


def _sums(module: Any) -> Mapping[str, float]:  # noqa: ANN401
    """Of the magnitudes of each weight: enough to tell whether it was changed, without a second copy of all of them."""
    return {name: float(value.detach().double().abs().sum()) for name, value in module.named_parameters()}


def _changes(before: Mapping[str, float], module: Any) -> Iterator[str]:  # noqa: ANN401
    return (name for name, total in _sums(module).items() if total != before.get(name))
