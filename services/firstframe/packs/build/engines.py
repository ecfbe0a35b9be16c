"""Stored engines for a model repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from firstframe.core.errors import PreconditionFailed
from firstframe.packs.build.builder import Order, make_plan
from firstframe.packs.build.key import changed_parts
from firstframe.packs.build.store import EngineRecord, EngineStore


def fetch_engines(orders: Iterable[Order], engines: EngineStore, folder: Path) -> dict[str, Path]:
    """Fetches the newest engine of each graph.

    Args:
        orders: The graphs and their architecture.
        engines: Where they are kept.
        folder: Takes a file for each; made where it is missing.

    Returns:
        Files by the graph's name on a server.

    Raises:
        PreconditionFailed: `ENGINE_MISSING`, there is none, or it was built of another graph, precision or sizes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for order in orders:
        record = _current(order, engines)
        path = folder / f"{order.model}-{record.key[:16]}.plan"
        engines.fetch(record.key, path)
        found[order.model] = path
    return found


def _current(order: Order, engines: EngineStore) -> EngineRecord:
    record = engines.latest(order.model, order.wishes.arch)
    if record is None:
        raise _missing(order, "has no engine")
    # Which TensorRT will read it only the server knows; it refuses what another version wrote.
    parts = replace(make_plan(order, "", engines).wanted.parts, tensorrt=record.parts["tensorrt"])
    if changed := changed_parts(record.parts, parts.as_json()):
        raise _missing(order, f"changed since its engine was built ({', '.join(changed)}), so it has none")
    return record


def _missing(order: Order, problem: str) -> PreconditionFailed:
    arch = order.wishes.arch
    text = f"{order.model} {problem} for {arch}; build it: firstframe models build --target tensorrt --arch {arch}"
    return PreconditionFailed(text, reason="ENGINE_MISSING", metadata={"model": order.model})
