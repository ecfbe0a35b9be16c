"""What stages tell Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

_WORK = Histogram(
    "firstframe_stage_work_seconds",
    "Time that pieces of work took, by how they ended.",
    ["stage", "engine", "outcome"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600),
)
_HITS = Counter("firstframe_stage_cache_hits_total", "Requests that were answered with an earlier result.", ["stage"])
_REJECTED = Counter("firstframe_stage_rejected_total", "Requests that found no slot.", ["stage", "reason"])
_WASTED = Counter("firstframe_stage_wasted_seconds_total", "Time spent on work that was not finished.", ["stage"])


class StageMetrics:
    """Work, cache hits, rejects and waste of one stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        _HITS.labels(stage)
        _WASTED.labels(stage)

    def hit(self) -> None:
        """Counts a cached result."""
        _HITS.labels(self._stage).inc()

    def rejected(self, reason: str) -> None:
        """Counts a request that found no slot."""
        _REJECTED.labels(self._stage, reason).inc()

    def worked(self, engine: str, outcome: str, seconds: float) -> None:
        """Counts a piece of work that ended."""
        _WORK.labels(self._stage, engine, outcome).observe(seconds)
        if outcome != "done":
            _WASTED.labels(self._stage).inc(seconds)
