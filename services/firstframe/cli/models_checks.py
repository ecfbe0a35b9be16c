"""Runs the checks of installed packs, in this process or at a Triton server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from firstframe.cli.models_serving import check_address, serving
from firstframe.core.errors import DataCorrupted, FirstframeError
from firstframe.packs.golden import make_inputs, sample
from firstframe.packs.installed import InstalledPack
from firstframe.packs.spec import Golden, Samples
from firstframe.packs.verify import DEADLINE_S, GoldenRun, check_files, run_goldens
from firstframe.ports.inference import Inference

_NOTHING_KNOWN = {"-": Samples(mean=0, std=0, values=(0,))}


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one pack."""

    pack: str
    files: int
    """How many files are as they were installed."""
    runs: tuple[GoldenRun, ...] = ()
    problem: str = ""

    @property
    def passes(self) -> bool:
        """Whether all is well."""
        return not self.problem and all(run.passes for run in self.runs)


def verify_packs(installed: Sequence[InstalledPack], triton: str) -> list[Check]:
    """Checks packs one after the other.

    Args:
        installed: The packs.
        triton: `host:port` of a Triton server, empty for this process.

    Raises:
        InvalidInput: `triton` is something else.
    """
    check_address(triton)
    return asyncio.run(_verify(installed, triton))


async def _verify(installed: Sequence[InstalledPack], triton: str) -> list[Check]:
    return [await _verify_one(pack, triton) for pack in installed]


async def _verify_one(installed: InstalledPack, triton: str) -> Check:
    name, files = installed.pack.pack, 0
    try:
        files = await asyncio.to_thread(check_files, installed)
        async with serving(installed, triton) as inference:
            return Check(name, files, await run_goldens(installed, inference))
    except FirstframeError as error:
        return Check(
            name, 0 if isinstance(error, DataCorrupted) else files, problem=f"{error.message} [{error.reason}]"
        )


def measure_goldens(installed: InstalledPack, *, seed: int, cells: int, atol: float) -> str:
    """`goldens` of a pack as YAML: every graph at its first bucket.

    Args:
        installed: The pack.
        seed: Seed of the input noise.
        cells: See `Golden.cells`.
        atol: Tolerance to write down.
    """
    axes = {graph.name: graph.buckets[0] if graph.buckets else {} for graph in installed.pack.graphs}
    wishes = [
        Golden(graph=graph, seed=seed, cells=cells, axes=axes[graph], atol=atol, outputs=_NOTHING_KNOWN)
        for graph in axes
    ]
    documents = [
        golden.model_dump(mode="json", exclude_defaults=True) for golden in asyncio.run(_measure(installed, wishes))
    ]
    return yaml.safe_dump({"goldens": documents}, sort_keys=False, default_flow_style=None, width=120)


async def _measure(installed: InstalledPack, wishes: Sequence[Golden]) -> list[Golden]:
    async with serving(installed, "") as inference:
        return [await _measure_one(installed, wish, inference) for wish in wishes]


async def _measure_one(installed: InstalledPack, wish: Golden, inference: Inference) -> Golden:
    graph = next(graph for graph in installed.pack.graphs if graph.name == wish.graph)
    model = installed.pack.served_name(graph)
    await inference.load(model)
    outputs = await inference.infer(model, make_inputs(graph, wish), deadline_s=DEADLINE_S)
    return wish.model_copy(
        update={"outputs": {tensor.name: _rounded(sample(outputs[tensor.name])) for tensor in graph.outputs}}
    )


def _rounded(samples: Samples) -> Samples:
    """Seven significant digits, which is what a float of 32 bits has."""
    mean, std, *values = (float(f"{value:.7g}") for value in (samples.mean, samples.std, *samples.values))
    return Samples(mean=mean, std=std, values=tuple(values))
