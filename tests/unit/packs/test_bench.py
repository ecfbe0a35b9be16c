from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firstframe.core.errors import InvalidInput
from firstframe.packs.bench import BenchWishes, GraphBench, bench_lengths, measure_pack
from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import Golden, Pack, Samples

RUN_S = 0.01


class Server:
    """Runs one request at a time, and notes what it is asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.shapes: set[tuple[int, ...]] = set()
        self.at_once = self.most = 0
        self._free = asyncio.Lock()

    async def infer(self, model: str, inputs: Any, *, deadline_s: float, request_id: str = "") -> dict[str, Any]:
        assert (deadline_s, request_id) == (5.0, "bench")
        self.calls.append(model)
        self.shapes.add(inputs["x"].shape)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        async with self._free:
            await asyncio.sleep(RUN_S)
        self.at_once -= 1
        return {"y": np.zeros(1)}

    async def load(self, model: str) -> None:
        self.calls.append(f"load {model}")

    async def unload(self, model: str) -> None:
        self.calls.append(f"unload {model}")

    async def ready(self) -> frozenset[str]:
        return frozenset()

    async def close(self) -> None: ...


def pack(*goldens: Golden, buckets: tuple[dict[str, int], ...] = ()) -> InstalledPack:
    graphs = [
        {
            "name": name,
            "file": f"{name}.onnx",
            "inputs": [{"name": "x", "dtype": "FP32", "shape": ["batch", 3, *axes]}],
            "outputs": [{"name": "y", "dtype": "FP32", "shape": ["batch"]}],
            "buckets": buckets if axes else [],
        }
        for name, axes in (("wide", ["width"]), ("fixed", []))
    ]
    made = Pack.model_validate(
        {
            "pack": "toy",
            "version": 1,
            "purpose": "tests",
            "licence": {"spdx": "MIT", "commercial": True, "url": "https://example.test"},
            "sources": [{"kind": "file", "path": "."}],
            "importer": {"name": "any"},
            "graphs": graphs,
            "goldens": [golden.model_dump() for golden in goldens],
        }
    )
    return InstalledPack(made, Path(), {})


def golden(**axes: int) -> Golden:
    return Golden(graph="wide", axes=axes, outputs={"y": Samples(mean=0, std=0, values=(0,))}, atol=1)


async def measured(server: Server, **wishes: Any) -> list[GraphBench]:
    wished = BenchWishes(seconds=0, deadline_s=5.0, **wishes)
    return [one async for one in measure_pack(pack(buckets=({"width": 4},)), server, wished)]


async def test_every_graph_is_loaded_run_once_and_then_measured_with_each_number_of_callers() -> None:
    server = Server()

    wide, fixed = await measured(server, concurrent=(1, 3))

    assert server.calls == ["load toy-wide", *["toy-wide"] * 6, "load toy-fixed", *["toy-fixed"] * 6]
    assert server.most == 3
    assert server.shapes == {(1, 3, 4), (1, 3)}
    assert (wide.model, wide.lengths, fixed.lengths) == ("toy-wide", {"batch": 1, "width": 4}, {"batch": 1})
    assert [(rate.concurrent, rate.runs) for rate in (*wide.rates, wide.again)] == [(1, 1), (3, 3), (1, 1)]


async def test_callers_who_wait_for_each_other_take_longer_and_make_no_more_runs() -> None:
    (found,) = await measured(Server(), graphs=("wide",), concurrent=(4,))

    (rate,) = found.rates
    assert RUN_S <= rate.median_s <= rate.slowest_s
    assert rate.slowest_s >= 3 * RUN_S
    assert rate.per_s < 1.1 / RUN_S
    assert found.first_s >= RUN_S > found.load_s


async def test_runs_are_begun_until_the_time_is_over() -> None:
    wishes = BenchWishes(graphs=("fixed",), concurrent=(2,), seconds=5 * RUN_S, deadline_s=5.0)
    (found,) = [one async for one in measure_pack(pack(), Server(), wishes)]
    assert found.rates[0].runs > 2


async def test_what_is_loaded_stays_so_unless_it_is_to_be_loaded_anew() -> None:
    server = Server()
    await measured(server, graphs=("fixed",), concurrent=(1,), reload=True)
    assert server.calls[:2] == ["unload toy-fixed", "load toy-fixed"]


def test_lengths_are_those_wished_for_then_of_the_bucket_then_of_a_golden() -> None:
    bucketed, bare = pack(golden(width=7), buckets=({"width": 4}, {"width": 5})), pack(golden(batch=2, width=7))
    graph = bucketed.pack.graphs[0]
    assert bench_lengths(bucketed, graph, {}) == {"batch": 1, "width": 4}
    assert bench_lengths(bucketed, graph, {"width": 9, "batch": 2}) == {"batch": 2, "width": 9}
    assert bench_lengths(bare, bare.pack.graphs[0], {}) == {"batch": 2, "width": 7}


@pytest.mark.parametrize(
    ("wished", "told"),
    [
        ({"height": 3}, "height; its axes are batch, width"),
        ({}, "needs width"),
        ({"width": 0}, "width of wide is below 1"),
    ],
)
def test_a_length_that_cannot_be_is_told(wished: dict[str, int], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        bench_lengths(pack(), pack().pack.graphs[0], wished)


async def test_a_graph_that_is_not_there_is_told_before_anything_runs() -> None:
    server = Server()
    with pytest.raises(InvalidInput, match="toy has no deep; its graphs are wide, fixed"):
        await measured(server, graphs=("deep",))
    assert not server.calls
