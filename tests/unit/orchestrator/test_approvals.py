from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from firstframe.adapters.clock import SystemClock
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import Conflict, FirstframeError, InvalidInput, NotFound, PreconditionFailed
from firstframe.orchestrator.approvals import POLICY, Approvals, Decision
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.live import LiveCampaign, fresh_lanes
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.tables import CampaignRow, Tables, open_engine
from support.orchestrator import small_brief

LANE = "hero-0.1.16x9"
HERO = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
APPROVED, REJECTED = campaigns_pb2.DECISION_APPROVED, campaigns_pb2.DECISION_REJECTED


class Gate:
    def __init__(self, tmp_path: Path, *, approval: str = "required") -> None:
        brief = small_brief(approval=approval)
        made = plan(decode_brief(brief))
        self.tables = Tables(open_engine(f"sqlite:///{tmp_path}/campaigns.sqlite"))
        self.tables.make()
        row = CampaignRow(
            "projects/local/campaigns/test",
            "projects/local",
            brief.SerializeToString(),
            made.digest,
            1,
            False,
            1,
            1,
            None,
        )
        lanes = fresh_lanes(made)
        self.tables.put_campaign(row, [(lane.lane, lane.SerializeToString()) for lane in lanes])
        self.live = LiveCampaign(row, made, lanes, self.tables, SystemClock())
        self.lane = self.live.lanes[LANE]
        self.lane.hero.image.digest = HERO
        self.approvals = Approvals(self.tables, SystemClock())

    async def waiting(self) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self.approvals.wait(self.live, LANE))
        async with asyncio.timeout(10):
            await self.live.until(lambda: self.lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL)
        await asyncio.sleep(0.05)
        return task

    async def decide(self, *, approved: bool = True, hero: str = HERO, lane: str = LANE, by: str = "ada") -> None:
        await self.approvals.decide(self.live, [Decision(lane, hero, approved, "")], by=by, request=None)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


async def test_a_yes_wakes_the_lane_and_is_written(gate: Gate) -> None:
    waiting = await gate.waiting()
    await gate.decide()
    await asyncio.wait_for(waiting, 10)
    (stored,) = gate.tables.lanes(gate.live.row.name)
    approval = campaigns_pb2.Lane.FromString(stored).approval
    assert (approval.decision, approval.decided_by, approval.hero_digest) == (APPROVED, "ada", HERO)
    assert approval.plan_digest == gate.live.row.plan_digest


@pytest.mark.parametrize("changed", ["hero", "plan"])
async def test_an_approval_of_another_hero_or_plan_is_void(gate: Gate, changed: str) -> None:
    gate.lane.approval.decision = APPROVED
    gate.lane.approval.hero_digest = OTHER if changed == "hero" else HERO
    gate.lane.approval.plan_digest = "0" * 64 if changed == "plan" else gate.live.row.plan_digest
    waiting = await gate.waiting()
    assert not waiting.done()
    assert not gate.lane.HasField("approval")
    waiting.cancel()


async def test_an_approval_of_these_bytes_and_this_plan_holds(gate: Gate) -> None:
    gate.lane.approval.decision = APPROVED
    gate.lane.approval.hero_digest = HERO
    gate.lane.approval.plan_digest = gate.live.row.plan_digest
    await asyncio.wait_for(gate.approvals.wait(gate.live, LANE), 10)


async def test_of_two_opposite_decisions_the_second_is_refused(gate: Gate) -> None:
    waiting = await gate.waiting()
    outcomes = await asyncio.gather(
        gate.decide(approved=True, by="ada"), gate.decide(approved=False, by="bob"), return_exceptions=True
    )
    (refused,) = [item for item in outcomes if isinstance(item, FirstframeError)]
    assert refused.reason == "NOT_AWAITING_APPROVAL"
    assert (gate.lane.approval.decision, gate.lane.approval.decided_by) == (APPROVED, "ada")
    await waiting


async def test_the_policy_decides_alone_when_the_brief_says_so(tmp_path: Path) -> None:
    gate = Gate(tmp_path, approval="auto")
    await asyncio.wait_for(gate.approvals.wait(gate.live, LANE), 10)
    assert (gate.lane.approval.decision, gate.lane.approval.decided_by) == (APPROVED, POLICY)


@pytest.mark.parametrize(
    ("hero", "lane", "kind", "reason"),
    [
        (OTHER, LANE, PreconditionFailed, "HERO_CHANGED"),
        ("", LANE, InvalidInput, "INVALID_FIELD"),
        (HERO, "nobody", NotFound, "LANE_NOT_FOUND"),
    ],
)
async def test_wrong_decisions_are_refused(
    gate: Gate, hero: str, lane: str, kind: type[FirstframeError], reason: str
) -> None:
    waiting = await gate.waiting()
    with pytest.raises(kind) as caught:
        await gate.decide(hero=hero, lane=lane)
    assert caught.value.reason == reason
    assert not waiting.done()
    waiting.cancel()


async def test_a_hero_that_is_not_made_yet_cannot_be_decided(gate: Gate) -> None:
    gate.lane.hero.Clear()
    with pytest.raises(InvalidInput):
        await gate.decide(hero="")
    with pytest.raises(PreconditionFailed, match="not made yet"):
        await gate.decide()


async def test_a_decision_for_a_run_that_was_replaced_is_a_conflict(gate: Gate) -> None:
    waiting = await gate.waiting()
    gate.tables.put_campaign(replace(gate.live.row, run=2), [(LANE, gate.lane.SerializeToString())])
    with pytest.raises(Conflict):
        await gate.decide()
    assert not waiting.done()
    waiting.cancel()


async def test_an_old_run_writes_nothing_over_the_new_one(gate: Gate) -> None:
    gate.tables.put_campaign(replace(gate.live.row, run=2), [(LANE, b"")])
    gate.lane.state = campaigns_pb2.LANE_STATE_FAILED
    await gate.live.save(LANE)
    assert gate.tables.lanes(gate.live.row.name) == [b""]
    row = gate.tables.campaign(gate.live.row.name)
    assert row is not None
    assert row.end_time is None
