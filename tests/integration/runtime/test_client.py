"""The client side against a real server that records what reached it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from opentelemetry.sdk.trace import TracerProvider

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.core.errors import Conflict, Unavailable
from firstframe.runtime import client
from firstframe.runtime.client import call_metadata, connect, translate
from firstframe.runtime.interceptors.errors import ErrorInterceptor

Served = tuple["Recorder", "upscaling_pb2_grpc.UpscalingServiceAsyncStub"]

FILES = (animation_pb2, campaigns_pb2, imagegen_pb2, stitching_pb2, upscaling_pb2)


class Recorder(upscaling_pb2_grpc.UpscalingServiceServicer):
    """Fails as often as it is told to and counts the tries."""

    def __init__(self) -> None:
        self.tries = 0
        self.failures = 0
        self.error: Exception = Unavailable("away for a moment")

    def _try(self) -> None:
        self.tries += 1
        if self.tries <= self.failures:
            raise self.error

    async def GetCapabilities(
        self, request: upscaling_pb2.GetCapabilitiesRequest, context: Any
    ) -> upscaling_pb2.GetCapabilitiesResponse:
        self._try()
        return upscaling_pb2.GetCapabilitiesResponse(slots=7)

    async def UpscaleClip(
        self, request: upscaling_pb2.UpscaleClipRequest, context: Any
    ) -> AsyncIterator[upscaling_pb2.UpscaleClipResponse]:
        self._try()
        yield upscaling_pb2.UpscaleClipResponse()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    recorder = Recorder()
    server = grpc.aio.server(interceptors=(ErrorInterceptor(),))
    upscaling_pb2_grpc.add_UpscalingServiceServicer_to_server(recorder, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with connect(f"127.0.0.1:{port}") as channel:
        stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub = upscaling_pb2_grpc.UpscalingServiceStub(channel)
        yield recorder, stub
    await server.stop(None)


async def test_a_read_is_tried_again_when_the_server_is_away(served: Served) -> None:
    recorder, stub = served
    recorder.failures = 2
    response = await stub.GetCapabilities(upscaling_pb2.GetCapabilitiesRequest(), timeout=20)
    assert (response.slots, recorder.tries) == (7, 3)


async def test_a_read_is_not_tried_for_ever(served: Served) -> None:
    recorder, stub = served
    recorder.failures = 100
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetCapabilities(upscaling_pb2.GetCapabilitiesRequest(), timeout=20)
    assert type(translate(caught.value)) is Unavailable
    assert recorder.tries == 4


async def test_other_errors_of_a_read_are_final(served: Served) -> None:
    recorder, stub = served
    recorder.failures, recorder.error = 1, Conflict("x")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetCapabilities(upscaling_pb2.GetCapabilitiesRequest(), timeout=20)
    assert type(translate(caught.value)) is Conflict
    assert recorder.tries == 1


async def test_work_is_never_repeated_by_the_channel(served: Served) -> None:
    recorder, stub = served
    recorder.failures = 1
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in stub.UpscaleClip(upscaling_pb2.UpscaleClipRequest(), timeout=20):
            pass
    assert type(translate(caught.value)) is Unavailable
    assert recorder.tries == 1


def test_the_reads_that_are_retried_exist_and_no_stage_forgets_its_own() -> None:
    services = {service.full_name: service for file in FILES for service in file.DESCRIPTOR.services_by_name.values()}
    (config,) = client._service_config()["methodConfig"]  # type: ignore[misc,attr-defined]
    named = {(name["service"], name["method"]) for name in config["name"]}
    for service, method in named:
        assert method in services[service].methods_by_name
    capable = {name for name, service in services.items() if "GetCapabilities" in service.methods_by_name}
    assert {service for service, method in named if method == "GetCapabilities"} == capable


def test_metadata_carries_the_trace_that_is_going_on() -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("outer") as span:
        metadata = dict(call_metadata("r-1"))
    assert metadata["x-request-id"] == "r-1"
    assert f"{span.get_span_context().trace_id:032x}" in metadata["traceparent"]


def test_a_call_without_request_id_gets_one_of_its_own() -> None:
    first, second = (dict(call_metadata())["x-request-id"] for _ in range(2))
    assert first != second
