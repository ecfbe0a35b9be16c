"""KEDA itself, with a real Prometheus and the dispatcher's own metrics: pods follow the backlog, and do not flap."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from itertools import groupby, pairwise
from math import ceil
from typing import TypeVar

import prometheus_client
import pytest

from firstframe.adapters.clock import SystemClock
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.estimates import PRIORS_S
from firstframe.ports.pools import Pools
from support.charts import NAMESPACE, RELEASE, STAGES, built
from support.local_servers import free_port
from support.prometheus import Prometheus, running_prometheus
from support.tools import require_tool
from support.umbrella import Cluster, simulated_cluster, until

TARGET_S, COLD_S = 120, 60
MOST, FEWEST = 6, 1
STAGE = "imagegen"
Result = TypeVar("Result")

pytestmark = pytest.mark.timeout(500)


class Nowhere:
    """A stage without servers: what is asked for waits."""

    async def watch(self) -> AsyncIterator[Pools]:
        yield {STAGE: frozenset()}
        await asyncio.Event().wait()


class Backlog:
    """A real dispatcher on a loop of its own, with as much waiting work as the test wants."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._dispatcher: Dispatcher[str, str] = self._run(self._make())
        self._calls: list[asyncio.Task[str]] = []

    def set(self, items: int) -> None:
        self._run(self._set(items))

    def close(self) -> None:
        self.set(0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, work: Coroutine[object, object, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _make(self) -> Dispatcher[str, str]:
        return Dispatcher(Nowhere(), lambda *_: pytest.fail("nobody is there"), SystemClock())

    async def _set(self, items: int) -> None:
        while len(self._calls) < items:
            name = f"work-{time.monotonic_ns()}"
            call = self._dispatcher.run(STAGE, name, name, project="p", on_progress=lambda _: None)
            self._calls.append(asyncio.ensure_future(call))
            await asyncio.sleep(0)
        while len(self._calls) > items:
            call = self._calls.pop()
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)


@pytest.fixture(scope="module")
def backlog() -> Iterator[Backlog]:
    found = Backlog()
    found.set(0)
    yield found
    found.close()


@pytest.fixture(scope="module")
def prometheus(backlog: Backlog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    port = free_port()
    server, thread = prometheus_client.start_http_server(port, "127.0.0.1")
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(folder, {"orchestrator": f"127.0.0.1:{port}"}, labels={"namespace": NAMESPACE}) as found:
        yield found
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture(scope="module")
def cluster(prometheus: Prometheus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("keda") / "state"
    with simulated_cluster(folder) as found:
        subprocess.run([require_tool("keda-up"), folder], check=True, timeout=120, capture_output=True)
        scaling = {
            "prometheus": f"http://{prometheus.address}",
            "minReplicas": FEWEST,
            "maxReplicas": MOST,
            "targetWaitSeconds": TARGET_S,
            "coldStartSeconds": COLD_S,
            "pollingSeconds": 1,
            "cooldownSeconds": 5,
            "stabilizationSeconds": 10,
            "scaleDownPods": 1,
            "scaleDownPeriodSeconds": 2,
        }
        sets = [f"{STAGE}.autoscaling.{name}={value}" for name, value in scaling.items()]
        sets += [f"{stage}.autoscaling.enabled=false" for stage in STAGES if stage != STAGE]
        flags = [part for one in sets for part in ("--set", one)]
        found.helm("install", RELEASE, str(built()), "-f", str(built() / "values-staging.yaml"), *flags)
        until(lambda: pods(found) == FEWEST, "the first pod")
        yield found


def pods(cluster: Cluster) -> int:
    return len(cluster.pods(STAGE))


def wanted(items: int) -> int:
    """The formula of docs/operations/scale.md."""
    return min(MOST, max(FEWEST, ceil(items * PRIORS_S[STAGE] / (TARGET_S - COLD_S))))


def steady(cluster: Cluster, count: int, seconds: float) -> bool:
    """Whether the number of pods stays as it is for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pods(cluster) != count:
            return False
        time.sleep(0.5)
    return True


def test_pods_follow_the_backlog_by_the_formula_and_go_back(cluster: Cluster, backlog: Backlog) -> None:
    for items in (3, 5, 40):
        backlog.set(items)
        until(lambda items=items: pods(cluster) == wanted(items), f"{wanted(items)} pods for {items} pieces of work")
        assert steady(cluster, wanted(items), 5)

    backlog.set(0)
    until(lambda: pods(cluster) == FEWEST, "the return to the fewest")


def changes_of(cluster: Cluster, act: Callable[[], None]) -> list[int]:
    """Numbers of pods, one after the other, while something happens."""
    seen = [pods(cluster)]
    worker = threading.Thread(target=act)
    worker.start()
    while worker.is_alive():
        count = pods(cluster)
        if count != seen[-1]:
            seen.append(count)
        time.sleep(0.3)
    worker.join()
    return seen


MORNING, NOON, AFTERNOON = (2, 4, 3, 4, 2, 4, 2, 4, 3, 4), (0,) * 7, (6, 4, 6, 5, 4, 6, 5, 6)
"""Backlog in pieces of work, at a step of two and a half seconds, of an hour at the scale of a minute: work comes in gusts
shorter than the stabilisation, then in none for longer than that, then in larger gusts, then the day is over."""


def test_in_a_scripted_hour_pods_come_twice_and_go_twice_whatever_trembles(cluster: Cluster, backlog: Backlog) -> None:
    until(lambda: pods(cluster) == FEWEST, "the fewest pods")

    def hour() -> None:
        for items in (*MORNING, *NOON, *AFTERNOON):
            backlog.set(items)
            time.sleep(2.5)
        backlog.set(0)
        until(lambda: pods(cluster) == FEWEST, "the return to the fewest")

    seen = changes_of(cluster, hour)
    turns = [way for way, _ in groupby(after > before for before, after in pairwise(seen))]
    assert turns == [True, False, True, False], seen
    assert wanted(max(MORNING)) in seen
    assert max(seen) == wanted(max(AFTERNOON))


def test_pods_that_go_go_one_at_a_time(cluster: Cluster, backlog: Backlog) -> None:
    backlog.set(5)
    until(lambda: pods(cluster) == wanted(5), "five pods")

    def ends() -> None:
        backlog.set(0)
        until(lambda: pods(cluster) == FEWEST, "the return to the fewest")

    seen = changes_of(cluster, ends)
    assert seen == sorted(seen, reverse=True)
    assert all(before - after == 1 for before, after in pairwise(seen))
