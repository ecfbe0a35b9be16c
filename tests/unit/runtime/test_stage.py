from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from firstframe.adapters.memory import MemoryStore
from firstframe.api.media.v1 import stage_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.errors import Cancelled, DeadlineExceeded, Exhausted, Internal, InvalidInput, Unavailable
from firstframe.runtime import deadline
from firstframe.runtime.keys import EngineIdentity, content_key
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage import StageRunner, WorkContext

PREVIZ = EngineIdentity("previz", "1")
Result = upscaling_pb2.UpscaleClipResult


class Rig:
    def __init__(self, tmp_path: Path, slots: int = 1) -> None:
        self.store = MemoryStore()
        self.slots = Slots("test", slots)
        self.scratch = tmp_path / "scratch"
        self.runner = StageRunner(stage="test", store=self.store, slots=self.slots, scratch_dir=self.scratch)
        self.runs = 0
        self.heard = 0
        """Calls that have heard of their work."""
        self.release = threading.Event()
        self.release.set()
        self.started = threading.Event()
        self.stopped = threading.Event()

    def work(self, context: WorkContext) -> Result:
        self.runs += 1
        self.started.set()
        (context.scratch / "leftover").write_text("x")
        context.progress("resampling", 0.5)
        context.progress("resampling", 0.25)
        try:
            while not self.release.wait(0.01):
                context.check()
        except BaseException:
            self.stopped.set()
            raise
        stored = self.store.put_bytes(b"clip", "video/mp4")
        result = Result()
        result.clip.video.digest = stored.digest
        result.provenance.details["threads"] = "1"
        return result

    async def call(self, work: Any = None, name: str = "") -> list[stage_pb2.Progress | Result]:
        request = upscaling_pb2.UpscaleClipRequest(request_id="any", engine=name)
        stream = self.runner.run(
            request, engine=EngineIdentity(name or "previz", "1"), seed=5, work=work or self.work, result_type=Result
        )
        events = []
        async for event in stream:
            self.heard += not events
            events.append(event)
        return events


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


async def wait_for(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_result_ends_the_stream_with_its_provenance(rig: Rig) -> None:
    *progress, result = await rig.call()
    assert all(isinstance(event, stage_pb2.Progress) for event in progress)
    assert isinstance(result, Result)
    provenance = result.provenance
    assert provenance.key == content_key("test", PREVIZ, upscaling_pb2.UpscaleClipRequest())
    assert (provenance.engine, provenance.engine_version, provenance.seed) == ("previz", "1", 5)
    assert provenance.details == {"threads": "1"}
    assert not provenance.cached
    assert provenance.end_time.ToNanoseconds() >= provenance.start_time.ToNanoseconds() > 0


async def test_the_fraction_never_falls(rig: Rig) -> None:
    rig.release.clear()
    call = asyncio.ensure_future(rig.call())
    await wait_for(lambda: rig.heard == 1)
    await asyncio.sleep(0.05)
    rig.release.set()
    *progress, _ = await call
    fractions = [event.fraction for event in progress if isinstance(event, stage_pb2.Progress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 0.5


async def test_the_same_request_again_is_answered_without_work(rig: Rig) -> None:
    first = (await rig.call())[-1]
    (again,) = await rig.call()
    assert rig.runs == 1
    assert isinstance(first, Result)
    assert isinstance(again, Result)
    assert again.provenance.cached
    assert again.clip == first.clip
    assert again.provenance.start_time == first.provenance.start_time


async def test_a_result_whose_artifact_is_gone_is_made_again(rig: Rig) -> None:
    await rig.call()
    rig.store.blobs.clear()
    await rig.call()
    assert rig.runs == 2


async def test_an_unreadable_record_is_made_again(rig: Rig) -> None:
    await rig.call()
    (key,) = rig.store.records
    rig.store.records[key] = b"\xff\xff"
    await rig.call()
    assert rig.runs == 2


async def test_two_calls_at_once_share_one_piece_of_work(rig: Rig) -> None:
    rig.release.clear()
    calls = [asyncio.ensure_future(rig.call()) for _ in range(2)]
    await wait_for(lambda: rig.heard == 2)
    rig.release.set()
    results = [(await call)[-1] for call in calls]
    assert rig.runs == 1
    assert results[0] == results[1]


async def test_full_slots_refuse_at_once_and_a_cached_result_needs_none(rig: Rig) -> None:
    await rig.call()
    rig.release.clear()
    busy = asyncio.ensure_future(rig.call(name="other"))
    await wait_for(lambda: rig.slots.busy == 1)
    with pytest.raises(Exhausted):
        await rig.call(name="third")
    assert len(await rig.call()) == 1
    rig.release.set()
    await busy


async def test_when_every_caller_has_gone_the_work_stops_and_then_frees_its_slot(rig: Rig) -> None:
    rig.release.clear()
    calls = [asyncio.ensure_future(rig.call()) for _ in range(2)]
    await wait_for(lambda: rig.heard == 2)
    calls[0].cancel()
    await asyncio.gather(calls[0], return_exceptions=True)
    await asyncio.sleep(0.05)
    assert not rig.stopped.is_set()
    calls[1].cancel()
    await asyncio.gather(calls[1], return_exceptions=True)
    await wait_for(lambda: rig.slots.busy == 0)
    assert rig.stopped.is_set()
    assert rig.store.records == {}


async def test_a_failure_reaches_the_caller_records_nothing_and_leaves_no_scratch(rig: Rig) -> None:
    def fail(context: WorkContext) -> Result:
        (context.scratch / "half").write_text("x")
        raise InvalidInput.at("clip", "is broken")

    with pytest.raises(InvalidInput, match="clip: is broken"):
        await rig.call(fail)
    await wait_for(lambda: rig.slots.busy == 0)
    assert rig.store.records == {}
    assert list(rig.scratch.iterdir()) == []


async def test_scratch_is_removed_after_success(rig: Rig) -> None:
    await rig.call()
    assert list(rig.scratch.iterdir()) == []


async def test_an_unexpected_error_frees_the_slot(rig: Rig) -> None:
    def fail(_context: WorkContext) -> Result:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await rig.call(fail)
    assert rig.slots.busy == 0


async def test_draining_refuses_even_cached_results(rig: Rig) -> None:
    await rig.call()
    rig.slots.drain()
    with pytest.raises(Unavailable) as caught:
        await rig.call()
    assert caught.value.reason == "SERVICE_DRAINING"


class DeafWork:
    """Work that looks at nothing until it is let go."""

    def __init__(self) -> None:
        self.runs = 0
        self.release = threading.Event()

    def __call__(self, _context: WorkContext) -> Result:
        self.runs += 1
        assert self.release.wait(20)
        return Result()


async def go_away(call: asyncio.Future[Any]) -> None:
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)


async def test_who_comes_back_gets_what_abandoned_work_recorded_before_it_saw_that(rig: Rig) -> None:
    deaf = DeafWork()
    first = asyncio.ensure_future(rig.call(deaf))
    await wait_for(lambda: deaf.runs == 1)
    await go_away(first)
    again = asyncio.ensure_future(rig.call())
    await asyncio.sleep(0.05)
    deaf.release.set()
    (result,) = await again
    assert isinstance(result, Result)
    assert result.provenance.cached
    assert rig.runs == 0


async def test_work_that_ends_while_its_record_is_looked_up_is_not_done_again(rig: Rig) -> None:
    rig.release.clear()
    first = asyncio.ensure_future(rig.call())
    await wait_for(rig.started.is_set)
    looked_up = threading.Event()
    look_up = rig.store.get_record

    def slow_look_up(key: str) -> bytes | None:
        found = look_up(key)
        assert looked_up.wait(20)
        return found

    rig.store.get_record = slow_look_up  # type: ignore[method-assign]
    second = asyncio.ensure_future(rig.call())
    await asyncio.sleep(0.05)
    rig.release.set()
    await first
    looked_up.set()
    await second
    assert rig.runs == 1


async def test_a_record_of_something_else_is_made_again(rig: Rig) -> None:
    await rig.call()
    (key,) = rig.store.records
    rig.store.records[key] = b""
    await rig.call()
    assert rig.runs == 2


async def test_the_work_sees_the_deadline_of_its_caller(rig: Rig) -> None:
    rig.release.clear()
    with deadline.bound(0.05), pytest.raises(DeadlineExceeded):
        await rig.call()
    assert rig.slots.busy == 0


@pytest.mark.parametrize("patience_s", [(20, 1000), (1000, 20)])
async def test_shared_work_may_take_as_long_as_its_most_patient_caller(
    rig: Rig, patience_s: tuple[float, float]
) -> None:
    seen: list[float | None] = []

    def work(context: WorkContext) -> Result:
        rig.started.set()
        assert rig.release.wait(20)
        seen.append(context.remaining_s())
        context.check()
        return Result()

    rig.release.clear()
    with deadline.bound(patience_s[0]):
        first = asyncio.ensure_future(rig.call(work))
    await wait_for(rig.started.is_set)
    with deadline.bound(patience_s[1]):
        second = asyncio.ensure_future(rig.call(work))
    await wait_for(lambda: rig.heard == 2)
    rig.release.set()
    assert (await first)[-1] == (await second)[-1]
    assert seen[0] is not None
    assert 900 < seen[0] <= 1000


async def test_without_a_deadline_the_work_has_none(rig: Rig) -> None:
    seen: list[float | None] = []

    def work(context: WorkContext) -> Result:
        seen.append(context.remaining_s())
        context.check()
        return Result()

    await rig.call(work)
    assert seen == [None]


async def test_the_work_has_the_context_of_its_call(rig: Rig) -> None:
    seen: dict[str, Any] = {}

    def work(_context: WorkContext) -> Result:
        seen.update(structlog.contextvars.get_contextvars())
        return Result()

    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        await rig.call(work)
    assert seen["request_id"] == "r-1"


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"stage": "test", **labels}) or 0.0


async def test_hits_rejects_and_work_are_counted(rig: Rig) -> None:
    def figures() -> tuple[float, ...]:
        return (
            counted("firstframe_stage_cache_hits_total"),
            counted("firstframe_stage_rejected_total", reason="NO_FREE_SLOT"),
            counted("firstframe_stage_work_seconds_count", engine="previz", outcome="done"),
            counted("firstframe_stage_wasted_seconds_total"),
        )

    before = figures()
    await rig.call()
    await rig.call()
    rig.slots.take()
    with pytest.raises(Exhausted):
        await rig.call(name="other")
    rig.slots.give()
    assert [now - then for now, then in zip(figures(), before, strict=True)] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Cancelled("x"), "cancelled"), (DeadlineExceeded("x"), "expired"), (ZeroDivisionError(), "failed")],
)
async def test_time_of_work_that_came_to_nothing_is_counted_as_wasted(rig: Rig, error: Exception, outcome: str) -> None:
    def fail(_context: WorkContext) -> Result:
        raise error

    before = counted("firstframe_stage_work_seconds_count", engine="previz", outcome=outcome)
    wasted = counted("firstframe_stage_wasted_seconds_total")
    with pytest.raises(type(error)):
        await rig.call(fail)
    assert counted("firstframe_stage_work_seconds_count", engine="previz", outcome=outcome) == before + 1
    assert counted("firstframe_stage_wasted_seconds_total") > wasted


async def test_a_new_process_leaves_scratch_of_living_ones_alone(rig: Rig) -> None:
    rig.release.clear()
    call = asyncio.ensure_future(rig.call())
    await wait_for(lambda: list(rig.scratch.rglob("leftover")) != [])
    StageRunner(stage="test", store=rig.store, slots=Slots("test", 1), scratch_dir=rig.scratch)
    assert list(rig.scratch.rglob("leftover")) != []
    rig.release.set()
    await call
    assert list(rig.scratch.rglob("leftover")) == []


async def test_no_scratch_folder_is_a_clear_error(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.scratch.write_text("a file")
    with pytest.raises(Internal) as caught:
        await rig.call()
    assert caught.value.reason == "NO_SCRATCH"
    assert rig.slots.busy == 0


async def test_a_new_caller_does_not_join_work_that_was_told_to_stop(rig: Rig) -> None:
    stubborn = threading.Event()

    def slow_to_stop(context: WorkContext) -> Result:
        rig.started.set()
        stubborn.wait(20)
        context.check()
        return Result()

    first = asyncio.ensure_future(rig.call(slow_to_stop))
    await wait_for(rig.started.is_set)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.ensure_future(rig.call())
    await asyncio.sleep(0.05)
    assert not second.done()
    stubborn.set()
    assert isinstance((await second)[-1], Result)
    assert rig.runs == 1


async def test_work_whose_caller_left_before_it_began_is_not_done(rig: Rig) -> None:
    rig.release.clear()
    busy = asyncio.ensure_future(rig.call(name="busy"))
    await wait_for(rig.started.is_set)
    rig.slots.give()  # a slot without a thread: the next piece of work has to wait for the first
    second = asyncio.ensure_future(rig.call(name="second"))
    await wait_for(lambda: rig.slots.busy == 1)
    await asyncio.sleep(0.05)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    rig.slots.take = lambda: None  # type: ignore[method-assign]
    rig.release.set()
    await busy
    await wait_for(lambda: not rig.runner._jobs)
    assert rig.runs == 1


def test_a_report_is_progress_unless_nobody_wants_it_any_more(tmp_path: Path) -> None:
    told: list[stage_pb2.Progress] = []
    context = WorkContext(tmp_path, told.append)
    context.report("joining", 0.5)
    context.stop()
    with pytest.raises(Cancelled):
        context.report("joining", 0.6)
    assert [(one.phase, one.fraction) for one in told] == [("joining", 0.5)]
