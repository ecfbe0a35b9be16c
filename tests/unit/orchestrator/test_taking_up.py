"""What an orchestrator does at its start with campaigns that an older one left open."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from firstframe.adapters.clock import SystemClock
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.open_campaigns import OpenCampaigns
from firstframe.orchestrator.tables import Tables
from support.campaigns import live_campaign

OLD_PLAN = "0" * 64


class Shelf:
    """Stored campaigns, and the lanes that are started."""

    def __init__(self) -> None:
        self.tables = Tables(
            sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
        )
        self.tables.make()
        self.started: list[tuple[str, int]] = []

    def put(self, name: str, *, plan: str = "", cancelled: bool = False, recipe: str = "") -> None:
        live = live_campaign()
        if recipe:
            live.brief.motion.recipe = recipe
        row = replace(
            live.row,
            name=f"projects/local/campaigns/{name}",
            brief=live.brief.SerializeToString(),
            plan_digest=plan or live.row.plan_digest,
            cancelled=cancelled,
        )
        self.tables.put_campaign(row, [(lane.lane, lane.SerializeToString()) for lane in live.lanes.values()])

    async def start(self, campaign: str, _lane: str, run: int) -> None:
        self.started.append((campaign.rpartition("/")[2], run))

    async def recover(self) -> OpenCampaigns:
        taken = OpenCampaigns(self.tables, SystemClock(), self.start)
        await taken.recover()
        return taken


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


async def test_a_campaign_goes_on_in_its_run_and_in_a_new_one_where_the_plan_is_another(shelf: Shelf) -> None:
    shelf.put("same")
    shelf.put("other", plan=OLD_PLAN)
    await shelf.recover()
    assert shelf.started == [("same", 1), ("other", 2)]


async def test_a_brief_that_is_refused_by_now_holds_nobody_up(shelf: Shelf) -> None:
    shelf.put("refused", recipe="gone-for-good")
    shelf.put("same")
    taken = await shelf.recover()
    assert shelf.started == [("same", 1)]
    assert [live.row.name.rpartition("/")[2] for live in taken.all()] == ["same"]


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_cancel_stands_over_an_upgrade(shelf: Shelf, cancelled: bool) -> None:
    shelf.put("other", plan=OLD_PLAN, cancelled=cancelled)
    (live,) = (await shelf.recover()).all()
    stored = shelf.tables.campaign(live.row.name)
    assert stored is not None
    assert (live.row.run, live.row.cancelled, stored.cancelled) == (2, cancelled, cancelled)
    assert live.state == campaigns_pb2.CAMPAIGN_STATE_RUNNING
