from __future__ import annotations

from firstframe.api.campaigns.v1 import campaigns_pb2
from support.campaigns import live_campaign


async def test_a_watcher_who_reads_slowly_still_sees_the_end() -> None:
    live = live_campaign()
    news = live.watch()
    first = await anext(news)
    for lane in live.lanes.values():
        lane.state = campaigns_pb2.LANE_STATE_SUCCEEDED
    live.touch()
    seen = [first.state, *[campaign.state async for campaign in news]]
    assert seen == [campaigns_pb2.CAMPAIGN_STATE_RUNNING, campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED]
