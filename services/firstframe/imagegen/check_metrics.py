"""What the checks of heroes tell Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter

from firstframe.preflight.verdict import Check

_CHECKS = Counter(
    "firstframe_preflight_checks_total",
    "Checks of heroes that were made, by check and by pass, warn, fail or not made; those found in the store do not count.",
    ["check", "verdict"],
)


class CheckMetrics:
    """Counts verdicts."""

    def made(self, checks: Iterable[Check]) -> None:
        """Counts the checks of one hero."""
        for check in checks:
            _CHECKS.labels(check.name, check.verdict.value.replace(" ", "_")).inc()
