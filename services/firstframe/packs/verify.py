"""Tells whether an installed pack is whole and computes what it should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firstframe.core.errors import DataCorrupted
from firstframe.packs.golden import Deviation, compare, make_inputs
from firstframe.packs.installed import InstalledPack
from firstframe.packs.pull import digests
from firstframe.packs.spec import Golden, Graph
from firstframe.ports.inference import Inference

DEADLINE_S = 300.0
"""For each golden run; a first run may build or warm up."""


@dataclass(frozen=True, slots=True)
class GoldenRun:
    """One golden run of one graph."""

    model: str
    deviations: tuple[Deviation, ...]

    @property
    def passes(self) -> bool:
        """Whether every output is near enough."""
        return all(deviation.passes for deviation in self.deviations)


def check_files(installed: InstalledPack) -> int:
    """Reads every file of a pack and holds it against its digest.

    Returns:
        How many files there are.

    Raises:
        DataCorrupted: `PACK_CORRUPT`; the message names the files and the command that makes the pack again.
    """
    found = digests(installed.folder)
    problems = list(_problems(dict(installed.files), found))
    if problems:
        name = installed.pack.pack
        text = f"{name} in {installed.folder}: {'; '.join(problems)}; run `firstframe models pull --again {name}`"
        raise DataCorrupted(text, reason="PACK_CORRUPT", metadata={"pack": name})
    return len(found)


def _problems(known: dict[str, str], found: dict[str, str]) -> Iterator[str]:
    for name in sorted(known | found):
        if name not in found:
            yield f"{name} is missing"
        elif name not in known:
            yield f"{name} does not belong there"
        elif found[name] != known[name]:
            yield f"{name} was changed"


async def run_goldens(
    installed: InstalledPack, inference: Inference, *, deadline_s: float = DEADLINE_S
) -> tuple[GoldenRun, ...]:
    """Runs every golden of a pack.

    Args:
        installed: The pack.
        inference: Serves its graphs.
        deadline_s: For each run, in seconds.

    Raises:
        FirstframeError: See `Inference`.
    """
    graphs = {graph.name: graph for graph in installed.pack.graphs}
    return tuple(
        [
            await _run(installed, graphs[golden.graph], golden, inference, deadline_s)
            for golden in installed.pack.goldens
        ]
    )


async def _run(
    installed: InstalledPack, graph: Graph, golden: Golden, inference: Inference, deadline_s: float
) -> GoldenRun:
    model = installed.pack.served_name(graph)
    await inference.load(model)
    outputs = await inference.infer(model, make_inputs(graph, golden), deadline_s=deadline_s, request_id="golden")
    return GoldenRun(model, compare(golden, outputs))
