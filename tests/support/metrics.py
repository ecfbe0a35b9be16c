"""The metrics that the services register, by importing every module of ours that may be imported without a service."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import prometheus_client
from prometheus_client.metrics import MetricWrapperBase

import firstframe

_PREFIX = "firstframe_"
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


@dataclass(frozen=True)
class Metric:
    """One family."""

    name: str
    """As dashboards and alerts write it; a histogram without `_bucket`."""
    kind: str
    labels: tuple[str, ...]
    about: str


@cache
def registered() -> tuple[Metric, ...]:
    """Every metric of ours, by name."""
    for module in ("adapters", "orchestrator", "runtime", "mounting"):
        _import_all(f"firstframe.{module}")
    importlib.import_module("firstframe.imagegen.check_metrics")
    importlib.import_module("firstframe.imagegen.photo_metrics")
    return tuple(sorted(_metrics(), key=lambda one: one.name))


def exported() -> set[str]:
    """Names of all series."""
    return {one.name + suffix for one in registered() for suffix in _series(one)}


def _series(metric: Metric) -> tuple[str, ...]:
    return ("",) if metric.kind == "counter" else _SUFFIXES[metric.kind]


def _import_all(package: str) -> None:
    found = importlib.import_module(package)
    for one in pkgutil.walk_packages(found.__path__, f"{package}."):
        if not one.name.endswith("__main__"):
            importlib.import_module(one.name)


def _metrics() -> Iterator[Metric]:
    assert firstframe
    collectors = prometheus_client.REGISTRY._collector_to_names
    for one in collectors:
        if isinstance(one, MetricWrapperBase) and one._name.startswith(_PREFIX):
            suffix = "_total" if one._type == "counter" else ""
            yield Metric(one._name + suffix, one._type, one._labelnames, one._documentation)
