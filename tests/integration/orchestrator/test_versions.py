"""Stages of an older version than the orchestrator: they lack the call that checks heroes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import Unsupported
from firstframe.runtime.status import DETAILS_KEY, to_status
from support.fake_stages import FakeStages, serve_fakes
from support.orchestrator import World, small_brief

DONE = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
FAILED = campaigns_pb2.CAMPAIGN_STATE_FAILED

pytestmark = pytest.mark.timeout(120)


class Pool:
    """Stage servers beside a world's own, which has none."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.servers: dict[str, grpc.aio.Server] = {}

    async def add(self, name: str, *, version: str, lacks: str = "") -> FakeStages:
        """Starts and announces a server of all stages."""
        fake = FakeStages(self._world.store)
        fake.version, fake.lacks = version, frozenset(lacks.split())
        self.servers[name], address = await serve_fakes(fake)
        for stage in ("imagegen", "animation", "upscaling", "stitching"):
            (self._world.pools / f"{stage}-{name}.json").write_text(json.dumps({"grpc": address}))
        return fake

    async def close(self) -> None:
        """Stops them."""
        for server in self.servers.values():
            await server.stop(None)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def pool(world: World) -> AsyncIterator[Pool]:
    made = Pool(world)
    yield made
    await made.close()


async def refused(world: World, stage: FakeStages) -> None:
    """Until a still was made, so that its check is wanted and cannot be had."""
    async with asyncio.timeout(30):
        while "does not have the call" not in world.orchestrator.log() or not stage.count("imagegen"):
            await asyncio.sleep(0.05)


async def test_work_waits_for_the_first_server_of_the_new_version(world: World, pool: Pool) -> None:
    before = await pool.add("old", version="0.0.9", lacks="CheckHero")
    await world.open(fakes=False)
    made = await world.create(small_brief(heroes=3))
    await refused(world, before)

    after = await pool.add("new", version="0.1.0")

    ended = await world.until(made.name, DONE, FAILED)
    assert ended.state == DONE
    assert before.count("preflight") == 0
    assert after.count("preflight") == 3
    assert before.count("imagegen") + after.count("imagegen") == 3
    assert {lane.preflight.attempts for lane in ended.lanes} == {1}


async def test_a_stage_that_stays_old_ends_the_lane_with_its_version_and_a_new_one_takes_it_up(
    world: World, pool: Pool
) -> None:
    await pool.add("old", version="0.0.9", lacks="CheckHero")
    await world.open(fakes=False, MISSING_CALL_PATIENCE_S="0")
    brief = small_brief()

    ended = await world.until((await world.create(brief)).name, DONE, FAILED)

    (error,) = [lane.error for lane in ended.lanes]
    assert error.reason == "STAGE_TOO_OLD"
    assert "imagegen has had firstframe.api.imagegen.v1.ImageGenService/CheckHero" in error.message
    assert "version 0.0.9" in error.message
    assert error.step.startswith("preflight/")

    after = await pool.add("new", version="0.1.0")
    await pool.servers["old"].stop(None)
    again = await world.until((await world.create(brief)).name, DONE)
    assert again.name == ended.name
    assert after.count("preflight") == 1


async def test_a_reason_of_the_stage_itself_ends_the_lane_at_once(world: World, pool: Pool) -> None:
    """`MODEL_ARGUMENT` is UNIMPLEMENTED too, and no other server will say anything else."""
    stage = await pool.add("stage", version="0.1.0")
    stage.before = not_served
    await world.open(fakes=False)

    ended = await world.until((await world.create(small_brief())).name, DONE, FAILED)

    assert [lane.error.reason for lane in ended.lanes] == ["MODEL_ARGUMENT"]
    assert stage.count("imagegen") == 1


async def not_served(_stage: str, _request: object, context: Any) -> None:
    error = Unsupported("the pack asks for what is not served", reason="MODEL_ARGUMENT")
    details = ((DETAILS_KEY, to_status(error).SerializeToString()),)
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, error.message, details)
