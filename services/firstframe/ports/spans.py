"""Spans of traces: OpenTelemetry's API is the port, and does nothing until `firstframe.runtime.tracing` has set it up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from firstframe.core.errors import FirstframeError

Attributes = Mapping[str, str | int | float | bool]
"""Names as OpenTelemetry's conventions have them, else `firstframe.…`; never a text that a person wrote."""

TRACER = trace.get_tracer("firstframe")


@contextmanager
def spanned(name: str, attributes: Attributes | None = None, *, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
    """A span around a block, below the one that is going on; an error is told by its reason alone."""
    with TRACER.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            fail(span, reason_of(error))
            raise


@contextmanager
def spanned_within(
    name: str, attributes: Attributes | None = None, *, kind: SpanKind = SpanKind.INTERNAL
) -> Iterator[Span]:
    """As `spanned`, but only as part of a trace that is going on: what a service does for itself begins none."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield trace.INVALID_SPAN
        return
    with spanned(name, attributes, kind=kind) as span:
        yield span


def fail(span: Span, reason: str) -> None:
    """Marks a span as failed."""
    span.set_attribute("error.type", reason)
    span.set_status(Status(StatusCode.ERROR, reason))


def reason_of(error: BaseException) -> str:
    """What is told of an error: its reason or its kind, not its message, which may quote a brief."""
    if isinstance(error, FirstframeError):
        return error.reason
    return "CANCELLED" if isinstance(error, asyncio.CancelledError | GeneratorExit) else type(error).__qualname__
