"""Request ids, traces, metrics and one log line for each call."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import structlog
from prometheus_client import Counter, Gauge, Histogram

from firstframe.runtime.interceptors.wrapping import AroundInterceptor, CallInfo, Context
from firstframe.runtime.spans import server_span, tell_code

REQUEST_ID_KEY = "x-request-id"
"""Metadata key of the request id, both ways."""

_LOG = structlog.get_logger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/grpc.health.v1.", "/grpc.reflection.")
_COUNT = Counter("firstframe_rpc_total", "Calls that ended.", ["method", "code"])
_SECONDS = Histogram(
    "firstframe_rpc_duration_seconds",
    "Time that calls took.",
    ["method"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 30, 120, 600, 3600),
)
_RUNNING = Gauge("firstframe_rpc_in_flight", "Calls that are going on.", ["method"])


class CallInterceptor(AroundInterceptor):
    """The outermost interceptor: names, times and reports every call."""

    @asynccontextmanager
    async def around(self, call: CallInfo, context: Context) -> AsyncIterator[None]:
        """Binds the ids for all logs of the call, counts it, and logs how it ended."""
        request_id = _request_id(call)
        context.set_trailing_metadata(((REQUEST_ID_KEY, request_id),))
        began = time.monotonic()
        with (
            server_span(call.method, call.metadata) as span,
            structlog.contextvars.bound_contextvars(request_id=request_id),
            _RUNNING.labels(call.method).track_inprogress(),
        ):
            try:
                yield
            finally:
                code = _code(context)
                tell_code(span, code)
                _report(call.method, code, time.monotonic() - began)


def _request_id(call: CallInfo) -> str:
    given = call.metadata.get(REQUEST_ID_KEY, "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _code(context: Context) -> str:
    if context.cancelled():
        return grpc.StatusCode.CANCELLED.name
    found: Any = context.code()  # None, a number or a StatusCode
    return next((code.name for code in grpc.StatusCode if found in (code, code.value[0])), grpc.StatusCode.OK.name)


def _report(method: str, code: str, seconds: float) -> None:
    _COUNT.labels(method, code).inc()
    _SECONDS.labels(method).observe(seconds)
    log = _LOG.debug if method.startswith(_QUIET) else _LOG.info
    log("call", method=method, code=code, duration_s=round(seconds, 4))
