"""What photographs tell Prometheus."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter

_PHOTOGRAPHS = Counter(
    "firstframe_photographs_total",
    "Photographs that became heroes, by who told the subject and by the number of their layers; those found in the store"
    " do not count.",
    ["subject_by", "layers"],
)


def made(details: Mapping[str, str], layers: int) -> None:
    """Counts one photograph.

    Args:
        details: What its hero says of how it was made.
        layers: Number of its layers.
    """
    _PHOTOGRAPHS.labels(details["subject_by"].replace(" ", "_"), str(layers)).inc()
