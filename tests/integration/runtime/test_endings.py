"""How services end when things go badly: deaf work, a stuck scraper, a warm-up that hangs, addresses that are taken."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.core.errors import Unavailable
from firstframe.runtime.client import connect, translate
from support.processes import RunningService, running_service

TOY = [sys.executable, str(Path(__file__).parents[2] / "support" / "toy_stage.py")]
PREFIX = "FIRSTFRAME_TOY_"


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[RunningService]:
    scratch = tmp_path / "scratch"
    with running_service(
        TOY, prefix=PREFIX, folder=tmp_path, env={"DRAIN_GRACE_S": 20, "SCRATCH_DIR": scratch}
    ) as made:
        yield made


Call = grpc.aio.UnaryStreamCall[upscaling_pb2.UpscaleClipRequest, upscaling_pb2.UpscaleClipResponse]


def begin(channel: grpc.aio.Channel, what: str) -> Call:
    request = upscaling_pb2.UpscaleClipRequest()
    request.clip.video.media_type = what
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub = upscaling_pb2_grpc.UpscalingServiceStub(channel)
    return stub.UpscaleClip(request, timeout=60)


async def until_deaf(call: Call) -> None:
    async for event in call:
        if event.progress.phase == "deaf":
            return


async def test_a_second_signal_does_not_wait_for_deaf_work(toy: RunningService) -> None:
    async with connect(toy.address) as channel:
        call = begin(channel, "stubborn")
        await until_deaf(call)
        toy.signal(signal.SIGTERM)
        await asyncio.sleep(0.1)
        toy.signal(signal.SIGTERM)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await until_deaf(call)
        assert type(translate(caught.value)) is Unavailable
    assert await asyncio.to_thread(toy.wait, 20) == 0


async def test_deaf_work_is_left_when_the_grace_is_over(tmp_path: Path) -> None:
    with running_service(TOY, prefix=PREFIX, folder=tmp_path, env={"DRAIN_GRACE_S": 0.2}) as toy:
        async with connect(toy.address) as channel:
            await until_deaf(begin(channel, "stubborn"))
            toy.signal(signal.SIGTERM)
            assert await asyncio.to_thread(toy.wait, 20) == 0


async def test_a_killed_process_leaves_scratch_that_the_next_one_removes(toy: RunningService, tmp_path: Path) -> None:
    async with connect(toy.address) as channel:
        await until_deaf(begin(channel, "stubborn"))
        toy.signal(signal.SIGKILL)
        await asyncio.to_thread(toy.wait)
    scratch = tmp_path / "scratch"
    left = set(scratch.rglob("*"))
    assert left
    (tmp_path / "address.json").unlink()
    with running_service(TOY, prefix=PREFIX, folder=tmp_path, env={"SCRATCH_DIR": scratch}):
        assert not left & set(scratch.rglob("*"))


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_client_that_says_nothing_blocks_neither_probes_nor_the_end(toy: RunningService, path: str) -> None:
    host, port = toy.metrics.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as silent:
        silent.sendall(b"GET ")
        with urllib.request.urlopen(f"http://{toy.metrics}{path}", timeout=10) as response:
            assert response.status == 200
        toy.signal(signal.SIGTERM)
        assert toy.wait(20) == 0


def start(tmp_path: Path, **settings: str) -> subprocess.Popen[str]:
    values = {"STORE__FOLDER": str(tmp_path / "store"), **settings}
    environment = os.environ | {f"{PREFIX}{name}": value for name, value in values.items()}
    return subprocess.Popen(TOY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_warm_up_that_hangs_does_not_keep_a_service_alive(tmp_path: Path) -> None:
    address = tmp_path / "address.json"
    with start(tmp_path, WARM_UP_S="300", ADDRESS_FILE=str(address)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "warming up\n"
        process.terminate()
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert not address.exists()


def test_a_metrics_address_in_use_is_a_clear_error(toy: RunningService, tmp_path: Path) -> None:
    with start(tmp_path, METRICS_LISTEN=toy.metrics) as process:
        _, printed = process.communicate(timeout=60)
    assert process.returncode != 0
    assert f"{toy.metrics} cannot be bound" in printed.splitlines()[-1]


def test_metrics_are_served_over_ipv6(tmp_path: Path) -> None:
    with running_service(TOY, prefix=PREFIX, folder=tmp_path, env={"METRICS_LISTEN": "[::1]:0"}) as toy:
        assert toy.metrics.startswith("[::1]:")
        with urllib.request.urlopen(f"http://{toy.metrics}/readyz", timeout=10) as response:
            assert response.status == 200


async def test_a_reader_that_stops_reading_and_goes_away_frees_the_slot(toy: RunningService) -> None:
    async with connect(toy.address) as channel:
        call = begin(channel, "flood")
        await call.read()
        await asyncio.sleep(1)
        call.cancel()
        stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub = upscaling_pb2_grpc.UpscalingServiceStub(channel)
        end = time.monotonic() + 20
        while True:
            got = await stub.GetCapabilities(upscaling_pb2.GetCapabilitiesRequest(), timeout=10)
            if got.free_slots == 1:
                break
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
    assert "Traceback" not in toy.log.read_text()
    lines = [json.loads(line) for line in toy.log.read_text().splitlines() if line.startswith("{")]
    assert [line["code"] for line in lines if line.get("method", "").endswith("/UpscaleClip")] == ["CANCELLED"]
