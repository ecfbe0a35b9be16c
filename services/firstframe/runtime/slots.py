"""Slots: bounded concurrency without a queue. Who finds no slot goes elsewhere."""

from __future__ import annotations

import asyncio

from prometheus_client import Gauge

from firstframe.core.errors import Exhausted, Unavailable

_TOTAL = Gauge("firstframe_slots", "Pieces of work that the service takes at the same time.", ["stage"])
_BUSY = Gauge("firstframe_slots_busy", "Pieces of work that are being done.", ["stage"])


class Slots:
    """A fixed number of slots.

    Args:
        stage: Name for the metrics.
        total: Number of slots, at least 1.
        retry_after_s: Hint for callers that found none.
    """

    def __init__(self, stage: str, total: int, *, retry_after_s: float = 0.5) -> None:
        self.total = total
        self._stage = stage
        self._busy = 0
        self._retry_after_s = retry_after_s
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        _TOTAL.labels(stage).set(total)
        _BUSY.labels(stage).set(0)

    @property
    def busy(self) -> int:
        """Slots that are taken."""
        return self._busy

    @property
    def free(self) -> int:
        """Slots that can be taken now."""
        return 0 if self._draining else self.total - self._busy

    def take(self) -> None:
        """Takes a slot at once.

        Raises:
            Exhausted: `NO_FREE_SLOT`.
            Unavailable: `SERVICE_DRAINING`.
        """
        self.refuse_when_draining()
        if self._busy >= self.total:
            text = f"all {self.total} slots of {self._stage} are busy; try again, or ask another server"
            raise Exhausted(text, metadata={"stage": self._stage}, retry_after_s=self._retry_after_s)
        self._set(self._busy + 1)

    def give(self) -> None:
        """Gives a slot back."""
        self._set(self._busy - 1)

    def refuse_when_draining(self) -> None:
        """Raises Unavailable `SERVICE_DRAINING` when the service is about to stop."""
        if self._draining:
            raise Unavailable(
                f"{self._stage} is about to stop; ask another server", reason="SERVICE_DRAINING", retry_after_s=0.1
            )

    def drain(self) -> None:
        """Gives out no more slots."""
        self._draining = True

    async def idle(self) -> None:
        """Returns when no slot is taken."""
        await self._idle.wait()

    def _set(self, busy: int) -> None:
        self._busy = busy
        _BUSY.labels(self._stage).set(busy)
        if busy:
            self._idle.clear()
        else:
            self._idle.set()
