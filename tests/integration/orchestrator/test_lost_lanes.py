"""A lane whose workflow nobody runs is found and goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from support.orchestrator import World, small_brief


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    try:
        yield made
    finally:
        await made.close()


async def test_a_workflow_that_was_taken_and_never_begun_is_resumed(local: World) -> None:
    await local.open()
    created = await local.create(small_brief(approval="required"))
    waiting = await local.until(created.name, campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL)
    local.orchestrator.kill()
    # As it is left when the database goes away between the taking of a workflow and its first line: open, and begun by nobody.
    with sqlite3.connect(local.folder / "state" / "workflows.sqlite") as database:
        taken = database.execute("UPDATE workflow_status SET executor_id = 'elsewhere' WHERE status = 'PENDING'")
        assert taken.rowcount == 1
    database.close()
    local.orchestrator.start()
    decision = campaigns_pb2.HeroDecision(
        lane=waiting.lanes[0].lane,
        hero_digest=waiting.lanes[0].hero.image.digest,
        decision=campaigns_pb2.DECISION_APPROVED,
    )
    request = campaigns_pb2.DecideHeroesRequest(name=created.name, decisions=[decision], decided_by="ada")

    await local.stub().DecideHeroes(request, timeout=10)
    done = await local.until(created.name, campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED, timeout_s=90)

    assert done.lanes[0].approval.decided_by == "ada"
    assert "a lane was lost and goes on" in local.orchestrator.log()
    assert local.fake.count("imagegen") == 1
