"""Campaigns as a caller sees them: create, read, list, watch, cancel, decide."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

import structlog

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import AlreadyExists, NotFound, Unavailable
from firstframe.core.recipes import Recipe
from firstframe.orchestrator.admission import admitted
from firstframe.orchestrator.approvals import Approvals, Decision
from firstframe.orchestrator.brief import Brief, inputs_of
from firstframe.orchestrator.campaign_metrics import plan_found
from firstframe.orchestrator.consents import Consents
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.decode.motion import with_gate
from firstframe.orchestrator.encode import content_digest
from firstframe.orchestrator.fleet import Fleet
from firstframe.orchestrator.given_out import given_out, require_all
from firstframe.orchestrator.live import (
    LiveCampaign,
    brief_digest,
    campaign_name,
    campaign_state,
)
from firstframe.orchestrator.open_campaigns import OpenCampaigns, StartLane
from firstframe.orchestrator.patience import once
from firstframe.orchestrator.plan import ClipSpec, Gate, Plan
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.prompted import with_compiled_prompt
from firstframe.orchestrator.recipe_book import RecipeUse
from firstframe.orchestrator.tables import CampaignRow, RequestRow, Tables
from firstframe.orchestrator.trail import Recorded
from firstframe.ports.blobstore import BlobStore
from firstframe.ports.clock import Clock
from firstframe.runtime.messages import artifact_digests

_LOG = structlog.get_logger(__name__)

_STOP_SECONDS = 30


class Campaigns:
    """All campaigns of one orchestrator.

    Args:
        tables: Where they are written.
        store: Where their artifacts are.
        approvals: Decides about heroes.
        clock: Wall time.
        consents: Of the people who are shown.
        fleet: Knows which engines there are.
        start_lane: Starts a lane durably: campaign, lane, run; starting it again does nothing.
        cancel_calls: Cancels the stage calls of a campaign.
        stop_lanes: Cancels the stage calls of some lanes of a campaign.
        gate: What becomes of clips that drift, in briefs that do not say it.
    """

    def __init__(
        self,
        tables: Tables,
        store: BlobStore,
        approvals: Approvals,
        clock: Clock,
        *,
        consents: Consents,
        fleet: Fleet,
        start_lane: StartLane,
        cancel_calls: Callable[[str], None],
        stop_lanes: Callable[[str, Sequence[str]], None],
        gate: Gate = Gate.RETRY,
    ) -> None:
        self._tables = tables
        self._store = store
        self._approvals = approvals
        self._clock = clock
        self._cancel_calls = cancel_calls
        self._consents = consents
        self._fleet = fleet
        self._stop_lanes = stop_lanes
        self._gate = gate
        self.open = OpenCampaigns(tables, clock, start_lane)
        """Those in memory."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._mutations: set[asyncio.Task[LiveCampaign]] = set()

    async def live(self, name: str) -> LiveCampaign:
        """A campaign in memory.

        Raises:
            NotFound: `CAMPAIGN_NOT_FOUND`.
        """
        return await self.open.live(name)

    async def create(self, project: str, message: campaigns_pb2.Brief, request_id: str) -> LiveCampaign:
        """Creates the campaign of a brief, or returns the one that exists and resumes it where it did not succeed.

        Raises:
            InvalidInput: The brief is wrong.
            PreconditionFailed: `RECIPE_CHANGED`: the project used the recipe's name and version for another motion;
                `ENGINE_MISSING`: the servers of the animation stage have not what is to move the heroes.
            NotFound: `ARTIFACT_NOT_FOUND`: an input is not in the store.
            AlreadyExists: `REQUEST_ID_REUSED`: the request id was used for something else.
        """
        message = with_gate(with_compiled_prompt(message), self._gate)
        brief = admitted(decode_brief(message))
        solved = await asyncio.to_thread(plan, brief)
        self._require_engines(solved)
        await asyncio.to_thread(self._check_inputs, brief)
        await require_all(self._consents, project, brief)
        name = campaign_name(project, message)
        request = _request(project, request_id, "create", brief_digest(message), name)
        use = self._use(project, brief.motion.recipe, name)
        return await self._alone(name, self._create(message, solved, request, use))

    async def plan(self, project: str, message: campaigns_pb2.Brief) -> Plan:
        """What a campaign of a brief would do.

        Raises:
            InvalidInput: The brief is wrong.
            PreconditionFailed: `RECIPE_CHANGED` or `ENGINE_MISSING`.
        """
        message = with_gate(with_compiled_prompt(message), self._gate)
        brief = admitted(decode_brief(message))
        await once(self._tables.check_recipe, self._use(project, brief.motion.recipe, campaign_name(project, message)))
        solved = await asyncio.to_thread(plan, brief)
        self._require_engines(solved)
        return solved

    def _require_engines(self, solved: Plan) -> None:
        for step in solved.steps:
            if isinstance(step.spec, ClipSpec):
                self._fleet.require(step.spec)

    async def shown(self, live: LiveCampaign) -> campaigns_pb2.Campaign:
        """A snapshot for callers."""
        return await given_out(self._consents, live, live.message())

    async def consent_ended(self, project: str, consent: str) -> None:
        """Stops the work of every campaign that needs a consent which was taken back."""
        for live in self.open.all():
            lanes = [name for name in live.lanes if (need := live.need(name)) and consent in need.people]
            if live.row.project == project and lanes:
                self._stop_lanes(live.row.name, lanes)
                live.touch()

    async def cancel(self, name: str, request_id: str) -> LiveCampaign:
        """Stops a campaign; finished work is kept.

        Raises:
            NotFound: `CAMPAIGN_NOT_FOUND`.
        """
        return await self._alone(name, self._cancel(_request(_project(name), request_id, "cancel", name, name)))

    async def decide(self, name: str, decisions: Sequence[Decision], *, by: str, request_id: str) -> LiveCampaign:
        """Takes decisions about heroes: all, or none. Raises as `Approvals.decide`."""
        request = _request(_project(name), request_id, "decide", _decisions_digest(decisions, by), name)
        return await self._alone(name, self._decide(decisions, by, request))

    async def _alone(self, name: str, mutation: Coroutine[None, None, LiveCampaign]) -> LiveCampaign:
        """Runs a mutation of a campaign to its end, one at a time, also when the caller goes away half-way."""
        lock = self._locks.setdefault(name, asyncio.Lock())

        async def locked() -> LiveCampaign:
            async with lock:
                return await mutation

        task = asyncio.create_task(locked())
        self._mutations.add(task)
        task.add_done_callback(self._mutation_ended)
        return await asyncio.shield(task)

    def _mutation_ended(self, task: asyncio.Task[LiveCampaign]) -> None:
        self._mutations.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOG.debug("a mutation was refused", error=str(error))

    async def _create(
        self, message: campaigns_pb2.Brief, solved: Plan, request: RequestRow, use: RecipeUse
    ) -> LiveCampaign:
        repeated = await self._is_repeated(request)
        if await once(self._tables.campaign, request.campaign) is None:
            plan_found(solved.findings)
            row = self._new_row(use.project, request.campaign, message)
            return await self.open.new_run(row, solved, request, use=use)
        live = await self._as_written(request.campaign)
        return await (self._started(live) if repeated else self._resume(live, solved, request, use))

    def _use(self, project: str, recipe: Recipe, campaign: str) -> RecipeUse:
        now = self._clock.now().timestamp()
        return RecipeUse(project, recipe.name, recipe.version, content_digest(recipe), campaign, now)

    async def _cancel(self, request: RequestRow) -> LiveCampaign:
        live = await self._as_written(request.campaign)
        if await self._is_repeated(request):
            return live
        if live.ended or live.row.cancelled:
            await once(self._tables.put_request, request)
            return live
        await once(self._tables.cancel, request.campaign, request)
        self._show_cancelled(live)
        return live

    def _show_cancelled(self, live: LiveCampaign) -> None:
        live.row = replace(live.row, cancelled=True)
        live.touch()
        self._cancel_calls(live.row.name)

    async def _decide(self, decisions: Sequence[Decision], by: str, request: RequestRow) -> LiveCampaign:
        live = await self._as_written(request.campaign)
        if await self._is_repeated(request):
            await self._approvals.recall(live)
        else:
            await self._approvals.decide(live, decisions, by=by, request=request)
        return live

    async def _as_written(self, name: str) -> LiveCampaign:
        """The campaign that a mutation is about; first it takes over what was written although the answer was lost.

        Raises:
            NotFound: `CAMPAIGN_NOT_FOUND`.
        """
        row = await once(self._tables.campaign, name)
        known = self.open.known(name)
        if row and known and row.run != known.row.run:
            self.open.forget(name)
        live = await self.live(name)
        if row and row.cancelled and not live.row.cancelled:
            self._show_cancelled(live)
        return live

    async def _is_repeated(self, request: RequestRow) -> bool:
        """Whether the request was taken before.

        Raises:
            AlreadyExists: Its id was used for something else.
        """
        if not request.request_id:
            return False
        before = await once(self._tables.request, request.request_id, request.method)
        if before is not None and before != request:
            raise AlreadyExists("the request id was used for something else; use a new one", reason="REQUEST_ID_REUSED")
        return before is not None

    async def watch(self, name: str) -> AsyncIterator[campaigns_pb2.Campaign]:
        """Snapshots of a campaign until it has ended."""
        live = await self.live(name)
        async for snapshot in live.watch():
            yield await given_out(self._consents, live, snapshot)

    async def decisions(self, name: str, *, before_id: int | None, size: int) -> list[Recorded]:
        """The audit trail of a campaign, the newest first.

        Raises:
            NotFound: `CAMPAIGN_NOT_FOUND`.
        """
        await self.live(name)
        return await self._approvals.history(name, before_id=before_id, size=size)

    async def recipe_uses(self, project: str, recipe: str, *, before_id: int | None, size: int) -> list[RecipeUse]:
        """Which campaigns use which recipes, the newest first."""
        return await once(self._tables.recipe_uses, project, recipe, before_id=before_id, size=size)

    async def page(self, project: str, *, before_id: int | None, size: int) -> list[CampaignRow]:
        """Campaigns of a project, the newest first."""
        return await once(self._tables.page, project, before_id=before_id, size=size)

    async def summary(self, row: CampaignRow) -> campaigns_pb2.Campaign:
        """A campaign with its lanes but without their steps and heroes."""
        live = self.open.known(row.name)
        lanes = list(live.lanes.values()) if live else await self.open.lanes(row.name)
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
            for part, digest in inputs_of(hero.source):
                if self._store.exists(digest):
                    continue
                field = f"heroes[{index}].{part}"
                text = f"{field}: {digest} is not in the store; upload it, then retry"
                raise NotFound(text, reason="ARTIFACT_NOT_FOUND", metadata={"field": field})

    def _new_row(self, project: str, name: str, message: campaigns_pb2.Brief) -> CampaignRow:
        now = self._clock.now().timestamp()
        brief = message.SerializeToString(deterministic=True)
        return CampaignRow(
            name, project, brief, "", 0, cancelled=False, create_time=now, update_time=now, end_time=None
        )

    async def _resume(self, live: LiveCampaign, solved: Plan, request: RequestRow, use: RecipeUse) -> LiveCampaign:
        if live.row.cancelled and not live.ended:
            await self._until_stopped(live)
        current = solved.digest == live.row.plan_digest
        if current and (not live.ended or await asyncio.to_thread(self._whole, live)):
            await once(self._tables.put_request, request)
            return await self._started(live)
        return await self.open.new_run(live.row, solved, request, live, use=use)

    async def _until_stopped(self, live: LiveCampaign) -> None:
        """Waits for the lanes of a cancelled campaign to end."""
        await self.open.start(live)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await live.until(lambda: live.ended)
        except TimeoutError:
            raise Unavailable(f"{live.row.name} is still being cancelled; retry", retry_after_s=1) from None

    async def _started(self, live: LiveCampaign) -> LiveCampaign:
        await self.open.start(live)
        return live

    def _whole(self, live: LiveCampaign) -> bool:
        """Whether a campaign succeeded and all its files are still in the store."""
        if live.state != campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED:
            return False
        return all(
            self._store.exists(digest)
            for lane in live.lanes.values()
            for item in (*lane.deliverables, lane.hero, lane.preflight)
            for digest in artifact_digests(item)
        )


def _request(project: str, request_id: str, method: str, body: str, campaign: str) -> RequestRow:
    """What is kept of a mutation; ids of different projects do not meet."""
    return RequestRow(f"{project}/{request_id}" if request_id else "", method, body, campaign)


def _decisions_digest(decisions: Sequence[Decision], by: str) -> str:
    """Digest of all that a call decides, and of who decides: the same words of somebody else are another call."""
    body = repr((by, [(item.lane, item.hero_digest, item.kind, item.note) for item in decisions]))
    return hashlib.sha256(body.encode()).hexdigest()


def _project(campaign: str) -> str:
    """Resource name of a campaign's project."""
    return campaign.split("/campaigns/", 1)[0]
