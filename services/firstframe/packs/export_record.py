"""What an export left beside a pack: `onnx/exported.json`, written last, and the files that it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter

from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import Graph

FOLDER = "onnx"
RECORD = "exported.json"

_GRAPHS: TypeAdapter[tuple[Graph, ...]] = TypeAdapter(tuple[Graph, ...])


@dataclass(frozen=True, slots=True)
class Exported:
    """Graphs of a pack that were made here."""

    graphs: tuple[Graph, ...]
    files: Mapping[str, str]
    """SHA-256 by path in the pack's folder; weights beside a graph have lines of their own."""
    buffers: Mapping[str, Mapping[str, list[float]]] = field(default_factory=dict)
    """The few weights that pipelines read themselves, by module and name."""
    made_with: Mapping[str, str] = field(default_factory=dict)
    differences: Mapping[str, float] = field(default_factory=dict)
    """By graph: largest difference from the module that it was made of; see `verify_graph`."""
    trials: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By graph: lengths of a small run that it takes; axes that follow from each other cannot be told from the graph."""


def write_record(exported: Exported, folder: Path) -> None:
    """Writes the record into the folder of the graphs."""
    content = {
        "graphs": _GRAPHS.dump_python(exported.graphs, mode="json"),
        "files": dict(exported.files),
        "buffers": {module: dict(values) for module, values in exported.buffers.items()},
        "made_with": dict(exported.made_with),
        "differences": dict(exported.differences),
        "trials": {graph: dict(lengths) for graph, lengths in exported.trials.items()},
    }
    (folder / RECORD).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")


def read_record(pack_folder: Path) -> Exported | None:
    """What was exported for the pack in that folder; None where nothing was."""
    path = pack_folder / FOLDER / RECORD
    if not path.is_file():
        return None
    content = json.loads(path.read_text("utf-8"))
    return Exported(**content | {"graphs": _GRAPHS.validate_python(content["graphs"])})


def with_exports(installed: InstalledPack) -> InstalledPack:
    """The pack with what was exported for it; itself where nothing was. What the pack says of its graphs stays."""
    exported = read_record(installed.folder)
    if exported is None:
        return installed
    declared = {graph.name for graph in installed.pack.graphs}
    added = tuple(graph for graph in exported.graphs if graph.name not in declared)
    pack = installed.pack.model_copy(update={"graphs": installed.pack.graphs + added})
    return replace(installed, pack=pack, files={**installed.files, **exported.files})
