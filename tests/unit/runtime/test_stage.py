from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from firstframe.adapters.memory import MemoryStore
from firstframe.api.media.v1 import stage_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.errors import Exhausted, Internal, InvalidInput, Unavailable
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
        return [event async for event in stream]


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
    await wait_for(rig.started.is_set)
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
    await wait_for(rig.started.is_set)
    await asyncio.sleep(0.05)
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
    await wait_for(rig.started.is_set)
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
