"""An OpenTelemetry collector: a real OTLP server, over gRPC and over HTTP, that keeps what it is sent."""

from __future__ import annotations

import gzip
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1 import common_pb2

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Span:
    """One span as it was exported."""

    service: str
    name: str
    kind: int
    trace: str
    id: str
    parent: str
    start_ns: int
    end_ns: int
    failed: bool
    attributes: Mapping[str, Any]
    links: tuple[str, ...]
    """Trace ids."""


@dataclass
class Collector:
    """Listens on two free ports while the block runs."""

    requests: list[trace_service_pb2.ExportTraceServiceRequest] = field(default_factory=list)
    endpoint: str = ""
    """For `OTEL_EXPORTER_OTLP_ENDPOINT`, gRPC."""
    http_url: str = ""
    """For exporters that speak OTLP over HTTP, Triton's among them."""

    def __enter__(self) -> Collector:
        self._server = grpc.server(ThreadPoolExecutor(4))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(_Servicer(self.requests), self._server)
        self.endpoint = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.requests))
        self.http_url = f"127.0.0.1:{self._http.server_address[1]}/v1/traces"
        threading.Thread(target=self._http.serve_forever, name="otlp over http", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._server.stop(None).wait()

    def spans(self) -> list[Span]:
        """All spans so far."""
        return [
            _span(resource.resource, span)
            for request in list(self.requests)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> list[Span]:
        """Spans of a name."""
        return [span for span in self.spans() if span.name == name]

    def until(self, condition: Callable[[list[Span]], Any]) -> list[Span]:
        """Waits until the spans fulfil a condition."""
        end = time.monotonic() + PATIENCE_S
        while not condition(found := self.spans()):
            assert time.monotonic() < end, sorted(f"{span.service}: {span.name}" for span in found)
            time.sleep(0.05)
        return found

    def text(self) -> str:
        """Everything that was sent, as text in lower case."""
        return "\n".join(str(request) for request in self.requests).lower()


class _Servicer(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, requests: list[trace_service_pb2.ExportTraceServiceRequest]) -> None:
        self._requests = requests

    def Export(self, request: trace_service_pb2.ExportTraceServiceRequest, context: object) -> Any:
        self._requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()


_FROM_BYTES = trace_service_pb2.ExportTraceServiceRequest.FromString


def _from_json(data: bytes) -> trace_service_pb2.ExportTraceServiceRequest:
    """OTLP as JSON: ids are hexadecimal, which protobuf's own JSON takes for Base64."""
    request = json_format.Parse(data, trace_service_pb2.ExportTraceServiceRequest(), ignore_unknown_fields=True)
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                span.trace_id = bytes.fromhex(b64encode(span.trace_id).decode())
                span.span_id = bytes.fromhex(b64encode(span.span_id).decode())
                span.parent_span_id = bytes.fromhex(b64encode(span.parent_span_id).decode())
    return request


def _handler(requests: list[trace_service_pb2.ExportTraceServiceRequest]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            data = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
            read = _from_json if self.headers["content-type"].startswith("application/json") else _FROM_BYTES
            requests.append(read(data))
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    return Handler


def _span(resource: Any, span: Any) -> Span:
    return Span(
        service=str(_values(resource.attributes).get("service.name", "")),
        name=span.name,
        kind=span.kind,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        failed=span.status.code == 2,
        attributes=_values(span.attributes),
        links=tuple(link.trace_id.hex() for link in span.links),
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {item.key: _value(item.value) for item in attributes}


def _value(value: common_pb2.AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None
