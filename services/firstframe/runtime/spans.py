"""Spans that every service has: calls taken, calls made, lanes. The API alone; `firstframe.runtime.tracing` sets it up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract
from opentelemetry.trace import Link, Span, SpanContext, SpanKind

from firstframe.ports.spans import TRACER, Attributes, fail, reason_of, spanned

_UNTRACED = ("grpc.health.v1.", "grpc.reflection.")
_ASKED_OFTEN = "/GetCapabilities"
"""Asked by every orchestrator at each change of health; part of a trace, it begins none."""
_FAULTS = frozenset({"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
"""Codes that are a server's failure: OpenTelemetry's conventions for gRPC, 1.37, read 2026-11-23."""

given_ids: ContextVar[tuple[int, int] | None] = ContextVar("given_ids", default=None)
"""Trace id and span id of the span that is being started, where they are known before."""


@contextmanager
def lane_trace(key: str, *, cause: Mapping[str, str], start_ns: int | None, attributes: Attributes) -> Iterator[Span]:
    """A trace of its own for a lane, that goes on when the lane does in another process.

    Its ids follow from the key, so that what one process did and what the next one does are in one tree. The span at the top
    is exported by the process in which the lane ends; one that is cut off exports only what is below it.

    Args:
        key: Names the lane and its run.
        cause: Trace context of the call that began the lane, as it was written down then; empty for none.
        start_ns: When the lane began, in nanoseconds since 1970; None for now.
        attributes: Of the span at the top.
    """
    linked = trace.get_current_span(extract(cause, context=Context())).get_span_context()
    token = given_ids.set(lane_ids(key))
    try:
        links = [Link(linked)] if linked.is_valid else []
        span = TRACER.start_span("lane", context=Context(), attributes=attributes, links=links, start_time=start_ns)
    finally:
        given_ids.reset(token)
    with trace.use_span(span, record_exception=False, set_status_on_exception=False):
        try:
            yield span
        except Exception as error:
            fail(span, reason_of(error))
            span.end()
            raise
    span.end()


def lane_ids(key: str) -> tuple[int, int]:
    """Trace id and the id of the span at the top for a lane's key: the first 24 bytes of its SHA-256."""
    digest = hashlib.sha256(f"firstframe lane {key}".encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


@contextmanager
def server_span(method: str, metadata: Mapping[str, str]) -> Iterator[Span]:
    """The span of a call that a server takes, below the caller's."""
    name = method.removeprefix("/")
    caller = extract(metadata, context=Context())
    begins = not trace.get_current_span(caller).get_span_context().is_valid
    if name.startswith(_UNTRACED) or (begins and name.endswith(_ASKED_OFTEN)):
        yield trace.INVALID_SPAN
        return
    with TRACER.start_as_current_span(
        name,
        context=caller,
        kind=SpanKind.SERVER,
        attributes=_rpc(name),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield span


def tell_code(span: Span, code: str) -> None:
    """Puts the status that a server's call ended with on its span."""
    span.set_attribute("rpc.response.status_code", code)
    if code in _FAULTS:
        fail(span, code)


@contextmanager
def client_span(method: str, address: str) -> Iterator[Span]:
    """The span of a call that is made.

    Args:
        method: `package.Service/Method`.
        address: `host:port` of the server.
    """
    host, _, port = address.rpartition(":")
    server: Attributes = {"server.address": host, "server.port": int(port)} if port.isdigit() else {}
    with spanned(method, {**_rpc(method), **server}, kind=SpanKind.CLIENT) as span:
        yield span


def _rpc(method: str) -> dict[str, str]:
    return {"rpc.system.name": "grpc", "rpc.method": method}


def log_ids(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Adds the ids of the span that is going on to a line of the log."""
    found: SpanContext = trace.get_current_span().get_span_context()
    if found.is_valid:
        event["trace_id"], event["span_id"] = f"{found.trace_id:032x}", f"{found.span_id:016x}"
    return event
