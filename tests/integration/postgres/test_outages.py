"""The database goes away while campaigns run, and comes back."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable

import grpc
import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import Unavailable
from firstframe.runtime.client import translate
from support.orchestrator import World, small_brief
from support.postgres import PASSWORD, Postgres

SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
AWAITING = campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL
STAGES = ("imagegen", "animation", "upscaling", "stitching")
ANSWER_S = 20
LANES = 100

Call = Callable[[], Awaitable[object]]


async def is_unavailable(call: Call) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call()
    error = translate(caught.value)
    assert (type(error), error.reason) == (Unavailable, "DATABASE_UNAVAILABLE"), error
    assert error.retry_after_s


def creating(world: World, name: str, request_id: str = "") -> Call:
    request = campaigns_pb2.CreateCampaignRequest(
        parent="projects/local", brief=small_brief(name), request_id=request_id
    )
    return lambda: world.stub().CreateCampaign(request, timeout=ANSWER_S)


def cancelling(world: World, name: str) -> Call:
    request = campaigns_pb2.CancelCampaignRequest(name=name, request_id="cancel-1")
    return lambda: world.stub().CancelCampaign(request, timeout=ANSWER_S)


def listing(world: World) -> Call:
    request = campaigns_pb2.ListCampaignsRequest(parent="projects/local")
    return lambda: world.stub().ListCampaigns(request, timeout=ANSWER_S)


def deciding(world: World, waiting: campaigns_pb2.Campaign, request_id: str = "") -> Call:
    (lane,) = waiting.lanes
    item = campaigns_pb2.HeroDecision(
        lane=lane.lane, hero_digest=lane.hero.image.digest, decision=campaigns_pb2.DECISION_APPROVED
    )
    request = campaigns_pb2.DecideHeroesRequest(
        name=waiting.name, decisions=[item], decided_by="ada", request_id=request_id
    )
    return lambda: world.stub().DecideHeroes(request, timeout=ANSWER_S)


async def until_busy(world: World, stage: str, calls: int) -> None:
    async with asyncio.timeout(60):
        while world.fake.count(stage) < calls:
            await asyncio.sleep(0.02)


async def test_lanes_go_on_after_an_outage_and_mutations_say_what_is_wrong_meanwhile(
    world: World, postgres: Postgres
) -> None:
    """Every lane has work that ends while the database is away."""
    world.fake.slots = LANES
    world.fake.seconds = 2
    await world.open()
    created = await world.create(small_brief(heroes=LANES))
    await until_busy(world, "animation", LANES // 2)
    await asyncio.to_thread(postgres.kill)
    await asyncio.sleep(3)
    await is_unavailable(creating(world, "other", "r-1"))
    await is_unavailable(cancelling(world, created.name))
    await is_unavailable(listing(world))
    seen = await world.stub().GetCampaign(campaigns_pb2.GetCampaignRequest(name=created.name), timeout=ANSWER_S)
    assert len(seen.lanes) == LANES, "what is in memory can be read"
    await asyncio.to_thread(postgres.start)
    done = await world.until(created.name, SUCCEEDED, timeout_s=100)
    assert len(done.lanes) == LANES
    assert {stage: world.fake.count(stage) for stage in STAGES} == dict.fromkeys(STAGES, LANES)
    other = await world.stub().CreateCampaign(
        campaigns_pb2.CreateCampaignRequest(parent="projects/local", brief=small_brief("other"), request_id="r-1"),
        timeout=ANSWER_S,
    )
    await world.until(other.name, SUCCEEDED)
    assert PASSWORD not in world.orchestrator.log()


async def test_both_are_killed_and_everything_goes_on(world: World, postgres: Postgres) -> None:
    world.fake.slots = world.fake.seconds = 1
    await world.open()
    created = await world.create(small_brief(heroes=4))
    await until_busy(world, "animation", 2)
    await asyncio.gather(asyncio.to_thread(postgres.kill), asyncio.to_thread(world.orchestrator.kill))
    await asyncio.to_thread(postgres.start)
    world.fake.seconds = 0
    await asyncio.to_thread(world.orchestrator.start)
    done = await world.until(created.name, SUCCEEDED)
    assert [lane.state for lane in done.lanes] == [campaigns_pb2.LANE_STATE_SUCCEEDED] * 4
    for stage in STAGES:
        assert world.fake.count(stage) <= 5, "but for the one call that was cut off nothing is done twice"


async def test_an_approval_in_an_outage_is_refused_and_taken_once_afterwards(
    world: World, postgres: Postgres, database: str
) -> None:
    await world.open()
    created = await world.create(small_brief(approval="required"))
    waiting = await world.until(created.name, AWAITING)
    await asyncio.to_thread(postgres.kill)
    await is_unavailable(deciding(world, waiting, "yes-1"))
    await is_unavailable(deciding(world, waiting))
    await asyncio.to_thread(postgres.start)
    for _ in range(2):
        await deciding(world, waiting, "yes-1")()
    done = await world.until(created.name, SUCCEEDED)
    assert done.lanes[0].approval.decided_by == "ada"
    assert await asyncio.to_thread(postgres.rows, database, "decisions") == 1
    assert await asyncio.to_thread(postgres.rows, database, "requests") == 1


async def test_connections_that_were_cut_while_idle_are_nobody_s_error(world: World, postgres: Postgres) -> None:
    """As a failover or a firewall does it: the next call notices and takes a new one."""
    await world.open()
    created = await world.create(small_brief())
    await world.until(created.name, SUCCEEDED)
    for number in range(3):
        assert await asyncio.to_thread(postgres.drop_connections) > 0
        again = await world.create(small_brief(f"again-{number}"), request_id=f"r-{number}")
        await world.until(again.name, SUCCEEDED)


async def test_connections_are_bounded(world: World, postgres: Postgres, database: str) -> None:
    world.fake.slots = LANES
    await world.open(DATABASE_POOL_SIZE="3")
    most = 0

    async def count() -> None:
        nonlocal most
        while True:
            most = max(most, await asyncio.to_thread(postgres.connections, database))
            await asyncio.sleep(0.02)

    counting = asyncio.create_task(count())
    created = await world.create(small_brief(heroes=LANES))
    await asyncio.gather(*(listing(world)() for _ in range(50)))
    await world.until(created.name, SUCCEEDED)
    counting.cancel()
    assert 0 < most <= 3 + 3 + 1, "a pool for campaigns, one for workflows, and one that listens"


async def until_logged(world: World, words: str) -> None:
    end = time.monotonic() + 60
    while words not in world.orchestrator.log():
        assert time.monotonic() < end, world.orchestrator.log()
        await asyncio.sleep(0.05)


async def test_an_orchestrator_that_starts_first_waits_for_its_database(world: World, postgres: Postgres) -> None:
    await asyncio.to_thread(postgres.kill)
    opening = asyncio.create_task(world.open())
    await until_logged(world, "waiting for the database")
    assert not opening.done()
    await asyncio.to_thread(postgres.start)
    await opening
    created = await world.create(small_brief())
    await world.until(created.name, SUCCEEDED)


async def test_an_orchestrator_that_waits_for_its_database_can_be_stopped(world: World, postgres: Postgres) -> None:
    await asyncio.to_thread(postgres.kill)
    opening = asyncio.create_task(world.open())
    await until_logged(world, "waiting for the database")
    process = world.orchestrator.process
    assert isinstance(process, subprocess.Popen)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, 20) == 0
    with pytest.raises(AssertionError, match="did not start"):
        await opening
    assert PASSWORD not in world.orchestrator.log()
