"""A trace for each lane, from a real orchestrator to a real collector; the stages here record what reaches them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from firstframe.api.campaigns.v1 import campaigns_pb2
from support.local_servers import free_port
from support.orchestrator import World, small_brief
from support.otlp import Collector, Span

SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
CALLER = "0af7651916cd43dd8448eb211c80319c"
STAGES = {
    "firstframe.api.imagegen.v1.ImageGenService/GenerateHero",
    "firstframe.api.imagegen.v1.ImageGenService/CheckHero",
    "firstframe.api.animation.v1.AnimationService/AnimateClip",
    "firstframe.api.upscaling.v1.UpscalingService/UpscaleClip",
    "firstframe.api.stitching.v1.StitchingService/StitchDeliverable",
}
CREATE = "firstframe.api.campaigns.v1.CampaignService/CreateCampaign"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield made


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    try:
        yield made
    finally:
        await made.close()


async def submit(world: World, brief: campaigns_pb2.Brief, *, sampled: bool = True) -> str:
    """CreateCampaign as part of a caller's trace."""
    request = campaigns_pb2.CreateCampaignRequest(parent="projects/local", brief=brief)
    metadata = (("traceparent", f"00-{CALLER}-b7ad6b7169203331-0{int(sampled)}"),)
    return (await world.stub().CreateCampaign(request, timeout=30, metadata=metadata)).name


def lanes(spans: list[Span]) -> list[Span]:
    return [span for span in spans if span.name == "lane"]


async def finished(world: World, collector: Collector, name: str, count: int = 1) -> list[Span]:
    """All spans once the campaign is done, each lane has told its end, and the orchestrator has stopped.

    A campaign is done a moment before its last lane has ended; one that is stopped in between tells it at the next start.
    """
    await world.until(name, SUCCEEDED)
    await asyncio.to_thread(collector.until, lambda spans: len(lanes(spans)) == count)
    assert await asyncio.to_thread(world.orchestrator.stop) == 0
    return collector.spans()


def trace_of(lane: Span, spans: list[Span]) -> list[Span]:
    return [span for span in spans if span.trace == lane.trace]


async def test_each_lane_is_one_trace_that_links_to_the_submission(world: World, collector: Collector) -> None:
    parents: list[str] = []

    async def note(stage: str, request: Message, context: Any) -> None:
        _, trace_id, span_id, flags = dict(context.invocation_metadata())["traceparent"].split("-")
        assert int(flags, 16) & 1
        parents.append(f"{trace_id}-{span_id}")

    world.fake.before = note
    world.fake.slots = 1  # so that a lane's work is begun by the end of another's
    await world.open()
    spans = await finished(world, collector, await submit(world, small_brief(heroes=2)), 2)

    assert len(lanes(spans)) == 2
    assert len({lane.trace for lane in lanes(spans)}) == 2
    (submission,) = [span for span in spans if span.name == CREATE]
    assert (submission.trace, submission.parent) == (CALLER, "b7ad6b7169203331")
    for lane in lanes(spans):
        own = trace_of(lane, spans)
        assert (lane.parent, lane.links) == ("", (CALLER,))
        assert {span.parent for span in own} <= {"", *(span.id for span in own)}
        calls = [span for span in own if span.name in STAGES]
        assert {span.name for span in calls} == STAGES
        waits = [span for span in own if span.name == "wait for a slot"]
        assert len(waits) == len(calls)
        assert {span.parent for span in (*waits, *calls)} == {lane.id}
        assert {f"{lane.trace}-{call.id}" for call in calls} <= set(parents)
        assert all(lane.start_ns <= span.start_ns <= span.end_ns <= lane.end_ns for span in own)


async def test_a_campaign_that_the_caller_does_not_sample_exports_nothing(world: World, collector: Collector) -> None:
    await world.open()
    await world.until(await submit(world, small_brief(heroes=2), sampled=False), SUCCEEDED)
    assert await asyncio.to_thread(world.orchestrator.stop) == 0
    assert [span for span in collector.spans() if span.name in {"lane", CREATE, *STAGES, "wait for a slot"}] == []


async def test_a_campaign_that_the_ratio_leaves_out_exports_nothing(
    world: World, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    await world.open()
    await world.until((await world.create(small_brief())).name, SUCCEEDED)
    assert await asyncio.to_thread(world.orchestrator.stop) == 0
    assert collector.spans() == []
    assert '"trace_id"' in world.orchestrator.log()


async def test_a_lane_that_was_cut_off_goes_on_in_its_trace(world: World, collector: Collector) -> None:
    held = asyncio.Event()

    async def hold(stage: str, request: Message, context: Any) -> None:
        if stage == "animation":
            await held.wait()

    world.fake.before = hold
    await world.open()
    name = await submit(world, small_brief())
    generated = "firstframe.api.imagegen.v1.ImageGenService/GenerateHero"
    await asyncio.to_thread(collector.until, lambda spans: any(span.name == generated for span in spans))
    await asyncio.to_thread(world.orchestrator.kill)
    held.set()
    await asyncio.to_thread(world.orchestrator.start)

    spans = await finished(world, collector, name)
    (lane,) = lanes(spans)
    own = trace_of(lane, spans)
    calls = [span.name for span in own if span.name in STAGES]
    assert generated in calls
    assert "firstframe.api.stitching.v1.StitchingService/StitchDeliverable" in calls
    assert calls.count(generated) == 1
    assert {span.parent for span in own} <= {"", *(span.id for span in own)}
    assert lane.links == (CALLER,)
    assert lane.start_ns <= min(span.start_ns for span in own)
    assert [span.trace for span in spans if span.name in STAGES] == [lane.trace] * len(calls)


async def test_a_lane_that_fails_says_so_without_words_of_the_brief(world: World, collector: Collector) -> None:
    async def refuse(stage: str, request: Message, context: Any) -> None:
        if stage == "animation":
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the walrus of the brief is no good")

    world.fake.before = refuse
    await world.open()
    brief = small_brief("zebrafish")
    brief.heroes[0].name, brief.heroes[0].set.copy, brief.motion.prompt = "walrus", "Quixotic", "drifting nebula"
    await world.until(await submit(world, brief), campaigns_pb2.CAMPAIGN_STATE_FAILED)
    await asyncio.to_thread(collector.until, lanes)
    assert await asyncio.to_thread(world.orchestrator.stop) == 0
    (lane,) = lanes(collector.spans())
    assert (lane.failed, lane.attributes["error.type"]) == (True, "INVALID_FIELD")
    assert lane.attributes["firstframe.lane.format"] == "16:9"
    for word in ("zebrafish", "walrus", "quixotic", "nebula"):
        assert word not in collector.text()


async def test_logs_carry_the_ids(world: World, collector: Collector) -> None:
    await world.open()
    (lane,) = lanes(await finished(world, collector, await submit(world, small_brief())))
    (line,) = [line for line in world.orchestrator.log().splitlines() if '"lane goes on"' in line]
    assert f'"trace_id": "{lane.trace}"' in line
    assert f'"span_id": "{lane.id}"' in line


async def test_a_collector_that_is_away_costs_a_warning(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    await world.open()
    await world.until((await world.create(small_brief())).name, SUCCEEDED)
    assert await asyncio.to_thread(world.orchestrator.stop) == 0
    assert world.orchestrator.log().count("a problem with traces; the work goes on") == 1
    assert "Traceback" not in world.orchestrator.log()
