"""Pool directories for one machine: a fixed list, and a folder in which servers announce themselves."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from firstframe.ports.pools import Pools


class StaticPools:
    """Addresses that never change."""

    def __init__(self, pools: Mapping[str, Sequence[str]]) -> None:
        self._pools = {stage: frozenset(addresses) for stage, addresses in pools.items()}

    async def watch(self) -> AsyncIterator[Pools]:
        """Yields the list once, then waits for ever."""
        yield self._pools
        await asyncio.Event().wait()


class FolderPools:
    """Servers announce themselves by address files named `{stage}-{number}.json` in a folder.

    A server writes its file once it serves (setting `address_file`); whoever stops it removes the file.

    Args:
        folder: Where the files are; need not exist yet.
        interval_s: How often to look.
    """

    def __init__(self, folder: Path, *, interval_s: float = 0.1) -> None:
        self._folder = folder
        self._interval_s = interval_s

    async def watch(self) -> AsyncIterator[Pools]:
        """Yields the pools as the folder has them, then again at each change."""
        last: Pools | None = None
        while True:
            pools = self._read()
            if pools != last:
                last = pools
                yield pools
            await asyncio.sleep(self._interval_s)

    def _read(self) -> Pools:
        found: dict[str, set[str]] = defaultdict(set)
        for path in sorted(self._folder.glob("*-*.json")):
            if address := _address(path):
                found[path.stem.rsplit("-", 1)[0]].add(address)
        return {stage: frozenset(addresses) for stage, addresses in found.items()}


def _address(path: Path) -> str | None:
    """The gRPC address in a file; None while it is being replaced or is not one of ours."""
    try:
        address = json.loads(path.read_text())["grpc"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return address if isinstance(address, str) else None
