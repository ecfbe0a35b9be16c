"""Campaigns as a caller sees them: create, read, list, watch, cancel, decide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import AlreadyExists, NotFound
from firstframe.orchestrator.approvals import Approvals, Decision
from firstframe.orchestrator.brief import Brief
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.live import LiveCampaign, brief_digest, campaign_state, fresh_lanes, lane_ended
from firstframe.orchestrator.manifest import artifacts
from firstframe.orchestrator.patience import insist, once
from firstframe.orchestrator.plan import PhotoSource, Plan
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.tables import CampaignRow, RequestRow, Tables
from firstframe.ports.blobstore import BlobStore
from firstframe.ports.clock import Clock

_LOG = structlog.get_logger(__name__)

StartLane = Callable[[str, str, int], Awaitable[None]]


class Campaigns:
    """All campaigns of one orchestrator.

    Args:
        tables: Where they are written.
        store: Where their artifacts are.
        approvals: Decides about heroes.
        clock: Wall time.
        start_lane: Starts a lane durably: campaign, lane, run; starting it again does nothing.
        cancel_calls: Cancels the stage calls of a campaign.
    """

    def __init__(
        self,
        tables: Tables,
        store: BlobStore,
        approvals: Approvals,
        clock: Clock,
        *,
        start_lane: StartLane,
        cancel_calls: Callable[[str], None],
    ) -> None:
        self._tables = tables
        self._store = store
        self._approvals = approvals
        self._clock = clock
        self._start_lane = start_lane
        self._cancel_calls = cancel_calls
        self._live: dict[str, LiveCampaign] = {}
        self._opening = asyncio.Lock()

    async def recover(self) -> None:
        """Takes up every campaign that has not ended; one whose plan has changed since starts a new run."""
        for row in await insist(self._tables.open_campaigns):
            live = await self.live(row.name)
            if live.plan.digest != row.plan_digest:
                _LOG.info("the plan has changed, starting a new run", campaign=row.name)
                await self._new_run(live.row, live.plan, None)
            else:
                await self._start(live)

    async def live(self, name: str) -> LiveCampaign:
        """A campaign in memory.

        Raises:
            NotFound: `CAMPAIGN_NOT_FOUND`.
        """
        async with self._opening:
            if name not in self._live:
                self._live[name] = await self._load(name)
            return self._live[name]

    async def create(self, project: str, message: campaigns_pb2.Brief, request_id: str) -> LiveCampaign:
        """Creates the campaign of a brief, or returns the one that exists and resumes it where it did not succeed.

        Raises:
            InvalidInput: The brief is wrong.
            NotFound: `ARTIFACT_NOT_FOUND`: an input is not in the store.
            AlreadyExists: `REQUEST_ID_REUSED`: the request id was used for something else.
        """
        brief = decode_brief(message)
        solved = plan(brief)
        await asyncio.to_thread(self._check_inputs, brief)
        name = campaign_name(project, message)
        request = await self._request(request_id, "create", brief_digest(message), name)
        if request is None:
            return await self.live(name)
        row = await once(self._tables.campaign, name)
        if row is None:
            return await self._new_run(self._new_row(project, name, message), solved, request)
        return await self._resume(await self.live(name), solved, request)

    async def cancel(self, name: str, request_id: str) -> LiveCampaign:
        """Stops a campaign; finished work is kept.

        Raises:
            NotFound: `CAMPAIGN_NOT_FOUND`.
        """
        live = await self.live(name)
        request = await self._request(request_id, "cancel", name, name)
        if live.ended or live.row.cancelled or request is None:
            return live
        await once(self._tables.cancel, name, request if request_id else None)
        live.row = replace(live.row, cancelled=True)
        live.touch()
        self._cancel_calls(name)
        return live

    async def decide(self, name: str, decisions: Sequence[Decision], *, by: str, request_id: str) -> LiveCampaign:
        """Takes decisions about heroes: all, or none. Raises as `Approvals.decide`."""
        live = await self.live(name)
        body = repr([(item.lane, item.hero_digest, item.approved) for item in decisions])
        request = await self._request(request_id, "decide", body, name)
        if request is not None:
            await self._approvals.decide(live, decisions, by=by, request=request if request_id else None)
        return live

    async def watch(self, name: str) -> AsyncIterator[campaigns_pb2.Campaign]:
        """Snapshots of a campaign until it has ended."""
        live = await self.live(name)
        async for snapshot in live.watch():
            yield snapshot

    async def page(self, project: str, *, before_id: int | None, size: int) -> list[CampaignRow]:
        """Campaigns of a project, the newest first."""
        return await once(self._tables.page, project, before_id=before_id, size=size)

    async def summary(self, row: CampaignRow) -> campaigns_pb2.Campaign:
        """A campaign with its lanes but without their steps and heroes."""
        live = self._live.get(row.name)
        lanes = list(live.lanes.values()) if live else await self._lanes(row.name)
        brief = campaigns_pb2.Brief.FromString(row.brief)
        message = campaigns_pb2.Campaign(name=row.name, brief_digest=brief_digest(brief), plan_digest=row.plan_digest)
        message.state = campaign_state(lanes, cancelled=row.cancelled)
        message.create_time.FromMicroseconds(round(row.create_time * 1e6))
        message.update_time.FromMicroseconds(round(row.update_time * 1e6))
        for lane in lanes:
            message.lanes.add(lane=lane.lane, hero_name=lane.hero_name, format=lane.format, state=lane.state)
        return message

    def _check_inputs(self, brief: Brief) -> None:
        for index, hero in enumerate(brief.heroes):
            if isinstance(hero.source, PhotoSource) and not self._store.exists(hero.source.digest):
                field = f"heroes[{index}].photograph.image"
                text = f"{field}: {hero.source.digest} is not in the store; upload it, then retry"
                raise NotFound(text, reason="ARTIFACT_NOT_FOUND", metadata={"field": field})

    async def _request(self, request_id: str, method: str, body: str, campaign: str) -> RequestRow | None:
        """A record for a new request; None for one that was taken before."""
        row = RequestRow(request_id, method, body, campaign)
        before = await once(self._tables.request, request_id, method) if request_id else None
        if before is None:
            return row
        if before.body_digest != body or before.campaign != campaign:
            text = f"request id {request_id!r} was used for something else; use a new one"
            raise AlreadyExists(text, reason="REQUEST_ID_REUSED")
        return None

    def _new_row(self, project: str, name: str, message: campaigns_pb2.Brief) -> CampaignRow:
        now = self._clock.now().timestamp()
        brief = message.SerializeToString(deterministic=True)
        return CampaignRow(
            name, project, brief, "", 0, cancelled=False, create_time=now, update_time=now, end_time=None
        )

    async def _resume(self, live: LiveCampaign, solved: Plan, request: RequestRow) -> LiveCampaign:
        current = solved.digest == live.row.plan_digest
        if current and (not live.ended or await asyncio.to_thread(self._whole, live)):
            return live
        return await self._new_run(live.row, solved, request)

    def _whole(self, live: LiveCampaign) -> bool:
        """Whether a campaign succeeded and all its files are still in the store."""
        if live.state != campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED:
            return False
        return all(
            self._store.exists(digest)
            for lane in live.lanes.values()
            for item in lane.deliverables
            for digest in artifacts(item)
        )

    async def _new_run(self, row: CampaignRow, solved: Plan, request: RequestRow | None) -> LiveCampaign:
        """Starts all lanes afresh; work that was finished comes back from the stages by its key, approvals by its bytes."""
        old = self._live.get(row.name)
        kept = {lane.lane: lane.approval for lane in old.lanes.values() if lane.HasField("approval")} if old else {}
        lanes = fresh_lanes(solved)
        for lane in lanes:
            if lane.lane in kept:
                lane.approval.CopyFrom(kept[lane.lane])
        now = self._clock.now().timestamp()
        row = replace(row, plan_digest=solved.digest, run=row.run + 1, cancelled=False, update_time=now, end_time=None)
        messages = [(lane.lane, lane.SerializeToString()) for lane in lanes]
        taken = request if request and request.request_id else None
        await once(self._tables.put_campaign, row, messages, taken)
        live = self._live[row.name] = LiveCampaign(row, solved, lanes, self._tables, self._clock)
        self._forget_ended(keep=row.name)
        await self._start(live)
        return live

    def _forget_ended(self, keep: str) -> None:
        """Ended campaigns are read from the tables when somebody asks."""
        for name in [name for name, live in self._live.items() if live.ended and name != keep]:
            del self._live[name]

    async def _start(self, live: LiveCampaign) -> None:
        for lane in live.lanes.values():
            if not lane_ended(lane):
                await self._start_lane(live.row.name, lane.lane, live.row.run)

    async def _load(self, name: str) -> LiveCampaign:
        row = await once(self._tables.campaign, name)
        if row is None:
            raise NotFound(f"there is no campaign {name!r}", reason="CAMPAIGN_NOT_FOUND")
        solved = plan(decode_brief(campaigns_pb2.Brief.FromString(row.brief)))
        return LiveCampaign(row, solved, await self._lanes(name), self._tables, self._clock)

    async def _lanes(self, name: str) -> list[campaigns_pb2.Lane]:
        return [campaigns_pb2.Lane.FromString(item) for item in await once(self._tables.lanes, name)]


def campaign_name(project: str, brief: campaigns_pb2.Brief) -> str:
    """Resource name of the campaign of a brief."""
    return f"{project}/campaigns/{brief.campaign}-{brief_digest(brief)[:12]}"
