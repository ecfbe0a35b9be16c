"""Pods come and go on a real control plane; the directory and the dispatcher see it."""

from __future__ import annotations

import asyncio
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from firstframe.adapters.clock import SystemClock
from firstframe.adapters.kubernetes import ApiServer, EndpointSlicePools, ServicePort
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.work import WorkProgress
from firstframe.ports.pools import Pools
from support.kube import ControlPlane
from support.kube_pods import Pods
from support.processes import running_service
from support.stand_in import StandIn

WAIT_S = 30
SEEN_S = 2
"""What is promised."""
PORT = 50051


class Watching:
    """What a directory said last."""

    def __init__(self) -> None:
        self.pools: Pools = {}

    async def follow(self, directory: EndpointSlicePools) -> None:
        async for pools in directory.watch():
            self.pools = pools

    async def until(self, stage: str, *addresses: str, port: int = PORT) -> None:
        wanted = {f"{address}:{port}" for address in addresses}
        await eventually(lambda: self.pools.get(stage) == wanted, lambda: f"{self.pools} instead of {wanted}")


async def eventually(condition: Callable[[], bool], said: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, said()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def watching(api: ApiServer, **services: str) -> AsyncIterator[Watching]:
    made = Watching()
    directory = EndpointSlicePools(api, {stage: ServicePort.parse(text) for stage, text in services.items()})
    task = asyncio.create_task(made.follow(directory))
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def do(step: Callable[..., str | None], *arguments: object, **options: object) -> str:
    """Runs a step of the cluster without stopping the loop."""
    return await asyncio.to_thread(lambda: step(*arguments, **options) or "")


@pytest.fixture
async def pods(control_plane: ControlPlane, request: pytest.FixtureRequest) -> Pods:
    name = request.node.name.replace("_", "-").removeprefix("test-")[:60].rstrip("-")
    return await asyncio.to_thread(Pods, control_plane, name)


@pytest.fixture
async def api(control_plane: ControlPlane, pods: Pods, tmp_path: Path) -> ApiServer:
    return await asyncio.to_thread(control_plane.account, pods.namespace, tmp_path / "account")


async def test_pods_come_and_go(pods: Pods, api: ApiServer) -> None:
    await do(pods.serve, "imagegen")
    async with watching(api, imagegen=f"{pods.namespace}/imagegen:grpc") as seen:
        await seen.until("imagegen")
        first = await do(pods.add, "imagegen", "a")
        await seen.until("imagegen", first)
        second = await do(pods.add, "imagegen", "b")
        await seen.until("imagegen", first, second)
        await do(pods.end, "a")
        await seen.until("imagegen", second)


async def test_a_pod_that_is_not_ready_gets_no_work_until_it_is(pods: Pods, api: ApiServer) -> None:
    await do(pods.serve, "imagegen")
    always = await do(pods.add, "imagegen", "always")
    other = await do(pods.add, "imagegen", "other", ready=False)
    async with watching(api, imagegen=f"{pods.namespace}/imagegen:grpc") as seen:
        await seen.until("imagegen", always)
        await do(pods.set_ready, "other", True)
        await seen.until("imagegen", always, other)
        await do(pods.set_ready, "other", False)
        await seen.until("imagegen", always)


async def test_a_pod_that_is_about_to_stop_gets_no_more_work(pods: Pods, api: ApiServer) -> None:
    await do(pods.serve, "imagegen")
    await do(pods.add, "imagegen", "leaving")
    staying = await do(pods.add, "imagegen", "staying")
    async with watching(api, imagegen=f"{pods.namespace}/imagegen:grpc") as seen:
        await eventually(lambda: len(seen.pools.get("imagegen", ())) == 2, lambda: seen.pools)
        await do(pods.stop, "leaving")
        await seen.until("imagegen", staying)


async def test_each_stage_has_its_own_service_and_port(pods: Pods, api: ApiServer) -> None:
    await do(pods.serve, "imagegen", 7001)
    await do(pods.serve, "animation", 7002)
    still, moving = await do(pods.add, "imagegen", "a"), await do(pods.add, "animation", "b")
    services = {
        "imagegen": f"{pods.namespace}/imagegen:grpc",
        "animation": f"{pods.namespace}/animation:7009",
        "stitching": f"{pods.namespace}/stitching:grpc",
        "upscaling": f"{pods.namespace}/imagegen:elsewhere",
    }
    async with watching(api, **services) as seen:
        await seen.until("imagegen", still, port=7001)
        await seen.until("animation", moving, port=7009)
        await seen.until("stitching")
        await seen.until("upscaling")


async def test_an_api_server_that_is_killed_and_comes_back_is_survived(
    control_plane: ControlPlane, pods: Pods, api: ApiServer
) -> None:
    await do(pods.serve, "imagegen")
    first = await do(pods.add, "imagegen", "a")
    async with watching(api, imagegen=f"{pods.namespace}/imagegen:grpc") as seen:
        await seen.until("imagegen", first)
        await do(control_plane.kill_api_server)
        await asyncio.sleep(1)
        await seen.until("imagegen", first)
        await do(control_plane.start_api_server)
        await seen.until("imagegen", first)
        second = await do(pods.add, "imagegen", "b")
        await seen.until("imagegen", first, second)


async def test_a_token_that_is_replaced_is_read_again(pods: Pods, api: ApiServer) -> None:
    await do(pods.serve, "imagegen")
    first = await do(pods.add, "imagegen", "a")
    good = api.token.read_text()
    api.token.write_text("expired")
    async with watching(api, imagegen=f"{pods.namespace}/imagegen:grpc") as seen:
        await asyncio.sleep(1)
        assert seen.pools == {}
        api.token.write_text(good)
        await seen.until("imagegen", first)


async def test_the_dispatcher_follows_and_loses_nothing(pods: Pods, api: ApiServer) -> None:
    await do(pods.serve, "imagegen")
    done: Counter[str] = Counter()
    services = {"imagegen": ServicePort.parse(f"{pods.namespace}/imagegen:grpc")}
    dispatcher: Dispatcher[str, str] = Dispatcher(
        EndpointSlicePools(api, services), lambda _stage, address: StandIn(address, done), SystemClock()
    )
    serving = asyncio.create_task(dispatcher.serve())
    numbers = iter(range(1_000_000))
    results: list[str] = []
    over = asyncio.Event()

    async def customer() -> None:
        while not over.is_set():
            key = f"work-{next(numbers)}"
            assert await dispatcher.run("imagegen", key, key, project="p", on_progress=ignore) == key
            results.append(key)

    customers = [asyncio.create_task(customer()) for _ in range(12)]

    async def until_served_by(*addresses: str) -> None:
        """Until all of these work, and nobody else does any more."""
        wanted = {f"{address}:{PORT}" for address in addresses}

        async def served() -> set[str]:
            done.clear()
            await asyncio.sleep(0.4)
            return set(done)

        end = time.monotonic() + WAIT_S
        while (found := await served()) != wanted:
            assert time.monotonic() < end, (found, wanted)

    try:
        first, second = await do(pods.add, "imagegen", "a"), await do(pods.add, "imagegen", "b")
        await until_served_by(first, second)
        third = await do(pods.add, "imagegen", "c")
        await until_served_by(first, second, third)
        await do(pods.set_ready, "a", False)
        await until_served_by(second, third)
        await do(pods.stop, "b")
        await until_served_by(third)
        await do(pods.end, "c")
        await until_served_by()
        await do(pods.set_ready, "a", True)
        await until_served_by(first)
    finally:
        over.set()
        await asyncio.wait_for(asyncio.gather(*customers), WAIT_S)
        serving.cancel()
    assert len(results) == len(set(results)) == next(numbers)


async def test_each_change_is_seen_by_the_dispatcher_within_two_seconds(
    pods: Pods, api: ApiServer, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """More pods, fewer pods, one that is not ready, one that drains; counted from when the API server has taken the change."""
    await do(pods.serve, "imagegen")
    services = {"imagegen": ServicePort.parse(f"{pods.namespace}/imagegen:grpc")}
    dispatcher: Dispatcher[str, str] = Dispatcher(
        EndpointSlicePools(api, services), lambda _stage, address: StandIn(address, Counter()), SystemClock()
    )
    serving = asyncio.create_task(dispatcher.serve())
    took: dict[str, float] = {}

    async def seen(change: str, slots: int) -> None:
        began = time.monotonic()
        while dispatcher.slots("imagegen") != slots:
            assert time.monotonic() - began < SEEN_S, change
            await asyncio.sleep(0.005)
        took[change] = round(time.monotonic() - began, 3)

    await do(pods.add, "imagegen", "a")
    await seen("the first pod", 2)
    for name in "bcd":
        await do(pods.add, "imagegen", name)
        await seen(f"pod {name} more", 2 * ("abcd".index(name) + 1))
    await do(pods.set_ready, "a", False)
    await seen("a is not ready", 6)
    await do(pods.set_ready, "a", True)
    await seen("a is ready again", 8)
    await do(pods.stop, "b")
    await seen("b drains", 6)
    await do(pods.end, "b")
    await do(pods.end, "c")
    await seen("c is gone", 4)
    serving.cancel()
    record_testsuite_property("seconds until the dispatcher saw a change", took)
    print(took)  # noqa: T201


def ignore(_: WorkProgress) -> None:
    return None


async def test_an_orchestrator_is_told_by_its_settings(
    control_plane: ControlPlane, pods: Pods, api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await do(pods.serve, "imagegen")
    await do(pods.add, "imagegen", "a")
    for name, value in control_plane.environment.items():
        monkeypatch.setenv(name, value)
    code = "import asyncio; from firstframe.orchestrator.app import main; asyncio.run(main())"
    env = {
        "POOLS_SERVICES": f'{{"imagegen": "{pods.namespace}/imagegen:grpc"}}',
        "SERVICE_ACCOUNT": api.token.parent,
        "STATE_FOLDER": tmp_path / "state",
    }
    prefix, command = "FIRSTFRAME_ORCHESTRATOR_", [sys.executable, "-c", code]
    with running_service(command, prefix=prefix, folder=tmp_path / "service", env=env) as service:

        def ready() -> bool:
            with urllib.request.urlopen(f"http://{service.metrics}/metrics", timeout=10) as response:
                return b'firstframe_pool_ready_count{stage="imagegen"} 1.0' in response.read()

        await eventually(ready, lambda: service.log.read_text()[-2000:])
