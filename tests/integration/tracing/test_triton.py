"""The trace of a request goes on in Triton, with the server's own flags."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import numpy as np
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from support import tiny_models
from support.otlp import Collector, Span
from support.triton import RunningTriton, running_triton

ROW = np.ones((1, 3), np.float32)
TRIES, PATIENCE_S = 5, 10.0
SAMPLED: set[str] = set()
"""Traces of all tests; their spans may come late."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningTriton, Collector]]:
    folder = tmp_path_factory.mktemp("triton")
    write_repository([tiny_models.add(folder)], Target(), folder / "repository")
    with Collector() as collector:
        flags = (
            "--trace-config=mode=opentelemetry",
            "--trace-config=level=TIMESTAMPS",
            "--trace-config=rate=0",
            f"--trace-config=opentelemetry,url={collector.http_url}",
            "--trace-config=opentelemetry,bsp_schedule_delay=100",
            "--trace-config=opentelemetry,resource=service.name=triton",
        )
        with running_triton(folder / "repository", folder, arguments=flags) as server:
            yield server, collector


async def infer(server: RunningTriton) -> None:
    """From a thread, as the engines of the stages do."""
    inference = TritonInference(server.address)
    try:
        blocking = LoopInference(inference, asyncio.get_running_loop(), 20)
        found = await asyncio.to_thread(blocking.infer, "add", {"a": ROW, "b": ROW})
        assert found["c"].tolist() == [[2.0, 2.0, 2.0]]
    finally:
        await inference.close()


async def infer_traced(served: tuple[RunningTriton, Collector]) -> tuple[set[str], list[Span]]:
    """Traces that requests were sent in until the spans of one arrived, and all spans by then.

    Triton's exporter now and then keeps its spans until the next request.
    """
    server, collector = served
    sent: set[str] = set()
    for _ in range(TRIES):
        with TracerProvider().get_tracer("test").start_as_current_span("step") as span:
            await infer(server)
        sent.add(f"{span.get_span_context().trace_id:032x}")
        SAMPLED.update(sent)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if sent & {item.trace for item in collector.spans()}:
                return sent, collector.spans()
            await asyncio.sleep(0.05)
    raise AssertionError(f"no span of {TRIES} requests arrived")


async def test_triton_goes_on_in_the_trace_of_the_request(served: tuple[RunningTriton, Collector]) -> None:
    before = len(served[1].spans())
    sent, spans = await infer_traced(served)
    assert {item.trace for item in spans[before:]} <= sent
    assert "triton" in {item.service for item in spans[before:]}


async def test_triton_is_silent_about_requests_that_are_not_sampled(served: tuple[RunningTriton, Collector]) -> None:
    unsampled = SpanContext(0xAF76, 0xB7AD, is_remote=False, trace_flags=TraceFlags(0))
    with trace.use_span(NonRecordingSpan(unsampled)):
        await infer(served[0])
    await infer(served[0])
    _, spans = await infer_traced(served)
    assert {item.trace for item in spans} <= SAMPLED
