"""What the dispatcher tells Prometheus."""

from __future__ import annotations

import time

from prometheus_client import Counter, Gauge, Histogram

_BACKLOG = Gauge("firstframe_dispatch_backlog_items", "Pieces of work that wait for a slot.", ["stage"])
_BACKLOG_S = Gauge(
    "firstframe_dispatch_backlog_gpu_seconds",
    "Seconds of one slot that waiting work and the rest of running work will take, by what such work took.",
    ["stage"],
)
_OLDEST = Gauge(
    "firstframe_dispatch_oldest_queued_timestamp_seconds",
    "When the work that waits longest was queued, Unix time; 0 while none waits.",
    ["stage"],
)
_SLOTS = Gauge("firstframe_dispatch_slots", "Slots of the servers that are ready.", ["stage"])
_WAIT = Histogram(
    "firstframe_dispatch_wait_seconds",
    "Time from queueing to a slot.",
    ["stage"],
    buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200),
)
_REQUEUED = Counter("firstframe_dispatch_requeues_total", "Work that went back to the queue.", ["stage"])
_MISSING = Gauge(
    "firstframe_dispatch_missing_calls",
    "Calls that work waits for and that no ready server of the stage has: the stage is older than the orchestrator.",
    ["stage"],
)


class DispatchMetrics:
    """Backlog, slots, waiting time, requeues and missing calls of each stage."""

    def backlog(self, stage: str, items: int) -> None:
        """Sets the number of waiting pieces of work."""
        _BACKLOG.labels(stage).set(items)

    def backlog_s(self, stage: str, seconds: float) -> None:
        """Sets what is still to be worked, in seconds of one slot."""
        _BACKLOG_S.labels(stage).set(seconds)

    def oldest(self, stage: str, age_s: float | None) -> None:
        """Sets how long the oldest waiting work waits, in seconds; None while none waits."""
        _OLDEST.labels(stage).set(0 if age_s is None else time.time() - age_s)

    def slots(self, stage: str, slots: int) -> None:
        """Sets the number of slots of ready servers."""
        _SLOTS.labels(stage).set(slots)

    def started(self, stage: str, waited_s: float) -> None:
        """Counts a start and how long it waited, in seconds."""
        _WAIT.labels(stage).observe(waited_s)

    def requeued(self, stage: str) -> None:
        """Counts work that went back to the queue."""
        _REQUEUED.labels(stage).inc()

    def missing(self, stage: str, calls: int) -> None:
        """Sets the number of calls that no ready server has."""
        _MISSING.labels(stage).set(calls)
