from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from firstframe.adapters.clock import SystemClock
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2, picture_pb2
from firstframe.core.errors import Conflict, FirstframeError, InvalidInput, NotFound, PreconditionFailed, Unavailable
from firstframe.orchestrator.approvals import MAX_TAKES, POLICY, Approvals, Decision
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.live import LiveCampaign, campaign_name, fresh_lanes
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.tables import CampaignRow, RequestRow, Tables, open_engine
from firstframe.orchestrator.trail import Trail
from support.orchestrator import small_brief

LANE = "hero-0.1.16x9"
HERO = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
APPROVED, REJECTED = campaigns_pb2.DECISION_APPROVED, campaigns_pb2.DECISION_REJECTED
VARIATION = campaigns_pb2.DECISION_VARIATION


class Gate:
    def __init__(
        self,
        tmp_path: Path,
        *,
        approval: str = "required",
        change: Callable[[campaigns_pb2.Brief], None] = lambda _: None,
    ) -> None:
        brief = small_brief(approval=approval)
        change(brief)
        self.folder = tmp_path
        made = plan(decode_brief(brief))
        self.tables = Tables(open_engine(f"sqlite:///{tmp_path}/campaigns.sqlite"))
        self.tables.make()
        row = CampaignRow(
            campaign_name("projects/local", brief),
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
        self.trail = Trail(self.tables, Seal(b"k" * 32))
        self.approvals = Approvals(self.trail, SystemClock())

    async def waiting(self) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self.approvals.wait(self.live, LANE))
        async with asyncio.timeout(10):
            await self.live.until(lambda: self.lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL)
        await asyncio.sleep(0.05)
        return task

    async def decide(
        self,
        kind: campaigns_pb2.Decision.ValueType = APPROVED,
        *,
        hero: str = HERO,
        lane: str = LANE,
        by: str = "ada",
        note: str = "",
    ) -> None:
        request = RequestRow(f"projects/local/by-{by}", "decide", "", self.live.row.name)
        await self.approvals.decide(self.live, [Decision(lane, hero, kind, note)], by=by, request=request)

    async def yes(self) -> None:
        """A person's yes to the hero as it is."""
        waiting = await self.waiting()
        await self.decide()
        await asyncio.wait_for(waiting, 10)

    async def require(self, hero: str = HERO) -> None:
        await self.approvals.require(self.live, LANE, hero)


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


CHANGES = {
    "hero": lambda gate: setattr(gate.lane.hero.image, "digest", OTHER),
    "plan": lambda gate: setattr(gate.live, "row", replace(gate.live.row, plan_digest="0" * 64)),
    "take": lambda gate: setattr(gate.lane, "take", 1),
}


@pytest.mark.parametrize("changed", CHANGES)
async def test_an_approval_of_another_hero_plan_or_take_is_void(gate: Gate, changed: str) -> None:
    await gate.yes()
    CHANGES[changed](gate)
    waiting = await gate.waiting()
    assert not waiting.done()
    assert not gate.lane.HasField("approval")
    with pytest.raises(PreconditionFailed, match="does not move"):
        await gate.require(gate.lane.hero.image.digest)
    waiting.cancel()


async def test_an_approval_of_these_bytes_and_this_plan_holds(gate: Gate) -> None:
    await gate.yes()
    gate.lane.ClearField("approval")
    await asyncio.wait_for(gate.approvals.wait(gate.live, LANE), 10)
    assert gate.lane.approval.decided_by == "ada"
    await gate.require()


async def test_what_a_lane_says_of_itself_is_no_approval(gate: Gate) -> None:
    gate.lane.approval.decision = APPROVED
    gate.lane.approval.hero_digest = HERO
    gate.lane.approval.plan_digest = gate.live.row.plan_digest
    with pytest.raises(PreconditionFailed, match="nobody has approved") as caught:
        await gate.require()
    assert caught.value.reason == "NOT_APPROVED"
    waiting = await gate.waiting()
    assert not waiting.done()
    waiting.cancel()


async def test_of_two_opposite_decisions_the_second_is_refused(gate: Gate) -> None:
    waiting = await gate.waiting()
    outcomes = await asyncio.gather(
        gate.decide(APPROVED, by="ada", note="the warm one"), gate.decide(REJECTED, by="bob"), return_exceptions=True
    )
    (refused,) = [item for item in outcomes if isinstance(item, FirstframeError)]
    assert refused.reason == "NOT_AWAITING_APPROVAL"
    assert "was approved by ada at 20" in refused.message
    assert "“the warm one”" in refused.message
    told = {name: refused.metadata[name] for name in ("lane", "decision", "decided_by", "note")}
    assert told == {"lane": LANE, "decision": "DECISION_APPROVED", "decided_by": "ada", "note": "the warm one"}
    assert refused.metadata["decide_time"].endswith("Z")
    assert (gate.lane.approval.decision, gate.lane.approval.decided_by) == (APPROVED, "ada")
    await waiting


async def test_a_decision_whose_answer_was_lost_stands_against_an_opposite_one(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await gate.waiting()
    write = gate.trail.write

    async def cut(*args: Any, **kwargs: Any) -> None:
        await write(*args, **kwargs)
        raise Unavailable("the database went away", reason="DATABASE_UNAVAILABLE")

    with monkeypatch.context() as lost:
        lost.setattr(gate.trail, "write", cut)
        with pytest.raises(Unavailable):
            await gate.decide(by="ada")
    assert gate.lane.approval.decision != APPROVED, "nobody knows of it yet"
    with pytest.raises(PreconditionFailed) as caught:
        await gate.decide(REJECTED, by="bob")
    assert (caught.value.reason, caught.value.metadata["decided_by"]) == ("NOT_AWAITING_APPROVAL", "ada")
    assert gate.lane.approval.decision == APPROVED
    await waiting


async def test_a_decision_about_another_hero_is_not_told_as_one_about_this(gate: Gate) -> None:
    await gate.yes()
    gate.lane.hero.image.digest = OTHER
    with pytest.raises(PreconditionFailed) as caught:
        await gate.decide(by="bob", hero="sha256:" + "c" * 64)
    assert caught.value.reason == "HERO_CHANGED"
    assert caught.value.metadata == {"lane": LANE}


async def test_what_the_policy_decided_is_not_told_as_a_person_s(tmp_path: Path) -> None:
    gate = Gate(tmp_path, approval="auto")
    await asyncio.wait_for(gate.approvals.wait(gate.live, LANE), 10)
    gate.lane.hero.image.digest = OTHER
    with pytest.raises(PreconditionFailed) as caught:
        await gate.decide(by="bob")
    assert caught.value.metadata == {"lane": LANE}


async def test_a_second_yes_changes_nothing_and_shows_whose_the_first_was(gate: Gate) -> None:
    waiting = await gate.waiting()
    await gate.decide(by="ada")
    await gate.decide(by="bob")
    assert (gate.lane.approval.decided_by, gate.lane.approval.request_id) == ("ada", "by-ada")
    assert len(await gate.approvals.history(gate.live.row.name, before_id=None, size=9)) == 1
    await waiting


async def test_who_decides_about_a_hero_that_was_sent_back_hears_of_it(gate: Gate) -> None:
    waiting = await gate.waiting()
    await gate.decide(VARIATION, by="ada", note="warmer")
    await waiting
    gate.live.take_up(LANE, 1)
    with pytest.raises(PreconditionFailed, match=r"sent back for another still by ada at .*“warmer”") as caught:
        await gate.decide(by="bob")
    assert (caught.value.reason, caught.value.metadata["decided_by"]) == ("HERO_CHANGED", "ada")


def test_another_take_is_another_still_and_all_that_follows_from_it(gate: Gate) -> None:
    gate.lane.preflight.provenance.key = "k"
    before = gate.live.lane_plans[LANE]
    gate.live.take_up(LANE, 1)
    after = gate.live.lane_plans[LANE]
    assert set(before.steps) & set(after.steps) == set()
    assert [step.step for step in gate.lane.steps] == list(after.steps)
    assert gate.lane.take == 1
    assert not gate.lane.HasField("hero")
    assert not gate.lane.HasField("preflight")
    assert gate.live.steps[after.still].spec != gate.live.steps[before.still].spec
    gate.live.take_up(LANE, 0)
    assert gate.live.lane_plans[LANE] == before


async def test_takes_have_an_end(gate: Gate) -> None:
    gate.live.take_up(LANE, MAX_TAKES - 1)
    gate.lane.hero.image.digest = HERO
    waiting = await gate.waiting()
    with pytest.raises(PreconditionFailed, match="has had 20 takes") as caught:
        await gate.decide(VARIATION)
    assert caught.value.reason == "NO_OTHER_TAKE"
    waiting.cancel()


async def test_a_photograph_has_one_take(tmp_path: Path) -> None:
    def photograph(brief: campaigns_pb2.Brief) -> None:
        brief.heroes[0].photograph.image.digest = HERO
        brief.heroes[0].photograph.image.media_type = "image/png"
        brief.heroes[0].photograph.image.size_bytes = 9

    gate = Gate(tmp_path, change=photograph)
    waiting = await gate.waiting()
    with pytest.raises(PreconditionFailed, match="is a photograph"):
        await gate.decide(VARIATION)
    waiting.cancel()


FORGERIES = {
    "decision": "UPDATE decisions SET approval = :body",
    "row": "INSERT INTO decisions (campaign, lane, approval, seal) VALUES (:campaign, :lane, :body, NULL)",
    "seal of another": "INSERT INTO decisions (campaign, lane, approval, seal)"
    " SELECT campaign, lane, :body, seal FROM decisions",
}


@pytest.mark.parametrize("how", FORGERIES)
async def test_a_yes_that_was_written_into_the_database_lets_nothing_move(gate: Gate, how: str) -> None:
    waiting = await gate.waiting()
    await gate.decide(REJECTED)
    await waiting
    forged = campaigns_pb2.Approval()
    forged.CopyFrom(gate.lane.approval)
    forged.decision = APPROVED
    values = {"body": forged.SerializeToString(deterministic=True), "campaign": gate.live.row.name, "lane": LANE}
    with open_engine(f"sqlite:///{gate.folder}/campaigns.sqlite").begin() as connection:
        statement = sa.text(FORGERIES[how])
        connection.execute(statement, {name: values[name] for name in values if f":{name}" in FORGERIES[how]})
    with pytest.raises(PreconditionFailed, match="does not move"):
        await gate.require()
    marked = await gate.approvals.history(gate.live.row.name, before_id=None, size=9)
    assert (marked[0].genuine, marked[0].approval.decision) == (False, APPROVED)


@pytest.mark.parametrize("what", ["policy", "plan"])
async def test_a_campaign_whose_row_was_edited_lets_nothing_move(gate: Gate, what: str) -> None:
    await gate.yes()
    brief = campaigns_pb2.Brief.FromString(gate.live.row.brief)
    if what == "policy":
        brief.approval = campaigns_pb2.APPROVAL_POLICY_AUTO
    row = replace(gate.live.row, brief=brief.SerializeToString())
    edited = plan(decode_brief(small_brief(approval="required", seed=8))) if what == "plan" else gate.live.plan
    gate.live = LiveCampaign(row, edited, gate.live.lanes.values(), gate.tables, SystemClock())
    with pytest.raises(PreconditionFailed, match="is not the one of the"):
        await gate.require()


async def test_another_hero_than_the_lanes_own_does_not_move(gate: Gate) -> None:
    await gate.yes()
    with pytest.raises(PreconditionFailed, match="is not its hero"):
        await gate.require(OTHER)


async def test_a_rejected_hero_does_not_move(gate: Gate) -> None:
    waiting = await gate.waiting()
    await gate.decide(REJECTED)
    await waiting
    with pytest.raises(PreconditionFailed, match="it was rejected by ada"):
        await gate.require()


@pytest.mark.parametrize("by", ["finding", "check"])
async def test_the_policy_says_yes_to_no_failure_and_takes_an_old_yes_back(tmp_path: Path, by: str) -> None:
    gate = Gate(tmp_path, approval="auto")
    await asyncio.wait_for(gate.approvals.wait(gate.live, LANE), 10)
    await gate.require()
    if by == "finding":
        gate.lane.hero.findings.add(severity=picture_pb2.SEVERITY_FAILURE, reason="SUBJECT_CUT")
    else:
        gate.lane.preflight.checks.add(name="light", verdict=check_pb2.VERDICT_FAIL)
    with pytest.raises(PreconditionFailed, match="nobody has approved"):
        await gate.require()
    waiting = await gate.waiting()
    await gate.decide()
    await waiting
    await gate.require()


@pytest.mark.parametrize("verdict", [check_pb2.VERDICT_WARN, check_pb2.VERDICT_SKIPPED])
async def test_a_warning_and_a_check_that_was_not_made_hold_up_nothing(
    tmp_path: Path, verdict: check_pb2.Verdict.ValueType
) -> None:
    gate = Gate(tmp_path, approval="auto")
    gate.lane.preflight.checks.add(name="light", verdict=verdict)
    gate.lane.preflight.provenance.key = "k" * 64
    await asyncio.wait_for(gate.approvals.wait(gate.live, LANE), 10)
    assert (gate.lane.approval.decided_by, gate.lane.approval.preflight_key) == (POLICY, "k" * 64)


async def test_decisions_of_before_there_were_seals_are_sealed_once(gate: Gate) -> None:
    await gate.yes()
    engine = open_engine(f"sqlite:///{gate.folder}/campaigns.sqlite")
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE decisions DROP COLUMN seal"))
    gate.trail.adopt()
    await gate.require()
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE decisions SET seal = NULL"))
    gate.trail.adopt()
    with pytest.raises(PreconditionFailed):
        await gate.require()


async def test_a_decision_that_is_no_message_is_shown_and_counts_for_nothing(gate: Gate) -> None:
    await gate.yes()
    with open_engine(f"sqlite:///{gate.folder}/campaigns.sqlite").begin() as connection:
        connection.execute(sa.text("UPDATE decisions SET approval = :body"), {"body": b"\xff\xff"})
    (record,) = await gate.approvals.history(gate.live.row.name, before_id=None, size=9)
    assert not record.genuine
    assert record.approval == campaigns_pb2.Approval()


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
    assert caught.value.metadata.get("field", "") == ("" if hero else "decisions[0].hero_digest")
    assert not waiting.done()
    waiting.cancel()


async def test_a_lane_is_decided_about_once_in_a_call(gate: Gate) -> None:
    waiting = await gate.waiting()
    both = [Decision(LANE, HERO, kind, "") for kind in (APPROVED, REJECTED)]
    with pytest.raises(InvalidInput, match=r"decisions\[1\].lane: 'hero-0.1.16x9' is in decisions\[0\] as well"):
        await gate.approvals.decide(gate.live, both, by="ada", request=None)
    assert await gate.approvals.history(gate.live.row.name, before_id=None, size=9) == []
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
