"""Campaigns as they are now: what watchers see and what is written to the tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.consents import Need, need_of
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.encode import STAGES
from firstframe.orchestrator.patience import insist
from firstframe.orchestrator.plan import LanePlan, Plan, PlanStep
from firstframe.orchestrator.planner import retake
from firstframe.orchestrator.tables import CampaignRow, Tables
from firstframe.ports.clock import Clock
from firstframe.runtime.finding_messages import finding_message
from firstframe.runtime.messages import message_digest, stamp

_ENDED = frozenset(
    {
        campaigns_pb2.LANE_STATE_SUCCEEDED,
        campaigns_pb2.LANE_STATE_FAILED,
        campaigns_pb2.LANE_STATE_REJECTED,
        campaigns_pb2.LANE_STATE_CANCELLED,
    }
)


def lane_ended(lane: campaigns_pb2.Lane) -> bool:
    """Whether nothing more will happen to it in this run."""
    return lane.state in _ENDED


def fresh_lanes(plan: Plan) -> list[campaigns_pb2.Lane]:
    """The lanes of a plan at the start of a run."""
    stages = {step.id: STAGES[step.stage] for step in plan.steps}
    return [_fresh_lane(lane, stages) for lane in plan.lanes]


def retaken(brief: campaigns_pb2.Brief, lane: LanePlan, take: int) -> tuple[LanePlan, dict[str, PlanStep]]:
    """The plan of a lane for a take, and its steps by name."""
    planned, steps = retake(decode_brief(brief), lane, take)
    return planned, {step.id: step for step in steps}


def _fresh_lane(lane: LanePlan, stages: Mapping[str, campaigns_pb2.Stage.ValueType]) -> campaigns_pb2.Lane:
    message = campaigns_pb2.Lane(
        lane=lane.id,
        hero_name=lane.hero,
        variation=lane.variation,
        format=lane.format,
        state=campaigns_pb2.LANE_STATE_PENDING,
    )
    for step_id in lane.steps:
        message.steps.add(step=step_id, stage=stages[step_id], state=campaigns_pb2.LANE_STATE_PENDING)
    return message


def campaign_state(lanes: Iterable[campaigns_pb2.Lane], *, cancelled: bool) -> campaigns_pb2.CampaignState.ValueType:
    """What the states of the lanes come to."""
    states = {lane.state for lane in lanes}
    if not states <= _ENDED:
        waiting = states - _ENDED == {campaigns_pb2.LANE_STATE_AWAITING_APPROVAL}
        return campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL if waiting else campaigns_pb2.CAMPAIGN_STATE_RUNNING
    if campaigns_pb2.LANE_STATE_FAILED in states:
        return campaigns_pb2.CAMPAIGN_STATE_FAILED
    if cancelled and campaigns_pb2.LANE_STATE_CANCELLED in states:
        return campaigns_pb2.CAMPAIGN_STATE_CANCELLED
    return campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED


class LiveCampaign:
    """One campaign in memory. Used from the event loop alone; writes happen in worker threads, one at a time."""

    def __init__(
        self, row: CampaignRow, plan: Plan, lanes: Iterable[campaigns_pb2.Lane], tables: Tables, clock: Clock
    ) -> None:
        self.row = row
        self.plan = plan
        self.lanes = {lane.lane: lane for lane in lanes}
        self.steps = {step.id: step for step in plan.steps}
        self.lane_plans = {lane.id: lane for lane in plan.lanes}
        """Each for the take that the lane is at."""
        self.brief = campaigns_pb2.Brief.FromString(row.brief)
        self.brief_digest = brief_digest(self.brief)
        self._people = {hero.name: tuple(hero.people) for hero in self.brief.heroes}
        self._tables = tables
        self._clock = clock
        self.deciding = asyncio.Lock()
        """Held from the check of a decision to its end, so that of two opposite ones the second is refused."""
        self.unsure = False
        """Whether a decision may have been written although nobody could say so."""
        self._writing = asyncio.Lock()
        self._changed = asyncio.Event()
        for lane in self.lanes.values():
            if lane.take and lane.lane in self.lane_plans:
                self._plan_take(lane.lane, lane.take)

    @cached_property
    def solved_digest(self) -> str:
        """SHA-256 of the plan that follows from the brief now; `row.plan_digest` is what was written down of it."""
        return self.plan.digest

    def take_up(self, lane_id: str, take: int) -> None:
        """Has a lane at a take: its steps are those of it, and what belongs to another take is cleared."""
        lane = self.lanes[lane_id]
        if lane.take == take:
            return
        self._plan_take(lane_id, take)
        fresh = _fresh_lane(
            self.lane_plans[lane_id], {name: STAGES[self.steps[name].stage] for name in self.lane_plans[lane_id].steps}
        )
        fresh.take = take
        lane.CopyFrom(fresh)
        self.touch()

    def _plan_take(self, lane_id: str, take: int) -> None:
        plan = next(item for item in self.plan.lanes if item.id == lane_id)
        self.lane_plans[lane_id], steps = retaken(self.brief, plan, take)
        self.steps.update(steps)

    def need(self, lane_id: str) -> Need | None:
        """What a lane needs consent for, if it does."""
        return need_of(self.lane_plans[lane_id], self.steps, self._people.get(self.lane_plans[lane_id].hero, ()))

    @property
    def state(self) -> campaigns_pb2.CampaignState.ValueType:
        """Where the campaign stands."""
        return campaign_state(self.lanes.values(), cancelled=self.row.cancelled)

    @property
    def ended(self) -> bool:
        """Whether every lane has ended."""
        return all(lane_ended(lane) for lane in self.lanes.values())

    def message(self) -> campaigns_pb2.Campaign:
        """A snapshot for callers."""
        return campaigns_pb2.Campaign(
            name=self.row.name,
            brief_digest=self.brief_digest,
            plan_digest=self.row.plan_digest,
            brief=self.brief,
            state=self.state,
            lanes=self.lanes.values(),
            create_time=stamp(self.row.create_time),
            update_time=stamp(self.row.update_time),
            end_time=stamp(self.row.end_time) if self.row.end_time else None,
            findings=[finding_message(item) for item in self.plan.findings],
        )

    def touch(self) -> None:
        """Tells watchers that something changed."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def save(self, *lane_ids: str) -> None:
        """Writes lanes durably, then tells watchers."""
        async with self._writing:
            now = self._clock.now().timestamp()
            row = replace(self.row, update_time=now, end_time=now if self.ended else None)
            lanes = [(lane_id, self.lanes[lane_id].SerializeToString()) for lane_id in lane_ids]
            await insist(self._tables.put_lanes, row.name, row.run, lanes, update_time=now, end_time=row.end_time)
            # A cancel may have come meanwhile: only the times are taken over.
            self.row = replace(self.row, update_time=now, end_time=row.end_time)
        self.touch()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns as soon as `condition` holds; looks at each change."""
        while not condition():
            await self._changed.wait()

    async def watch(self) -> AsyncIterator[campaigns_pb2.Campaign]:
        """Snapshots: now, then at each change, until the campaign has ended. A slow reader skips, never misses the last."""
        while True:
            changed, ended = self._changed, self.ended
            yield self.message()
            if ended:
                return
            await changed.wait()


def brief_digest(brief: campaigns_pb2.Brief) -> str:
    """SHA-256 of the canonical brief."""
    return message_digest(brief)


def campaign_name(project: str, brief: campaigns_pb2.Brief) -> str:
    """Resource name of the campaign of a brief."""
    return f"{project}/campaigns/{brief.campaign}-{brief_digest(brief)[:12]}"
