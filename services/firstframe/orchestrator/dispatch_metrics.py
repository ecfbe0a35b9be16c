"""What the dispatcher tells Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_BACKLOG = Gauge("firstframe_dispatch_backlog_items", "Pieces of work that wait for a slot.", ["stage"])
_SLOTS = Gauge("firstframe_dispatch_slots", "Slots of the servers that are ready.", ["stage"])
_WAIT = Histogram(
    "firstframe_dispatch_wait_seconds",
    "Time from queueing to a slot.",
    ["stage"],
    buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200),
)
_REQUEUED = Counter("firstframe_dispatch_requeues_total", "Work that went back to the queue.", ["stage"])


class DispatchMetrics:
    """Backlog, slots, waiting time and requeues of each stage."""

    def backlog(self, stage: str, items: int) -> None:
        """Sets the number of waiting pieces of work."""
        _BACKLOG.labels(stage).set(items)

    def slots(self, stage: str, slots: int) -> None:
        """Sets the number of slots of ready servers."""
        _SLOTS.labels(stage).set(slots)

    def started(self, stage: str, waited_s: float) -> None:
        """Counts a start and how long it waited, in seconds."""
        _WAIT.labels(stage).observe(waited_s)

    def requeued(self, stage: str) -> None:
        """Counts work that went back to the queue."""
        _REQUEUED.labels(stage).inc()
