from __future__ import annotations

import sqlalchemy as sa

from firstframe.adapters.clock import SystemClock
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.live import LiveCampaign, fresh_lanes
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.tables import CampaignRow, Tables
from support.orchestrator import small_brief


def _live() -> LiveCampaign:
    brief = small_brief()
    made = plan(decode_brief(brief))
    row = CampaignRow(
        name="projects/local/campaigns/test",
        project="projects/local",
        brief=brief.SerializeToString(),
        plan_digest=made.digest,
        run=1,
        cancelled=False,
        create_time=1.0,
        update_time=1.0,
        end_time=None,
    )
    lanes = fresh_lanes(made)
    return LiveCampaign(row, made, lanes, Tables(sa.create_engine("sqlite://")), SystemClock())


async def test_a_watcher_who_reads_slowly_still_sees_the_end() -> None:
    live = _live()
    news = live.watch()
    first = await anext(news)
    for lane in live.lanes.values():
        lane.state = campaigns_pb2.LANE_STATE_SUCCEEDED
    live.touch()
    seen = [first.state, *[campaign.state async for campaign in news]]
    assert seen == [campaigns_pb2.CAMPAIGN_STATE_RUNNING, campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED]
