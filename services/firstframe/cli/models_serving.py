"""Where `firstframe models` runs the graphs of a pack: in this process or at a Triton server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from firstframe.cli.models_extras import told_extras
from firstframe.packs.installed import InstalledPack
from firstframe.ports.inference import Inference


@asynccontextmanager
async def serving(installed: InstalledPack, triton: str) -> AsyncIterator[Inference]:
    """What runs the graphs of a pack, closed at the end.

    Args:
        installed: The pack.
        triton: `host:port` of a Triton server, empty for this process.
    """
    inference = _at_triton(triton, installed) if triton else _in_process(installed)
    try:
        yield inference
    finally:
        await inference.close()


def _at_triton(address: str, installed: InstalledPack) -> Inference:
    with told_extras():
        from firstframe.adapters.triton import TritonInference

    return TritonInference(address, models=installed.served())


def _in_process(installed: InstalledPack) -> Inference:
    with told_extras():
        from firstframe.adapters.embedded import EmbeddedInference

    return EmbeddedInference(installed.served())
