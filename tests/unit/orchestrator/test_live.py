from __future__ import annotations

from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.tables import Tables, open_engine
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


async def test_a_campaign_has_an_end_once_every_lane_has(tmp_path: Path) -> None:
    live = live_campaign(heroes=2)
    tables = Tables(open_engine(f"sqlite:///{tmp_path}/campaigns.sqlite"))
    tables.make()
    tables.put_campaign(live.row, [(name, lane.SerializeToString()) for name, lane in live.lanes.items()])
    live._tables = tables
    first, second = live.lanes.values()
    for lane, ended in ((first, False), (second, True)):
        lane.state = campaigns_pb2.LANE_STATE_FAILED
        await live.save(lane.lane)
        written = tables.campaign(live.row.name)
        assert written is not None
        assert (written.end_time is not None) == (live.row.end_time is not None) == ended
        assert written.end_time == live.row.end_time
        assert live.row.update_time > 1
    assert live.message().end_time.seconds > 1
