from __future__ import annotations

import signal
import sys
from pathlib import Path

from grpc_health.v1 import health_pb2, health_pb2_grpc

from firstframe.runtime.client import connect
from support.processes import running_service

TOY = [sys.executable, str(Path(__file__).parents[2] / "support" / "toy_stage.py")]
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


async def test_health_is_watched_through_all_interceptors_until_the_server_drains(tmp_path: Path) -> None:
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path, env={"DRAIN_GRACE_S": 20}) as toy:
        async with connect(toy.address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            news = stub.Watch(health_pb2.HealthCheckRequest(), timeout=30)
            assert (await anext(aiter(news))).status == SERVING
            toy.signal(signal.SIGTERM)
            assert (await anext(aiter(news))).status == NOT_SERVING
            news.cancel()
        assert toy.wait() == 0
