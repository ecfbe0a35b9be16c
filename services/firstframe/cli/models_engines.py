"""What `firstframe models build` does: orders, previews, builds, and the store that engines are in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from firstframe.adapters.stores import open_store
from firstframe.cli.output import Output
from firstframe.core.errors import InvalidInput
from firstframe.core.models import Runtime
from firstframe.packs.build.builder import Builder, Order, Wishes
from firstframe.packs.build.commands import CAST, QUANTISED
from firstframe.packs.build.decision import Decision
from firstframe.packs.build.preview import Preview, preview
from firstframe.packs.build.store import EngineRecord, EngineStore
from firstframe.packs.build.toolchain import find_toolchain
from firstframe.packs.export_record import read_record
from firstframe.packs.spec import Graph, Pack
from firstframe.runtime.settings import StoreSettings, load


class EngineSettings(BaseSettings):
    """Where engines are: `FIRSTFRAME_MODELS_STORE__KIND` and so on."""

    model_config = SettingsConfigDict(env_prefix="FIRSTFRAME_MODELS_", env_nested_delimiter="__")

    store: StoreSettings = Field(default_factory=StoreSettings, description="Where engines are.")


def open_engines() -> EngineStore:
    """The store that the environment names.

    Raises:
        PreconditionFailed: It cannot be used.
    """
    return EngineStore(open_store(**load(EngineSettings).store.values()))


def orders_of(pack: Pack, names: Sequence[str], place: Path, wishes: Wishes) -> list[Order]:
    """One order for each graph.

    Args:
        pack: The pack.
        names: Graphs to build; all that TensorRT can read where none is named.
        place: Folder of the exported graphs.
        wishes: What the engines have in common.

    Raises:
        InvalidInput: There is no such graph, or TensorRT cannot read it.
    """
    record = read_record(place)
    trials = record.trials if record else {}
    return [
        Order(pack.served_name(graph), graph, place / graph.file, wishes, trials.get(graph.name) or _small(pack, graph))
        for graph in _chosen(pack, names)
    ]


def _small(pack: Pack, graph: Graph) -> dict[str, int]:
    """Lengths of a small run where no export noted them: those of a golden, else of the first bucket."""
    goldens = (golden.axes for golden in pack.goldens if golden.graph == graph.name)
    return next(iter((*goldens, *graph.buckets)), {})


def _chosen(pack: Pack, names: Sequence[str]) -> list[Graph]:
    known = {graph.name: graph for graph in pack.graphs if graph.runtime is Runtime.ONNX}
    if not known:
        raise InvalidInput.at("NAME", f"{pack.pack} has no ONNX graph", "TensorRT builds of nothing else")
    for name in names:
        if name not in known:
            raise InvalidInput.at("--graph", f"{pack.pack} has no ONNX graph {name}", f"use one of {', '.join(known)}")
    return [known[name] for name in names or known]


def tell_previews(orders: Sequence[Order], tensorrt: str, folder: Path, output: Output) -> None:
    """Prints what a build would do, as a shell script whose remarks say why, or as JSON."""
    previews = [preview(order, tensorrt, open_engines, folder) for order in orders]
    if output.as_json:
        output.document({"engines": [_preview_json(item) for item in previews]})
        return
    for item in previews:
        output.results.print(_script(item), markup=False, soft_wrap=True)


def _script(item: Preview) -> str:
    lines = [f"# {item.order.model} for {item.order.wishes.arch}: {_told(item.decision)}"]
    lines += [f"# key {item.key}"] if item.key else []
    for command in item.commands:
        lines += [f"# {command.what}", command.shell()]
    return "\n".join([*lines, ""])


def _preview_json(item: Preview) -> dict[str, Any]:
    return {
        "model": item.order.model,
        "arch": item.order.wishes.arch,
        "action": item.decision.action.value,
        "reason": item.decision.reason,
        "key": item.key or None,
        "commands": [list(command.argv) for command in item.commands],
    }


def _told(decision: Decision) -> str:
    return f"{decision.action.value}; {decision.reason}"


def build_engines(orders: Sequence[Order], folder: Path, timeout_s: float, output: Output) -> None:
    """Builds engines, one after the other, and prints a line for each.

    Raises:
        PreconditionFailed: `TENSORRT_MISSING`, `GPU_ARCHITECTURE_DIFFERS`.
        FirstframeError: A build failed; those before it are stored.
    """
    casts = any(order.graph.precision in (*CAST, *QUANTISED) for order in orders)
    toolchain = find_toolchain(orders[0].wishes.arch, casts=casts)
    builder = Builder(open_engines(), toolchain, folder, timeout_s=timeout_s)
    for order in orders:
        plan = builder.plan(order)
        output.say(f"{order.model}: {_told(plan.decision)}")
        _tell_built(builder.build(plan), plan.decision, output)


def _tell_built(record: EngineRecord, decision: Decision, output: Output) -> None:
    if output.as_json:
        output.event({"model": record.model, "action": decision.action.value, "key": record.key, "blob": record.blob})
        return
    size = record.size_bytes / 2**20
    output.results.print(f"{record.model} {record.key} {size:.1f} MiB {record.blob}", markup=False)
