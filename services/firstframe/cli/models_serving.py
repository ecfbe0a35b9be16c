"""Where `firstframe models` runs the graphs of a pack: in this process or at a Triton server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from firstframe.cli.models_extras import told_extras
from firstframe.core.errors import InvalidInput
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


def check_address(triton: str) -> None:
    """Holds an address against `host:port`; an empty one passes.

    Raises:
        InvalidInput: It is something else.
    """
    host, _, port = triton.rpartition(":")
    if triton and (not host or "/" in host or not port.isdecimal()):
        raise InvalidInput.at("--triton", f"{triton} is no address", "give host:port, such as 127.0.0.1:8001")


def _at_triton(address: str, installed: InstalledPack) -> Inference:
    with told_extras():
        from firstframe.adapters.triton import TritonInference

    return TritonInference(address, models=installed.served())


def _in_process(installed: InstalledPack) -> Inference:
    with told_extras():
        from firstframe.adapters.embedded import EmbeddedInference

    return EmbeddedInference(installed.served())
