"""The set-up of traces: when they are exported, which are sampled, and what is never in them."""

from __future__ import annotations

import ast
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.context import get_current
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Decision, Sampler
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, StatusCode, TraceFlags, set_span_in_context

import firstframe
from firstframe.core.errors import InvalidInput
from firstframe.ports import spans
from firstframe.runtime import phases, tracing
from firstframe.runtime.phases import LONGEST, MOST, PhaseSpans
from firstframe.runtime.spans import lane_ids

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    yield
    tracing.stop()
    structlog.reset_defaults()


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    for module in (spans, phases):
        monkeypatch.setattr(module, "TRACER", provider.get_tracer("test"))
    return made


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({ENDPOINT: ""}, False),
        ({ENDPOINT: "http://c:4317"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4317"}, True),
        ({ENDPOINT: "http://c:4317", "OTEL_SDK_DISABLED": "true"}, False),
        ({ENDPOINT: "http://c:4317", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_a_collector_has_to_be_named(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert tracing.wanted() is expected


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "set OTEL_EXPORTER_OTLP_PROTOCOL=grpc"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip", "a variable OTEL_… cannot be used"),
    ],
)
def test_what_will_not_do_is_told_and_the_service_goes_on(
    variable: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:1")
    monkeypatch.setenv(variable, value)
    tracing.start("toy")
    assert told in capsys.readouterr().out


def test_a_missing_exporter_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.grpc.trace_exporter", None)
    tracing.start("toy")
    assert "install firstframe[tracing]" in capsys.readouterr().out


def test_a_collector_that_never_answers_does_not_keep_a_process() -> None:
    code = (
        "from firstframe.runtime import tracing; from firstframe.ports.spans import spanned\n"
        "tracing.start('toy')\n"
        "with spanned('work'): pass\n"
        "tracing.stop()"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {ENDPOINT: f"http://127.0.0.1:{silent.getsockname()[1]}", "OTEL_EXPORTER_OTLP_TIMEOUT": "3600"}
        path = os.pathsep.join(folder for folder in sys.path if folder)
        environment = {**os.environ, **settings, "PYTHONPATH": path}
        subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=True)


def test_problems_with_the_collector_are_told_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:1")
    tracing.start("toy")
    for problem in ("first", "second"):
        logging.getLogger("opentelemetry.exporter").warning("the %s problem", problem)
    told = capsys.readouterr().out
    assert "the first problem" in told
    assert "the second problem" not in told


def test_without_a_collector_calls_have_ids_and_callers_decide() -> None:
    code = (
        "from opentelemetry.propagate import extract, inject\n"
        "from opentelemetry.trace import get_current_span\n"
        "from firstframe.runtime import tracing; from firstframe.ports.spans import TRACER\n"
        "tracing.start('toy')\n"
        "for parent in ({}, {'traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'}):\n"
        "    with TRACER.start_as_current_span('call', context=extract(parent)) as span:\n"
        "        found = span.get_span_context()\n"
        "        print(found.is_valid, found.trace_flags.sampled)"
    )
    path = os.pathsep.join(folder for folder in sys.path if folder)
    environment = {**os.environ, "PYTHONPATH": path}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["True", "False", "True", "True"]


def context(*, sampled: bool) -> SpanContext:
    return SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(int(sampled)))


@pytest.mark.parametrize("others", [ALWAYS_ON, ALWAYS_OFF])
@pytest.mark.parametrize("sampled", [True, False])
def test_a_trace_that_links_to_another_is_sampled_as_that_one_is(others: Sampler, sampled: bool) -> None:
    links = [Link(context(sampled=sampled))]
    found = tracing.FollowLinks(others).should_sample(None, 7, "lane", links=links)
    assert found.decision is (Decision.RECORD_AND_SAMPLE if sampled else Decision.DROP)


def test_every_other_span_is_sampled_as_the_environment_says() -> None:
    parent = set_span_in_context(NonRecordingSpan(context(sampled=True)))
    links = [Link(context(sampled=True))]
    assert tracing.FollowLinks(ALWAYS_OFF).should_sample(parent, 7, "call", links=links).decision is Decision.DROP
    assert tracing.FollowLinks(ALWAYS_ON).should_sample(None, 7, "lane").decision is Decision.RECORD_AND_SAMPLE


def test_ids_of_a_lane_follow_from_its_key() -> None:
    assert lane_ids("a/b/1") == lane_ids("a/b/1")
    assert len({*lane_ids("a/b/1"), *lane_ids("a/b/2"), *lane_ids("a/c/1")}) == 6
    assert all(0 < trace_id < 1 << 128 and 0 < span_id < 1 << 64 for trace_id, span_id in [lane_ids("a")])


def test_an_error_is_told_by_its_reason_alone(exported: InMemorySpanExporter) -> None:
    with pytest.raises(InvalidInput), spans.spanned("work"):
        raise InvalidInput.at("copy", "'First Light' is too long")
    with pytest.raises(ValueError, match="First"), spans.spanned("work"):
        raise ValueError("First Light")
    refused, broken = exported.get_finished_spans()
    assert (refused.attributes or {})["error.type"] == "INVALID_FIELD"
    assert (broken.attributes or {})["error.type"] == "ValueError"
    assert refused.status.status_code is broken.status.status_code is StatusCode.ERROR
    assert "First" not in refused.to_json() + broken.to_json()


def test_what_a_service_does_for_itself_begins_no_trace(exported: InMemorySpanExporter) -> None:
    with spans.spanned_within("store put") as span:
        assert span is trace.INVALID_SPAN
    with spans.spanned("work"), spans.spanned_within("store put"):
        pass
    inner, outer = exported.get_finished_spans()
    assert (inner.name, inner.parent) == ("store put", outer.context)


def test_phases_follow_each_other_below_the_work(exported: InMemorySpanExporter) -> None:
    with spans.spanned("work"):
        seen = PhaseSpans(get_current())
        for phase in ("rendering", "rendering", "storing"):
            seen.enter(phase)
        seen.close()
    rendering, storing, work = exported.get_finished_spans()
    assert [rendering.name, storing.name] == ["rendering", "storing"]
    assert rendering.parent == storing.parent == work.context
    assert (rendering.end_time or 0) <= (storing.start_time or 0)


def test_phases_are_bounded(exported: InMemorySpanExporter) -> None:
    with spans.spanned("work"):
        seen = PhaseSpans(get_current())
        for number in range(MOST + 50):
            seen.enter(f"{number} " + "x" * 500)
        seen.close()
    names = [span.name for span in exported.get_finished_spans()]
    assert len(names) == MOST + 1
    assert max(map(len, names)) == LONGEST


def test_phases_outside_a_trace_of_work_are_nothing(exported: InMemorySpanExporter) -> None:
    PhaseSpans().enter("rendering")
    assert exported.get_finished_spans() == ()


def test_the_sdk_is_the_set_ups_alone() -> None:
    root = Path(firstframe.__file__).parent
    users = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if _uses_the_sdk(path)}
    assert users == {"runtime/tracing.py"}


def _uses_the_sdk(path: Path) -> bool:
    tree = ast.parse(path.read_text("utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [item.name for node in ast.walk(tree) if isinstance(node, ast.Import) for item in node.names]
    return any(name.startswith(("opentelemetry.sdk", "opentelemetry.exporter")) for name in names)
