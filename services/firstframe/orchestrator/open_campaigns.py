"""Campaigns that are held in memory: taken up after a start, begun, run afresh, and forgotten once they have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import InvalidInput, NotFound
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.live import LiveCampaign, fresh_lanes, lane_ended
from firstframe.orchestrator.lost_lanes import LaneName
from firstframe.orchestrator.patience import insist, once
from firstframe.orchestrator.plan import Plan
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.recipe_book import RecipeUse
from firstframe.orchestrator.tables import CampaignRow, RequestRow, Tables
from firstframe.ports.clock import Clock

_LOG = structlog.get_logger(__name__)

StartLane = Callable[[str, str, int], Awaitable[None]]


class OpenCampaigns:
    """The campaigns in memory of one orchestrator; every one that has not ended is there.

    Args:
        tables: Where they are written.
        clock: Wall time.
        start_lane: Starts a lane durably: campaign, lane, run; starting it again does nothing.
    """

    def __init__(self, tables: Tables, clock: Clock, start_lane: StartLane) -> None:
        self._tables = tables
        self._clock = clock
        self._start_lane = start_lane
        self._live: dict[str, LiveCampaign] = {}
        self._opening = asyncio.Lock()

    async def recover(self) -> None:
        """Takes up every campaign that has not ended; one whose plan has changed since starts a new run.

        A brief that is refused by now, since it was accepted by another version, holds nobody else's up.
        """
        for row in await insist(self._tables.open_campaigns):
            try:
                live = await self.live(row.name)
            except InvalidInput as error:
                _LOG.error("a campaign is not taken up: its brief is refused", campaign=row.name, problem=error.message)
            else:
                await self._take_up(live)

    async def _take_up(self, live: LiveCampaign) -> None:
        if live.solved_digest == live.row.plan_digest:
            await self.start(live)
            return
        _LOG.info("the plan has changed, starting a new run", campaign=live.row.name)
        await self.new_run(live.row, live.plan, None, live, cancelled=live.row.cancelled)

    def lane_names(self) -> list[LaneName]:
        """Lanes that have not ended."""
        return [
            (live.row.name, lane.lane, live.row.run)
            for live in self._live.values()
            for lane in live.lanes.values()
            if not lane_ended(lane)
        ]

    async def live(self, name: str) -> LiveCampaign:
        """A campaign in memory.

        Raises:
            NotFound: `CAMPAIGN_NOT_FOUND`.
        """
        async with self._opening:
            if name not in self._live:
                self._live[name] = await self._load(name)
            return self._live[name]

    def known(self, name: str) -> LiveCampaign | None:
        """A campaign, if it is in memory."""
        return self._live.get(name)

    def all(self) -> list[LiveCampaign]:
        """Those in memory now."""
        return list(self._live.values())

    def forget(self, name: str) -> None:
        """Has a campaign read from the tables when somebody asks."""
        del self._live[name]

    async def new_run(
        self,
        row: CampaignRow,
        solved: Plan,
        request: RequestRow | None,
        old: LiveCampaign | None = None,
        *,
        use: RecipeUse | None = None,
        cancelled: bool = False,
    ) -> LiveCampaign:
        """Starts all lanes afresh, at the takes that they were at.

        A campaign that was accepted before goes on, whatever its recipe has become: then `use` is None.
        Work that was finished comes back from the stages by its key, decisions from the trail by bytes, plan and take.

        Args:
            row: As it was written last.
            solved: What is to be done now.
            request: Written down with it, so that it is not taken twice.
            old: The run before, if there was one.
            use: Of its recipe, written down with it.
            cancelled: Whether its lanes are only to end.

        Raises:
            PreconditionFailed: `RECIPE_CHANGED`: the recipe was used for another motion meanwhile.
        """
        takes = {lane.lane: lane.take for lane in old.lanes.values()} if old else {}
        lanes = fresh_lanes(solved)
        now = self._clock.now().timestamp()
        row = replace(
            row, end_time=None, plan_digest=solved.digest, run=row.run + 1, cancelled=cancelled, update_time=now
        )
        live = LiveCampaign(row, solved, lanes, self._tables, self._clock)
        for lane in lanes:
            live.take_up(lane.lane, takes.get(lane.lane, 0))
        messages = [(lane.lane, lane.SerializeToString()) for lane in lanes]
        await once(self._tables.put_campaign, row, messages, request, use)
        self._live[row.name] = live
        self._forget_ended(keep=row.name)
        await self.start(live)
        return live

    async def start(self, live: LiveCampaign) -> None:
        """Makes sure that every open lane has its workflow; one that has is left alone."""
        for lane in live.lanes.values():
            if not lane_ended(lane):
                await self._start_lane(live.row.name, lane.lane, live.row.run)

    async def lanes(self, name: str) -> list[campaigns_pb2.Lane]:
        """Lanes of a campaign, as they are written."""
        return [campaigns_pb2.Lane.FromString(item) for item in await once(self._tables.lanes, name)]

    def _forget_ended(self, keep: str) -> None:
        """Ended campaigns are read from the tables when somebody asks."""
        for name in [name for name, live in self._live.items() if live.row.end_time and name != keep]:
            del self._live[name]

    async def _load(self, name: str) -> LiveCampaign:
        row = await once(self._tables.campaign, name)
        if row is None:
            raise NotFound(
                f"there is no campaign {name!r}; ListCampaigns has those that there are", reason="CAMPAIGN_NOT_FOUND"
            )
        solved = plan(decode_brief(campaigns_pb2.Brief.FromString(row.brief)))
        return LiveCampaign(row, solved, await self.lanes(name), self._tables, self._clock)
