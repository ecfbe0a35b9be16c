"""A GPU's repository gets the engines that were built of exactly these graphs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firstframe.core.errors import PreconditionFailed
from firstframe.packs.build.builder import Order, Wishes, make_plan
from firstframe.packs.build.engines import fetch_engines
from firstframe.packs.build.store import EngineRecord, EngineStore
from firstframe.packs.spec import Graph


@pytest.fixture
def order(write_onnx: Callable[..., Path]) -> Order:
    graph = {
        "file": "graph.onnx",
        "inputs": [{"name": "x", "dtype": "FP32", "shape": ["batch", 4]}],
        "outputs": [{"name": "y", "dtype": "FP32", "shape": ["batch", 4]}],
        "batching": {"max_size": 8},
    }
    return Order("toy", Graph.model_validate(graph), write_onnx(), Wishes("sm_90"))


def store_engine(order: Order, engines: EngineStore, tmp_path: Path, data: bytes = b"engine") -> None:
    plan = make_plan(order, "11.1.0.106", engines)
    file = tmp_path / "made.plan"
    file.write_bytes(data)
    parts = plan.wanted.parts
    engines.put(
        file,
        EngineRecord(
            key=parts.key,
            model=order.model,
            parts=parts.as_json(),
            structure=plan.wanted.structure,
            refittable=False,
            blob="",
            size_bytes=0,
            seconds=1.0,
            built_at="2026-11-23T00:00:00+00:00",
        ),
    )


def test_the_engine_of_a_graph_is_fetched(order: Order, engines: EngineStore, tmp_path: Path) -> None:
    store_engine(order, engines, tmp_path)

    found = fetch_engines([order], engines, tmp_path / "engines")

    assert list(found) == ["toy"]
    assert found["toy"].read_bytes() == b"engine"


def test_without_an_engine_the_command_is_told(order: Order, engines: EngineStore, tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed, match="models build --target tensorrt --arch sm_90") as caught:
        fetch_engines([order], engines, tmp_path)

    assert (caught.value.reason, caught.value.metadata["model"]) == ("ENGINE_MISSING", "toy")


def test_an_engine_of_other_weights_is_none(
    order: Order, engines: EngineStore, tmp_path: Path, write_onnx: Callable[..., Path]
) -> None:
    store_engine(order, engines, tmp_path)
    write_onnx(scale=2.0)

    with pytest.raises(PreconditionFailed, match="onnx") as caught:
        fetch_engines([order], engines, tmp_path)

    assert caught.value.reason == "ENGINE_MISSING"
