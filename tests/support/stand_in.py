"""Servers of stages without a wire, for tests of who gets work."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable


class StandIn:
    """Has two slots, takes some time, counts, and refuses nothing."""

    def __init__(self, address: str, done: Counter[str]) -> None:
        self._address = address
        self._done = done

    async def watch_slots(self) -> AsyncIterator[int]:
        """Two, for good."""
        yield 2
        await asyncio.Event().wait()

    async def call(self, request: str, on_progress: Callable[[str, float], None]) -> str:
        """Gives the request back."""
        await asyncio.sleep(0.05)
        self._done[self._address] += 1
        return request

    async def close(self) -> None:
        """Nothing is held."""
