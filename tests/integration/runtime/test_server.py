from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.core.errors import (
    DeadlineExceeded,
    Exhausted,
    Internal,
    InvalidInput,
    PreconditionFailed,
    Unavailable,
)
from firstframe.runtime.client import call_metadata, connect, translate
from support.processes import RunningService, running_service

TOY = [sys.executable, str(Path(__file__).parents[2] / "support" / "toy_stage.py")]


def toy_request(what: str = "") -> upscaling_pb2.UpscaleClipRequest:
    request = upscaling_pb2.UpscaleClipRequest()
    request.clip.video.media_type = what
    return request


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[RunningService]:
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path, env={"DRAIN_GRACE_S": 20}) as service:
        yield service


@pytest.fixture
async def channel(toy: RunningService) -> AsyncIterator[grpc.aio.Channel]:
    async with connect(toy.address) as made:
        yield made


def stub(channel: grpc.aio.Channel) -> upscaling_pb2_grpc.UpscalingServiceAsyncStub:
    return upscaling_pb2_grpc.UpscalingServiceStub(channel)


async def call(channel: grpc.aio.Channel, what: str = "", timeout: float | None = 30) -> list[str]:
    stream = stub(channel).UpscaleClip(toy_request(what), timeout=timeout)
    return [str(event.WhichOneof("event")) async for event in stream]


def http(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


async def health(channel: grpc.aio.Channel, service: str = "") -> int:
    request = health_pb2.HealthCheckRequest(service=service)
    return int((await health_pb2_grpc.HealthStub(channel).Check(request, timeout=10)).status)


async def test_a_call_streams_progress_and_ends_with_a_result(channel: grpc.aio.Channel) -> None:
    events = await call(channel, "short")
    assert events[-1] == "result"
    assert "progress" in events[:-1]


async def test_an_error_reaches_the_client_as_itself(channel: grpc.aio.Channel) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, "fail")
    error = translate(caught.value)
    assert type(error) is PreconditionFailed
    assert (error.message, error.reason, error.metadata) == ("the toy is broken", "TOY_BROKEN", {"part": "wheel"})
    assert len(str(dict(caught.value.trailing_metadata())["x-request-id"])) == 32


async def test_the_unexpected_tells_no_secret_but_the_log_has_it(
    channel: grpc.aio.Channel, toy: RunningService
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, "crash")
    error = translate(caught.value)
    assert type(error) is Internal
    assert "secret" not in error.message
    assert "secret detail" in toy.log.read_text()


async def test_full_slots_say_when_to_come_back(channel: grpc.aio.Channel) -> None:
    slow = stub(channel).UpscaleClip(toy_request("slow"), timeout=30)
    await slow.read()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, "short")
    error = translate(caught.value)
    assert type(error) is Exhausted
    assert (error.reason, error.retry_after_s) == ("NO_FREE_SLOT", 0.5)
    slow.cancel()
    capabilities = await stub(channel).GetCapabilities(upscaling_pb2.GetCapabilitiesRequest(), timeout=10)
    assert capabilities.slots == 1


@pytest.mark.parametrize("way", ["cancel", "deadline"])
async def test_a_caller_that_goes_away_frees_the_slot(channel: grpc.aio.Channel, way: str) -> None:
    slow = stub(channel).UpscaleClip(toy_request("slow"), timeout=1 if way == "deadline" else 30)
    await slow.read()
    if way == "cancel":
        slow.cancel()
    async with asyncio.timeout(20):
        while True:
            got = await stub(channel).GetCapabilities(upscaling_pb2.GetCapabilitiesRequest(), timeout=10)
            if got.free_slots == 1:
                break
            await asyncio.sleep(0.05)
    if way == "deadline":
        assert await slow.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_request_ids_are_echoed_or_made(channel: grpc.aio.Channel, toy: RunningService) -> None:
    given = stub(channel).UpscaleClip(toy_request(), timeout=10, metadata=call_metadata("my-id.1"))
    async for _ in given:
        pass
    assert dict(await given.trailing_metadata())["x-request-id"] == "my-id.1"
    bad = stub(channel).UpscaleClip(toy_request(), timeout=10, metadata=(("x-request-id", "no good!"),))
    async for _ in bad:
        pass
    assert len(str(dict(await bad.trailing_metadata())["x-request-id"])) == 32
    lines = [json.loads(line) for line in toy.log.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line.get("request_id") == "my-id.1" and line["event"] == "call"]
    assert (line["code"], line["service"]) == ("OK", "toy")
    assert int(line["trace_id"], 16) != 0


@pytest.mark.parametrize("what", ["fail", "crash"])
async def test_a_failed_call_echoes_its_request_id_too(channel: grpc.aio.Channel, what: str) -> None:
    failed = stub(channel).UpscaleClip(toy_request(what), timeout=10, metadata=call_metadata("failed.1"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in failed:
            pass
    assert dict(caught.value.trailing_metadata())["x-request-id"] == "failed.1"


async def test_logs_of_the_work_have_the_request_id(channel: grpc.aio.Channel, toy: RunningService) -> None:
    async for _ in stub(channel).UpscaleClip(toy_request(), timeout=10, metadata=call_metadata("work.1")):
        pass
    lines = [json.loads(line) for line in toy.log.read_text().splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines if line.get("request_id") == "work.1"} == {"call", "work ended"}


async def test_a_long_message_arrives_shortened_with_its_details(channel: grpc.aio.Channel) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, "fail-at-length")
    error = translate(caught.value)
    assert type(error) is InvalidInput
    assert error.metadata == {"field": "clip"}
    assert error.message.startswith("clip: ää")
    assert error.message.endswith("…")


async def test_a_call_without_deadline_ends_at_the_default_one(tmp_path: Path) -> None:
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path, env={"DEFAULT_DEADLINE_S": 0.3}) as toy:
        async with connect(toy.address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(channel, "slow", timeout=None)
            assert type(translate(caught.value)) is DeadlineExceeded


async def test_a_time_out_inside_the_work_is_not_the_deadline_of_the_call(channel: grpc.aio.Channel) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, "time-out", timeout=None)
    assert type(translate(caught.value)) is Internal


async def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    async with connect("127.0.0.1:1") as nowhere:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(nowhere)
    error = translate(caught.value)
    assert type(error) is Unavailable
    assert error.retry_after_s is not None


async def test_a_trace_goes_on_in_the_service(channel: grpc.aio.Channel, toy: RunningService) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    metadata = (("traceparent", f"00-{trace_id}-b7ad6b7169203331-01"),)
    async for _ in stub(channel).UpscaleClip(toy_request(), timeout=10, metadata=metadata):
        pass
    assert trace_id in toy.log.read_text()


async def _metrics_once(toy: RunningService, line: str) -> str:
    """The metrics as soon as they have the line: a caller has its answer a moment before the call is counted."""
    for _ in range(100):
        status, text = http(toy.metrics, "/metrics")
        assert status == 200
        if line in text:
            break
        await asyncio.sleep(0.05)
    return text


async def test_metrics_count_calls_by_method_and_code(channel: grpc.aio.Channel, toy: RunningService) -> None:
    await call(channel)
    with pytest.raises(grpc.aio.AioRpcError):
        await call(channel, "fail")
    method = "/firstframe.api.upscaling.v1.UpscalingService/UpscaleClip"
    text = await _metrics_once(toy, f'firstframe_rpc_in_flight{{method="{method}"}} 0.0')
    assert f'firstframe_rpc_total{{code="OK",method="{method}"}} 1.0' in text
    assert f'firstframe_rpc_total{{code="FAILED_PRECONDITION",method="{method}"}} 1.0' in text
    assert f'firstframe_rpc_duration_seconds_count{{method="{method}"}} 2.0' in text
    assert f'firstframe_rpc_in_flight{{method="{method}"}} 0.0' in text
    assert 'firstframe_slots{stage="toy"} 1.0' in text
    assert 'firstframe_stage_work_seconds_count{engine="toy",outcome="done",stage="toy"} 1.0' in text
    assert http(toy.metrics, "/readyz") == (200, "ready\n")
    assert http(toy.metrics, "/nowhere")[0] == 404


async def test_health_is_told_for_the_server_and_the_service(channel: grpc.aio.Channel) -> None:
    serving = health_pb2.HealthCheckResponse.SERVING
    assert await health(channel) == serving
    assert await health(channel, "firstframe.api.upscaling.v1.UpscalingService") == serving


async def test_health_can_be_watched_until_the_drain(channel: grpc.aio.Channel, toy: RunningService) -> None:
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=30)
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
    running = stub(channel).UpscaleClip(toy_request("slow"), timeout=30)
    await running.read()
    toy.signal(signal.SIGTERM)
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    running.cancel()


async def test_sigterm_finishes_running_work_and_refuses_new(channel: grpc.aio.Channel, toy: RunningService) -> None:
    running = asyncio.ensure_future(call(channel, "short"))
    await asyncio.sleep(0.2)
    toy.signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        while await health(channel) != health_pb2.HealthCheckResponse.NOT_SERVING:
            await asyncio.sleep(0.01)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, "other")
    assert translate(caught.value).reason == "SERVICE_DRAINING"
    assert http(toy.metrics, "/readyz")[0] == 503
    assert (await running)[-1] == "result"
    assert await asyncio.to_thread(toy.wait) == 0


async def test_a_second_signal_stops_at_once(channel: grpc.aio.Channel, toy: RunningService) -> None:
    slow = stub(channel).UpscaleClip(toy_request("slow"), timeout=60)
    await slow.read()
    toy.signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        while await health(channel) != health_pb2.HealthCheckResponse.NOT_SERVING:
            await asyncio.sleep(0.01)
    toy.signal(signal.SIGTERM)
    assert await asyncio.to_thread(toy.wait) == 0


def test_a_service_does_not_outlive_its_parent(tmp_path: Path) -> None:
    address = tmp_path / "address.json"
    environment = os.environ | {
        "FIRSTFRAME_TOY_ADDRESS_FILE": str(address),
        "FIRSTFRAME_TOY_STORE__FOLDER": str(tmp_path / "store"),
    }
    code = (
        "import os, subprocess, time;"
        "os.environ['FIRSTFRAME_TOY_PARENT_PID'] = str(os.getpid());"
        f"subprocess.Popen({TOY!r}); time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as parent:
        deadline = time.monotonic() + 60
        while not address.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        pid = json.loads(address.read_text())["pid"]
        parent.kill()
    while Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "Z"


def test_an_address_in_use_is_a_clear_error(toy: RunningService, tmp_path: Path) -> None:
    environment = os.environ | {
        "FIRSTFRAME_TOY_LISTEN": toy.address,
        "FIRSTFRAME_TOY_STORE__FOLDER": str(tmp_path / "store"),
    }
    done = subprocess.run(TOY, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "another process has it" in done.stderr
