"""Waiting for a slot as spans."""

from __future__ import annotations

import logging

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from firstframe.orchestrator import dispatch_trail
from firstframe.orchestrator.dispatch_trail import Trail


def test_each_wait_is_a_span_and_another_lane_leads_to_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    exported, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    tracer = provider.get_tracer("test")
    monkeypatch.setattr(dispatch_trail, "TRACER", tracer)
    with tracer.start_as_current_span("lane"):
        trail = Trail("animation")
        trail.begins()
        trail.waits_again()
    with tracer.start_as_current_span("other lane"):
        trail.joined()
    with caplog.at_level(logging.WARNING):
        trail.begins()
        trail.begins()
    first, lane, other, second = exported.get_finished_spans()
    assert [(item.attributes or {})["firstframe.dispatch.turn"] for item in (first, second)] == [1, 2]
    assert first.parent == second.parent == lane.context
    assert [link.context for link in other.links] == [second.context]
    assert caplog.records == []
