"""What the callers of models tell Prometheus, wherever the models are served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from firstframe.core.errors import FirstframeError
from firstframe.ports.spans import spanned_within

_REQUESTS = Counter(
    "firstframe_model_requests_total", "Requests to models, by OK or the reason of the error.", ["model", "code"]
)
_SECONDS = Histogram(
    "firstframe_model_request_seconds",
    "Time until the answer of a model, waiting and repeats included.",
    ["model"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
_RETRIES = Counter("firstframe_model_retries_total", "Requests that were sent again.", ["model"])


@contextmanager
def measured(model: str) -> Iterator[None]:
    """Counts a request and the seconds that it took, however it ends; within a trace it is a span."""
    began, code = time.monotonic(), "OK"
    try:
        with spanned_within(f"infer {model}", {"firstframe.model": model}, kind=SpanKind.CLIENT):
            yield
    except FirstframeError as error:
        code = error.reason
        raise
    except asyncio.CancelledError:
        code = "CANCELLED"
        raise
    except BaseException:
        code = "INTERNAL"
        raise
    finally:
        _REQUESTS.labels(model, code).inc()
        _SECONDS.labels(model).observe(time.monotonic() - began)


def retried(model: str) -> None:
    """Counts a request that is sent again."""
    _RETRIES.labels(model).inc()
