"""What is to move heroes is asked for before a still is made, through the real orchestrator."""

from __future__ import annotations

import grpc
import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import FirstframeError
from firstframe.runtime.client import translate
from support.orchestrator import World, small_brief

SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
FAILED = campaigns_pb2.CAMPAIGN_STATE_FAILED
CANCELLED = campaigns_pb2.CAMPAIGN_STATE_CANCELLED


def filmed() -> campaigns_pb2.Brief:
    brief = small_brief()
    brief.motion.engine = "scene"
    return brief


async def error_of(call: object) -> FirstframeError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call  # type: ignore[misc]
    return translate(caught.value)


async def test_what_the_servers_do_not_have_is_neither_planned_nor_created(world: World) -> None:
    await world.open()
    await world.until((await world.create(small_brief())).name, SUCCEEDED)
    made = world.fake.count("imagegen")
    request = campaigns_pb2.PlanCampaignRequest(parent="projects/local", brief=filmed())
    planned = await error_of(world.stub().PlanCampaign(request, timeout=10))
    created = await error_of(world.create(filmed()))
    assert (planned.reason, created.reason) == ("ENGINE_MISSING", "ENGINE_MISSING")
    assert "they have previz" in created.message
    assert world.fake.count("imagegen") == made


async def test_a_lane_ends_before_its_still_where_the_servers_that_come_cannot_film(world: World) -> None:
    await world.open(fakes=False)
    name = (await world.create(filmed())).name
    await world.start_fakes()
    done = await world.until(name, SUCCEEDED, FAILED)
    assert done.lanes[0].error.reason == "ENGINE_MISSING"
    assert done.lanes[0].error.step == done.lanes[0].steps[1].step
    assert world.fake.count("imagegen") == 0


async def test_a_server_that_films_is_asked_for_it(world: World) -> None:
    world.fake.engines = ["previz", "scene"]
    await world.open(fakes=False)
    name = (await world.create(filmed())).name
    await world.start_fakes()
    assert (await world.until(name, SUCCEEDED, FAILED)).state == SUCCEEDED
    (request,) = [request for stage, request in world.fake.calls if stage == "animation"]
    assert isinstance(request, animation_pb2.AnimateClipRequest)
    assert request.engine == "scene"


async def test_a_cancelled_campaign_waits_for_no_server(world: World) -> None:
    await world.open(fakes=False, ENGINE_PATIENCE_S="86400")
    name = (await world.create(filmed())).name
    await world.stub().CancelCampaign(campaigns_pb2.CancelCampaignRequest(name=name), timeout=10)
    assert (await world.until(name, CANCELLED, FAILED)).state == CANCELLED
