"""How fast the graphs of an installed pack run, wherever they are served."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from firstframe.core.errors import InvalidInput
from firstframe.core.models import BATCH
from firstframe.packs.golden import draw_inputs
from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import Graph
from firstframe.ports.inference import Inference, Tensors

CONCURRENT = (1, 2, 4, 8)
SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class BenchWishes:
    """What is measured."""

    graphs: Sequence[str] = ()
    """Names in the pack; all where there is none."""
    lengths: Mapping[str, int] = field(default_factory=dict)
    """Lengths of axes that differ from those of the graph's first bucket."""
    concurrent: Sequence[int] = CONCURRENT
    """How many callers send at a time, one measurement for each."""
    seconds: float = SECONDS
    """How long new runs are begun in a measurement; each caller makes one at least."""
    deadline_s: float = 600.0
    """For each run."""
    reload: bool = False
    """Whether a model that is loaded is loaded anew, which whoever else uses it will notice."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Runs of so many callers, each of whom sends the next request when the last is answered."""

    concurrent: int
    runs: int
    median_s: float
    slowest_s: float
    per_s: float


@dataclass(frozen=True, slots=True)
class GraphBench:
    """What was measured of one graph."""

    model: str
    lengths: Mapping[str, int]
    load_s: float
    """Next to nothing where it was loaded."""
    first_s: float
    """The first run after loading, in which libraries choose kernels and take memory."""
    rates: tuple[Rate, ...]
    again: Rate
    """The first of `rates` once more at the end: how far apart two measurements of the same thing are."""


async def measure_pack(
    installed: InstalledPack, inference: Inference, wishes: BenchWishes
) -> AsyncIterator[GraphBench]:
    """Measures graphs one after the other, on noise over each input's value range.

    Args:
        installed: The pack.
        inference: Serves its graphs.
        wishes: What is measured.

    Yields:
        One graph when it is done.

    Raises:
        InvalidInput: No graph has a name that is wished for, or a length is missing, unknown or not positive.
        FirstframeError: See `Inference`.
    """
    graphs = _chosen(installed, wishes.graphs)
    cases = [(graph, bench_lengths(installed, graph, wishes.lengths)) for graph in graphs]
    for graph, lengths in cases:
        yield await _measure(installed.pack.served_name(graph), graph, lengths, inference, wishes)


def _chosen(installed: InstalledPack, names: Sequence[str]) -> list[Graph]:
    known = {graph.name: graph for graph in installed.pack.graphs}
    if unknown := sorted(set(names) - set(known)):
        problem = f"{installed.pack.pack} has no {', '.join(unknown)}"
        raise InvalidInput.at("graph", problem, f"its graphs are {', '.join(known)}")
    return [known[name] for name in names or known]


def bench_lengths(installed: InstalledPack, graph: Graph, wished: Mapping[str, int]) -> dict[str, int]:
    """Lengths of the axes that vary: what is wished for over the first bucket, else over the first golden.

    Raises:
        InvalidInput: A length is missing, unknown or not positive.
    """
    axes = {axis for tensor in graph.inputs for axis in tensor.shape if isinstance(axis, str)}
    goldens = (golden.axes for golden in installed.pack.goldens if golden.graph == graph.name)
    lengths = {BATCH: 1, **next(iter((*graph.buckets, *goldens)), {}), **wished}
    if unknown := sorted(set(wished) - axes):
        names = f"its axes are {', '.join(sorted(axes))}" if axes else "all its lengths are fixed"
        raise InvalidInput.at("axis", f"no input of {graph.name} has {', '.join(unknown)}", names)
    if missing := sorted(axes - set(lengths)):
        raise InvalidInput.at("axis", f"{graph.name} has no bucket and needs {', '.join(missing)}")
    if short := sorted(axis for axis in axes if lengths[axis] < 1):
        raise InvalidInput.at("axis", f"{', '.join(short)} of {graph.name} is below 1")
    return {axis: lengths[axis] for axis in sorted(axes)}


async def _measure(
    model: str, graph: Graph, lengths: Mapping[str, int], inference: Inference, wishes: BenchWishes
) -> GraphBench:
    inputs = draw_inputs(graph.inputs, lengths)
    if wishes.reload:
        await inference.unload(model)
    load_s = await _seconds(lambda: inference.load(model))
    first_s = await _seconds(lambda: _run(model, inputs, inference, wishes))
    rates = [await _rate(model, inputs, inference, wishes, count) for count in wishes.concurrent]
    again = await _rate(model, inputs, inference, wishes, wishes.concurrent[0])
    return GraphBench(model, lengths, load_s, first_s, tuple(rates), again)


async def _rate(model: str, inputs: Tensors, inference: Inference, wishes: BenchWishes, concurrent: int) -> Rate:
    times: list[float] = []
    began = time.perf_counter()

    async def caller() -> None:
        while True:
            times.append(await _seconds(lambda: _run(model, inputs, inference, wishes)))
            if time.perf_counter() - began >= wishes.seconds:
                return

    await asyncio.gather(*(caller() for _ in range(concurrent)))
    whole = time.perf_counter() - began
    return Rate(concurrent, len(times), statistics.median(times), max(times), len(times) / whole)


async def _run(model: str, inputs: Tensors, inference: Inference, wishes: BenchWishes) -> None:
    await inference.infer(model, inputs, deadline_s=wishes.deadline_s, request_id="bench")


async def _seconds(call: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began
