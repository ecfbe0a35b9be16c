"""Which servers of each stage there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

Pools = Mapping[str, frozenset[str]]
"""Addresses (`host:port`) that are meant to take work, by stage: `imagegen`, `animation`, `upscaling`, `stitching`."""


class PoolDirectory(Protocol):
    """Tells the dispatcher about servers as they come and go."""

    def watch(self) -> AsyncIterator[Pools]:
        """Yields the pools as they are, then again at each change, until the iterator is closed."""
