from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import REGISTRY

from firstframe.adapters.clock import SystemClock
from firstframe.core.errors import (
    Exhausted,
    FirstframeError,
    Internal,
    InvalidInput,
    PermissionDenied,
    Unavailable,
    Unsupported,
)
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.gaps import ASK_AGAIN_S, CallMissing
from firstframe.orchestrator.work import WorkProgress
from firstframe.ports.pools import Pools

PATIENCE_S = 600


class Directory:
    """Pools that a test changes."""

    def __init__(self, *addresses: str) -> None:
        self._changes: asyncio.Queue[Pools] = asyncio.Queue()
        self.set(*addresses)

    def set(self, *addresses: str) -> None:
        self._changes.put_nowait({"stage": frozenset(addresses)})

    async def watch(self) -> AsyncIterator[Pools]:
        while True:
            yield await self._changes.get()


class Server:
    """A server whose calls end when the test says so."""

    def __init__(self, slots: int = 1) -> None:
        self.slots: asyncio.Queue[int] = asyncio.Queue()
        self.slots.put_nowait(slots)
        self.calls: list[str] = []
        self.busy = 0
        self.most_busy = 0
        self.cancelled: list[str] = []
        self.closed = False
        self.answers: dict[str, list[str | FirstframeError]] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.begins = True
        self.version = ""
        """Of an old server, which has no call for requests of type `New`."""

    async def watch_slots(self) -> AsyncIterator[int]:
        while True:
            yield await self.slots.get()

    async def call(self, request: str, on_progress: Callable[[str, float], None]) -> str:
        self.calls.append(request)
        if self.version and isinstance(request, New):
            raise CallMissing("Service/New", f"old-{self.version}", self.version)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            if self.begins:
                on_progress("working", 0.5)
            await self.gate.wait()
            await asyncio.sleep(0)
            answers = self.answers.get(request) or [f"done {request}"]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer
        except asyncio.CancelledError:
            self.cancelled.append(request)
            raise
        finally:
            self.busy -= 1

    async def close(self) -> None:
        self.closed = True


class New(str):
    """A request for which old servers have no call."""


class SetClock(SystemClock):
    """A clock that goes on by itself and can be put forward."""

    ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


class World:
    def __init__(self, directory: Directory, servers: dict[str, Server]) -> None:
        self.directory = directory
        self.servers = servers
        self.clock = SetClock()
        self.dispatcher: Dispatcher[str, str] = Dispatcher(
            directory, lambda _, at: servers[at], self.clock, patience_s=PATIENCE_S
        )
        self.progress: list[WorkProgress] = []

    def run(self, request: str, *, key: str = "", project: str = "p") -> asyncio.Task[str]:
        work = self.dispatcher.run("stage", key or request, request, project=project, on_progress=self.progress.append)
        return asyncio.ensure_future(work)


async def start(**servers: Server) -> tuple[World, asyncio.Task[None]]:
    world = World(Directory(*servers), servers)
    return world, asyncio.ensure_future(world.dispatcher.serve())


async def settle(turns: int = 30) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
async def no_task_left() -> AsyncIterator[None]:
    yield
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def test_work_is_done_and_progress_heard() -> None:
    world, _ = await start(a=Server())
    assert await world.run("x") == "done x"
    assert world.progress == [WorkProgress("working", 0.5, 1)]


async def test_work_waits_for_a_server_to_appear() -> None:
    world = World(Directory(), {"late": Server()})
    serving = asyncio.ensure_future(world.dispatcher.serve())
    call = world.run("x")
    await settle()
    assert not call.done()
    assert world.dispatcher.backlog("stage") == 1
    world.directory.set("late")
    assert await call == "done x"
    assert not serving.done()


async def test_never_more_calls_than_slots_and_the_emptiest_server_first() -> None:
    one, two = Server(1), Server(3)
    for server in (one, two):
        server.gate.clear()
    world, _ = await start(one=one, two=two)
    await settle()
    calls = [world.run(f"x{number}") for number in range(9)]
    await settle()
    assert (one.busy, two.busy) == (1, 3)
    assert two.calls[:2] == ["x0", "x1"]
    for server in (one, two):
        server.gate.set()
    assert await asyncio.gather(*calls) == [f"done x{number}" for number in range(9)]
    assert (one.most_busy, two.most_busy) == (1, 3)


async def test_a_freed_slot_is_taken_at_once_without_polling() -> None:
    server = Server(1)
    world, _ = await start(a=server)
    await asyncio.gather(*[world.run(f"x{number}") for number in range(50)])
    assert len(server.calls) == 50


async def test_calls_for_the_same_work_share_one() -> None:
    server = Server(2)
    server.gate.clear()
    world, _ = await start(a=server)
    calls = [world.run("x", key="same") for _ in range(3)]
    await settle()
    server.gate.set()
    assert await asyncio.gather(*calls) == ["done x"] * 3
    assert server.calls == ["x"]


async def test_who_joins_waiting_work_brings_the_request_that_is_sent() -> None:
    server = Server()
    world, _ = await start(a=server)
    first = world.run("old", key="k")
    second = world.run("new", key="k")
    assert await asyncio.gather(first, second) == ["done new", "done new"]
    assert server.calls == ["new"]


async def test_a_refusal_of_the_older_request_is_no_refusal_of_the_newer() -> None:
    server = Server()
    server.answers = {"old": [PermissionDenied("expired")], "new": ["done"]}
    server.gate.clear()
    world, _ = await start(a=server)
    first = world.run("old", key="k")
    await settle()
    second = world.run("new", key="k")
    await settle()
    server.gate.set()
    assert await asyncio.gather(first, second) == ["done", "done"]
    assert server.calls == ["old", "new"]
    assert world.progress[-1].tries == 1


async def test_a_refusal_of_the_newest_request_is_final_for_everybody() -> None:
    server = Server()
    server.answers = {name: [PermissionDenied(f"no {name}")] for name in ("old", "new")}
    server.gate.clear()
    world, _ = await start(a=server)
    first = world.run("old", key="k")
    await settle()
    second = world.run("new", key="k")
    await settle()
    server.gate.set()
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [str(item) for item in outcomes] == ["no new", "no new"]
    assert server.calls == ["old", "new"]


async def test_a_full_server_is_news_not_failure() -> None:
    server = Server(1)
    server.answers["x"] = [Exhausted("full", retry_after_s=0.01)] * 30 + ["done x"]  # type: ignore[list-item]
    world, _ = await start(a=server)
    assert await world.run("x") == "done x"
    assert len(server.calls) == 31


async def test_work_cut_off_is_begun_again_elsewhere() -> None:
    dying, other = Server(2), Server(1)
    dying.answers["x"] = [Unavailable("gone", retry_after_s=30)]
    dying.gate.clear()
    world, _ = await start(dying=dying)
    call = world.run("x")
    await settle()
    world.servers["other"] = other
    world.directory.set("dying", "other")
    await settle()
    dying.gate.set()
    assert await call == "done x"
    assert (dying.calls, other.calls) == (["x"], ["x"])


async def test_work_that_kills_its_server_each_time_is_given_up() -> None:
    server = Server(1)
    server.answers["x"] = [Unavailable("crashed", retry_after_s=0.001)]
    world, _ = await start(a=server)
    with pytest.raises(Unavailable, match="crashed"):
        await world.run("x")
    assert len(server.calls) == 5


async def test_a_server_that_is_away_before_work_begins_does_not_count_as_a_try() -> None:
    server = Server(1)
    server.begins = False
    server.answers["x"] = [Unavailable("away", retry_after_s=0.001)] * 20 + ["done x"]  # type: ignore[list-item]
    world, _ = await start(a=server)
    assert await world.run("x") == "done x"
    assert len(server.calls) == 21


async def test_a_fault_is_tried_twice_bad_input_once() -> None:
    server = Server(1)
    server.answers = {"fault": [Internal("oops")], "bad": [InvalidInput("wrong")]}
    world, _ = await start(a=server)
    with pytest.raises(Internal):
        await world.run("fault")
    with pytest.raises(InvalidInput):
        await world.run("bad")
    assert server.calls == ["fault", "fault", "bad"]


async def test_cancelling_the_last_caller_cancels_the_work() -> None:
    server = Server(1)
    server.gate.clear()
    world, _ = await start(a=server)
    first, second = world.run("x"), world.run("x")
    await settle()
    first.cancel()
    await settle()
    assert server.cancelled == []
    second.cancel()
    await settle()
    assert server.cancelled == ["x"]


async def test_cancelled_work_leaves_the_queue_and_frees_its_slot() -> None:
    server = Server(1)
    server.gate.clear()
    world, _ = await start(a=server)
    running, waiting, next_one = world.run("x"), world.run("y"), world.run("z")
    await settle()
    waiting.cancel()
    running.cancel()
    await settle()
    server.gate.set()
    assert await next_one == "done z"
    assert server.calls == ["x", "z"]


async def test_work_cancelled_in_the_very_moment_of_its_start_frees_its_slot() -> None:
    server = Server(1)
    world, _ = await start(a=server)
    await settle()
    caller = world.dispatcher.run("stage", "x", "x", project="p", on_progress=world.progress.append)
    caller.send(None)
    assert world.dispatcher.running("stage") == 1
    caller.close()
    assert await world.run("y") == "done y"
    assert server.calls == ["y"]


async def test_a_server_that_is_not_ready_gets_nothing() -> None:
    server = Server(1)
    world, _ = await start(a=server)
    await settle()
    server.slots.put_nowait(0)
    await settle()
    call = world.run("x")
    await settle()
    assert server.calls == []
    server.slots.put_nowait(1)
    assert await call == "done x"


async def test_a_server_that_leaves_is_closed_after_its_work() -> None:
    server = Server(1)
    server.gate.clear()
    world, _ = await start(a=server)
    call = world.run("x")
    await settle()
    world.directory.set()
    await settle()
    assert not server.closed
    server.gate.set()
    assert await call == "done x"
    async with asyncio.timeout(5):
        while not server.closed:
            await asyncio.sleep(0.01)


async def test_projects_take_turns() -> None:
    server = Server(1)
    server.gate.clear()
    world, _ = await start(a=server)
    calls = [world.run(f"big{number}", project="big") for number in range(6)]
    calls += [world.run(f"small{number}", project="small") for number in range(2)]
    await settle()
    server.gate.set()
    await asyncio.gather(*calls)
    assert {"small0", "small1"} <= set(server.calls[:5])


async def test_drain_finishes_what_runs_and_starts_nothing() -> None:
    server = Server(1)
    server.gate.clear()
    world, _ = await start(a=server)
    running, waiting = world.run("x"), world.run("y")
    await settle()
    draining = asyncio.ensure_future(world.dispatcher.drain())
    await settle()
    assert not draining.done()
    server.gate.set()
    await draining
    assert await running == "done x"
    assert not waiting.done()
    assert server.calls == ["x"]


async def test_backlog_and_slots_are_exported() -> None:
    def gauge(name: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"stage": "stage"})

    server = Server(2)
    server.gate.clear()
    world, _ = await start(a=server)
    calls = [world.run(f"x{number}") for number in range(5)]
    await settle()
    assert gauge("firstframe_dispatch_backlog_items") == 3
    assert gauge("firstframe_dispatch_slots") == 2
    server.slots.put_nowait(0)
    await settle()
    assert gauge("firstframe_dispatch_slots") == 0
    calls[-1].cancel()
    await settle()
    assert gauge("firstframe_dispatch_backlog_items") == 2


async def test_an_unexpected_error_ends_the_call_and_frees_everything() -> None:
    server = Server(1)
    server.answers["x"] = [ValueError("broken")]  # type: ignore[list-item]
    world, _ = await start(a=server)
    with pytest.raises(Internal, match="fault of the dispatcher"):
        await world.run("x")
    server.answers.clear()
    assert await world.run("x") == "done x"


async def test_refusals_for_want_of_a_slot_are_no_tries() -> None:
    server = Server(1)
    server.answers["x"] = [Exhausted("full", retry_after_s=0.001)] * 9 + [Internal("oops"), "done x"]  # type: ignore[list-item]
    world, _ = await start(a=server)
    assert await world.run("x") == "done x"
    assert world.progress[-1].tries == 2


async def test_a_server_that_left_gets_no_more_work_when_it_comes_free() -> None:
    server = Server(1)
    server.gate.clear()
    world, _ = await start(a=server)
    first, second = world.run("x"), world.run("y")
    await settle()
    world.directory.set()
    await settle()
    server.gate.set()
    assert await first == "done x"
    await settle()
    assert not second.done()
    assert server.calls == ["x"]


def metric(name: str) -> float:
    found = REGISTRY.get_sample_value(f"firstframe_dispatch_{name}", {"stage": "stage"})
    assert found is not None
    return found


async def test_the_backlog_in_seconds_is_what_waits_and_what_is_left_of_what_runs() -> None:
    server = Server()
    server.gate.clear()
    world, _ = await start(a=server)

    calls = [world.run(name) for name in "abc"]
    await settle()

    # Nothing was measured yet: 60 s a piece. One is half done, two wait.
    assert metric("backlog_items") == 2
    assert metric("backlog_gpu_seconds") == pytest.approx(60 * 2.5)
    assert metric("oldest_queued_timestamp_seconds") == pytest.approx(time.time(), abs=60)
    server.gate.set()
    await asyncio.gather(*calls)
    await settle()
    assert metric("backlog_gpu_seconds") == 0
    assert metric("oldest_queued_timestamp_seconds") == 0


async def test_work_that_nobody_waits_for_leaves_the_backlog() -> None:
    server = Server()
    server.gate.clear()
    world, _ = await start(a=server)
    running, waiting = world.run("a"), world.run("b")
    await settle()

    waiting.cancel()
    await settle()

    assert metric("backlog_gpu_seconds") == pytest.approx(60 * 0.5)
    running.cancel()
    await settle()
    assert metric("backlog_gpu_seconds") == 0


def old(version: str = "1", slots: int = 1) -> Server:
    server = Server(slots)
    server.version = version
    return server


async def settled_at(world: World, seconds: float) -> None:
    """Lets time pass, after which a slot is told of anew."""
    world.clock.ahead_s += seconds
    for server in world.servers.values():
        server.slots.put_nowait(1)
    await settle()


async def test_a_server_that_lacks_a_call_is_passed_over_for_one_that_has_it() -> None:
    lacking, having = old(slots=9), Server(1)
    world, _ = await start(lacking=lacking, having=having)
    await settle()
    assert await asyncio.gather(*[world.run(New(f"n{number}")) for number in range(4)]) == [
        f"done n{n}" for n in range(4)
    ]
    assert len(lacking.calls) == 4  # all at once, before it had said that it cannot; nobody asked it again
    assert await world.run(New("n9")) == "done n9"
    assert len(lacking.calls) == 4
    assert {one.tries for one in world.progress} == {1}


async def test_work_that_a_server_can_do_goes_past_work_that_it_cannot() -> None:
    lacking = old()
    world, _ = await start(lacking=lacking)
    waiting = [world.run(New("n1")), world.run(New("n2"))]
    await settle()
    assert await asyncio.gather(world.run("x"), world.run("y")) == ["done x", "done y"]
    assert lacking.calls == ["n1", "x", "y"]
    assert world.dispatcher.backlog("stage") == 2
    assert metric("missing_calls") == 1
    world.servers["having"] = Server()
    world.directory.set("lacking", "having")
    assert await asyncio.gather(*waiting) == ["done n1", "done n2"]
    await settle()
    assert metric("missing_calls") == metric("backlog_items") == 0


async def test_a_server_that_lacks_a_call_is_asked_again_after_a_while() -> None:
    server = old()
    world, _ = await start(a=server)
    call = world.run(New("n"))
    await settled_at(world, ASK_AGAIN_S - 1)
    assert server.calls == ["n"]
    server.version = ""
    await settled_at(world, 1)
    assert await call == "done n"
    assert await world.run(New("m")) == "done m"


async def test_a_server_that_was_away_is_asked_at_once() -> None:
    server = old()
    world, _ = await start(a=server)
    call = world.run(New("n"))
    await settle()
    server.slots.put_nowait(0)
    await settle()
    server.version = ""
    server.slots.put_nowait(1)
    assert await call == "done n"


async def test_a_call_that_all_servers_lack_for_long_ends_the_work_and_names_their_versions() -> None:
    world, _ = await start(a=old("0.1"), b=old("0.2"), c=old("0.2"))
    calls = [world.run(New("n1")), world.run(New("n2"))]
    await settle()
    await settled_at(world, PATIENCE_S - 1)
    assert not any(call.done() for call in calls)
    await settled_at(world, ASK_AGAIN_S)
    for call in calls:
        with pytest.raises(Unsupported, match="no ready server of stage has had Service/New for 600 s") as caught:
            await call
        assert caught.value.reason == "STAGE_TOO_OLD"
        assert caught.value.metadata == {"stage": "stage", "method": "Service/New"}
        assert "old-0.1: version 0.1; old-0.2, old-0.2: version 0.2" in caught.value.message
    assert await world.run("x") == "done x"
    assert metric("backlog_items") == metric("missing_calls") == 0


async def test_nobody_gives_up_while_a_server_that_has_the_call_is_busy() -> None:
    lacking, having = old(), Server()
    having.gate.clear()
    world, _ = await start(lacking=lacking, having=having)
    calls = [world.run(New("n1")), world.run(New("n2")), world.run(New("n3"))]
    await settle()
    await settled_at(world, PATIENCE_S)
    await settled_at(world, PATIENCE_S)
    assert len(lacking.calls) == 3
    assert metric("missing_calls") == 0
    having.gate.set()
    assert await asyncio.gather(*calls) == ["done n1", "done n2", "done n3"]


async def test_patience_begins_anew_when_the_servers_that_lacked_a_call_have_gone() -> None:
    world, _ = await start(a=old())
    first = world.run(New("n1"))
    await settle()
    await settled_at(world, PATIENCE_S - 1)
    world.servers["b"] = old()
    world.directory.set("b")
    await settle()
    await settled_at(world, ASK_AGAIN_S)
    assert not first.done()
    await settled_at(world, PATIENCE_S)
    with pytest.raises(Unsupported):
        await first


async def test_work_that_nobody_waits_for_any_more_is_not_parked() -> None:
    lacking = old()
    world, _ = await start(lacking=lacking)
    call = world.run(New("n"))
    await settle()
    call.cancel()
    await settle()
    assert world.dispatcher.backlog("stage") == metric("missing_calls") == 0
    lacking.version = ""
    await settled_at(world, ASK_AGAIN_S)
    assert lacking.calls == ["n"]
