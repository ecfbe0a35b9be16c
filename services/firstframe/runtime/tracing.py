"""The set-up of traces. OpenTelemetry's SDK is used here and nowhere else."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import DEFAULT_OFF, Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

import firstframe
from firstframe.runtime.spans import given_ids

_LOG = structlog.get_logger(__name__)
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_FLUSH_S = 2.0
"""Time that the last spans get at the end of a process; a collector that is away costs no more."""
_QUIET_S = 60.0
"""A problem with the collector is told once in that time."""
_exporting: list[TracerProvider] = []


def wanted() -> bool:
    """Whether the environment names a collector; everything else is OpenTelemetry's own variables as well."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not off and bool(_first(_ENDPOINTS))


def start(service: str) -> None:
    """Gives every call its ids, and exports spans when the environment names a collector.

    Args:
        service: Name of the service in traces, unless `OTEL_SERVICE_NAME` says another.
    """
    provider = TracerProvider(resource=_resource(service), shutdown_on_exit=False, id_generator=_Ids())
    processor = _processor()
    # A service that exports nothing passes on what its callers decided, and begins nothing that others would export.
    provider.sampler = FollowLinks(provider.sampler if processor else DEFAULT_OFF)
    trace.set_tracer_provider(provider)
    if processor:
        _listen_to_the_exporter()
        provider.add_span_processor(processor)
        _exporting.append(provider)


def stop() -> None:
    """Exports what is left, for a bounded time; called at the end of the process."""
    while _exporting:
        ending = threading.Thread(target=_exporting.pop().shutdown, name="last spans", daemon=True)
        ending.start()
        ending.join(_FLUSH_S)


def _first(names: Sequence[str]) -> str:
    return next((value for name in names if (value := os.environ.get(name, "").strip())), "")


def _resource(service: str) -> Resource:
    own = {
        "service.name": service,
        "service.namespace": "firstframe",
        "service.version": firstframe.__version__,
        "service.instance.id": f"{os.uname().nodename}-{os.getpid()}",
    }
    return Resource.create({**own, **OTELResourceDetector().detect().attributes})


def _exporter() -> SpanExporter | None:
    protocol = _first(_PROTOCOLS)
    if protocol not in {"", "grpc"}:
        _LOG.warning(
            "no traces: only OTLP over gRPC is spoken; set OTEL_EXPORTER_OTLP_PROTOCOL=grpc", protocol=protocol
        )
        return None
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    except ImportError:
        _LOG.warning("no traces: the exporter is not installed; install firstframe[tracing]")
        return None
    return OTLPSpanExporter()


def _processor() -> BatchSpanProcessor | None:
    """Exports in the background; None when the environment names no collector, or names it in a way that will not do."""
    try:
        exporter = _exporter() if wanted() else None
        return BatchSpanProcessor(exporter) if exporter else None
    except Exception as error:  # the libraries raise several kinds, also of their own; a service works without traces
        _LOG.warning("no traces: a variable OTEL_… cannot be used", problem=str(error))
        return None


class _Warnings(logging.Handler):
    """Tells what OpenTelemetry's libraries log as ours, not too often."""

    _told_at = -_QUIET_S

    def emit(self, record: logging.LogRecord) -> None:
        """Logs one line."""
        now = time.monotonic()
        if now - self._told_at >= _QUIET_S:
            self._told_at = now
            _LOG.warning("a problem with traces; the work goes on", problem=record.getMessage())


def _listen_to_the_exporter() -> None:
    logger = logging.getLogger("opentelemetry")
    logger.handlers[:] = [_Warnings(logging.WARNING)]
    logger.propagate = False


class _Ids(RandomIdGenerator):
    """Random ids, but for a span whose ids are known before it begins."""

    def generate_trace_id(self) -> int:
        """See `IdGenerator`."""
        given = given_ids.get()
        return given[0] if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        """See `IdGenerator`."""
        given = given_ids.get()
        return given[1] if given else super().generate_span_id()


class FollowLinks(Sampler):
    """A trace that was begun by another one, and links to it, is sampled when that one is.

    Args:
        others: Decides about every other span.
    """

    def __init__(self, others: Sampler) -> None:
        self._others = others

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """See `Sampler`."""
        has_parent = trace.get_current_span(parent_context).get_span_context().is_valid
        if links and not has_parent:
            sampled = all(link.context.trace_flags.sampled for link in links)
            return SamplingResult(Decision.RECORD_AND_SAMPLE if sampled else Decision.DROP, attributes)
        return self._others.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        """See `Sampler`."""
        return f"FollowLinks{{{self._others.get_description()}}}"
