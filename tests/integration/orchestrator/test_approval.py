"""What a reviewer would try: motion without a yes, and a yes for something else, through the real orchestrator."""

from __future__ import annotations

import asyncio
import json
import sqlite3

import grpc
import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2
from firstframe.core.errors import FirstframeError
from firstframe.runtime.client import translate
from support.orchestrator import World, small_brief

SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
AWAITING = campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL
CANCELLED = campaigns_pb2.CAMPAIGN_STATE_CANCELLED
FAILED = campaigns_pb2.CAMPAIGN_STATE_FAILED
APPROVED = campaigns_pb2.DECISION_APPROVED
REJECTED = campaigns_pb2.DECISION_REJECTED
VARIATION = campaigns_pb2.DECISION_VARIATION
LANE = "hero-0.1.16x9"

RELEASES = {
    "strength of the recipe": "released(dataclasses.replace(SLOW_PUSH, motion=single(CameraMove.PUSH, 0.6)))",
    "version of the recipe": "released(dataclasses.replace(SLOW_PUSH, version=2))",
    "camera of the recipe": "released(dataclasses.replace(SLOW_PUSH, motion=single(CameraMove.PULL, 0.5)))",
    "size of the still": "FORMATS['16:9'] = dataclasses.replace(FORMATS['16:9'], draft_size=PixelSize(960, 540))",
    "rule of a platform": "PLATFORMS['youtube'] = dataclasses.replace(PLATFORMS['youtube'], source='another rule')",
}
"""Orchestrators whose plan of the same brief differs in one field."""
PRELUDE = """
import dataclasses
from firstframe.core.delivery import PLATFORMS
from firstframe.core.formats import FORMATS
from firstframe.core.media import PixelSize
from firstframe.core.motion import CameraMove, single
from firstframe.orchestrator import recipes
SLOW_PUSH = recipes.RECIPES['slow-push']
def released(recipe):
    recipes.SHIPPED = (*(item for item in recipes.SHIPPED if item.name != recipe.name), recipe)
"""
BEFORE_PREFLIGHT = """
import json
from firstframe.orchestrator import durable, gates, lane_run, tables
durable.APPLICATION_VERSION = "1"
async def nothing(self, *_): return None
lane_run.LaneRun._begin = lane_run.LaneRun._preflight = nothing
tables.DECISIONS._columns.remove(tables.DECISIONS.c.seal)
tables.Tables.adopt_seals = lambda *_: None
write = tables.Tables.decide
def decide(self, campaign, run, lanes, decisions, request):
    write(self, campaign, run, lanes, (), request)
    with self._engine.begin() as connection:
        for row in decisions:
            connection.execute(tables.DECISIONS.insert().values(campaign=campaign, lane=row.lane, approval=row.approval))
tables.Tables.decide = decide
gates.Approvals.require = nothing
"""
"""An orchestrator of before there were checks, takes and seals."""


OF_FILES = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests that edit the files of SQLite."""


async def held_at_motion(world: World) -> campaigns_pb2.Campaign:
    """A campaign whose hero was approved by a person and whose motion is under way."""
    begun = asyncio.Event()

    async def hold(stage: str, _request: object, _context: object) -> None:
        if stage == "animation":
            begun.set()
            await asyncio.sleep(300)

    world.fake.before = hold
    created = await world.create(small_brief(approval="required"))
    waiting = await world.until(created.name, AWAITING)
    await world.decide(created.name, waiting.lanes[0], APPROVED)
    await asyncio.wait_for(begun.wait(), 30)
    return await world.stub().GetCampaign(campaigns_pb2.GetCampaignRequest(name=created.name))


async def error_of(call: object) -> FirstframeError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call  # type: ignore[misc]
    return translate(caught.value)


async def trail_of(world: World, name: str) -> list[campaigns_pb2.DecisionRecord]:
    request = campaigns_pb2.ListDecisionsRequest(parent=name, page_size=1)
    found: list[campaigns_pb2.DecisionRecord] = []
    while True:
        page = await world.stub().ListDecisions(request, timeout=10)
        found += page.decisions
        if not page.next_page_token:
            return found
        assert len(page.decisions) == 1
        request.page_token = page.next_page_token


async def test_a_failed_check_holds_the_policy_back_and_is_shown(world: World) -> None:
    world.fake.checks = [
        check_pb2.Check(name="light", verdict=check_pb2.VERDICT_FAIL, value=2, message="The light is flat")
    ]
    await world.open()
    created = await world.create(small_brief())
    waiting = await world.until(created.name, AWAITING)
    assert world.fake.count("animation") == 0
    assert list(waiting.lanes[0].preflight.checks) == world.fake.checks
    assert waiting.lanes[0].preflight.state == campaigns_pb2.LANE_STATE_SUCCEEDED
    (request,) = [request for stage, request in world.fake.calls if stage == "preflight"]
    plan = request.plan  # type: ignore[attr-defined]
    assert request.hero == waiting.lanes[0].hero  # type: ignore[attr-defined]
    assert (plan.format, list(plan.platforms), plan.recipe, plan.motion.strength) == (
        "16:9",
        ["youtube"],
        "slow-push",
        0.5,
    )
    assert (plan.frame_count, plan.frame_rate.numerator, plan.delivery_size.width_px) == (90, 30, 640)
    await world.decide(created.name, waiting.lanes[0], APPROVED, note="meant to be flat")
    done = await world.until(created.name, SUCCEEDED)
    manifest = json.loads(world.store.get_bytes(done.lanes[0].deliverables[0].manifest.digest, max_bytes=1 << 20))
    assert manifest["preflight"]["checks"][0]["message"] == "The light is flat"
    assert manifest["approval"]["preflight_key"] == "0" * 64
    assert "note" not in manifest["approval"]


@pytest.mark.parametrize("pixel", [b"", b"one other pixel"])
async def test_one_other_pixel_voids_the_approval_and_the_same_bytes_keep_it(world: World, pixel: bytes) -> None:
    await world.open()
    held = await held_at_motion(world)
    await world.stub().CancelCampaign(campaigns_pb2.CancelCampaignRequest(name=held.name), timeout=10)
    await world.until(held.name, CANCELLED)
    world.fake.pixel = pixel
    world.fake.before = _allow
    await world.create(small_brief(approval="required"))
    rests = await world.until(held.name, AWAITING, SUCCEEDED)
    assert rests.state == (AWAITING if pixel else SUCCEEDED)
    assert world.fake.count("animation") == (1 if pixel else 2)
    assert rests.lanes[0].HasField("approval") == (not pixel)


async def _allow(_stage: str, _request: object, _context: object) -> None:
    return None


@pytest.mark.parametrize("change", RELEASES)
async def test_one_other_field_of_the_plan_voids_the_approval(world: World, change: str) -> None:
    await world.open()
    held = await held_at_motion(world)
    world.orchestrator.kill()
    world.fake.before = _allow
    world.orchestrator.prelude = f"{PRELUDE}{RELEASES[change]}"
    world.orchestrator.start()
    again = await world.until(held.name, AWAITING)
    assert again.plan_digest != held.plan_digest
    assert world.fake.count("animation") == 1, "the call before the kill alone"
    assert not again.lanes[0].HasField("approval")


async def test_another_recipe_in_the_brief_asks_again(world: World) -> None:
    await world.open()
    held = await held_at_motion(world)
    world.fake.before = _allow
    brief = small_brief(approval="required")
    brief.motion.recipe = "slow-pull"
    other = await world.create(brief)
    waiting = await world.until(other.name, AWAITING)
    assert waiting.lanes[0].hero == held.lanes[0].hero, "the same still"
    assert world.fake.count("animation") == 1


@OF_FILES
async def test_a_database_that_was_edited_moves_nothing(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(approval="required"))
    await world.until(created.name, AWAITING)
    world.orchestrator.stop()
    _forge_everything(world, created.name)
    world.orchestrator.start()
    failed = await world.until(created.name, FAILED)
    assert failed.lanes[0].error.reason == "NOT_APPROVED"
    assert world.fake.count("animation") == 0
    (record,) = await trail_of(world, created.name)
    assert (record.approval.decided_by, record.genuine) == ("mallory", False)
    await world.create(small_brief(approval="required"))
    await world.until(created.name, AWAITING)
    assert world.fake.count("animation") == 0


def _forge_everything(world: World, name: str) -> None:
    """Writes a yes into the lane, into the trail and into the workflow's own record."""
    state = world.folder / "state"
    with sqlite3.connect(state / "campaigns.sqlite") as campaigns:
        (body, plan) = campaigns.execute("SELECT l.message, c.plan_digest FROM lanes l, campaigns c").fetchone()
        lane = campaigns_pb2.Lane.FromString(body)
        lane.approval.decision, lane.approval.plan_digest = APPROVED, plan
        lane.approval.hero_digest, lane.approval.decided_by = lane.hero.image.digest, "mallory"
        campaigns.execute("UPDATE lanes SET message = ?", (lane.SerializeToString(),))
        values = (name, lane.lane, lane.approval.SerializeToString(deterministic=True), "0" * 64)
        campaigns.execute("INSERT INTO decisions (campaign, lane, approval, seal) VALUES (?, ?, ?, ?)", values)
    with sqlite3.connect(state / "workflows.sqlite") as workflows:
        columns = [row[1] for row in workflows.execute("PRAGMA table_info(operation_outputs)")]
        row = dict(
            zip(
                columns,
                workflows.execute("SELECT * FROM operation_outputs ORDER BY function_id DESC").fetchone(),
                strict=True,
            )
        )
        row |= {"function_id": row["function_id"] + 1, "function_name": f"approval/{LANE}"}
        row["output"] = json.dumps(json.dumps({"decision": APPROVED}))
        marks = ", ".join("?" for _ in columns)
        workflows.execute(f"INSERT INTO operation_outputs ({', '.join(columns)}) VALUES ({marks})", tuple(row.values()))


async def test_another_still_is_made_asked_about_and_told_in_the_trail(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(approval="required"))
    first = (await world.until(created.name, AWAITING)).lanes[0]
    await world.decide(created.name, first, VARIATION, by="ada", note="warmer")
    second = await _waiting_with_another_hero(world, created.name, first)
    assert (second.take, second.HasField("approval")) == (1, False)
    asked = [request for stage, request in world.fake.calls if stage == "imagegen"]
    assert [(request.seed, request.set.staging) for request in asked] == [(7, 0), (7, 1)]  # type: ignore[attr-defined]
    world.orchestrator.kill()
    world.orchestrator.start()
    second = (await world.until(created.name, AWAITING)).lanes[0]
    late = await error_of(world.decide(created.name, first, APPROVED, by="bob"))
    assert (late.reason, late.metadata["decided_by"]) == ("HERO_CHANGED", "ada")
    await world.decide(created.name, second, APPROVED, by="bob")
    done = await world.until(created.name, SUCCEEDED)
    assert world.fake.count("imagegen") == 2
    manifest = json.loads(world.store.get_bytes(done.lanes[0].deliverables[0].manifest.digest, max_bytes=1 << 20))
    assert manifest["steps"][0]["provenance"]["seed"] == "7"
    assert "'staging': 1" in str(manifest["steps"][0])
    assert manifest["approval"]["take"] == 1
    trail = [
        (item.approval.decided_by, item.approval.decision, item.approval.note, item.genuine)
        for item in await trail_of(world, created.name)
    ]
    assert trail == [("bob", APPROVED, "", True), ("ada", VARIATION, "warmer", True)]


async def _waiting_with_another_hero(world: World, name: str, before: campaigns_pb2.Lane) -> campaigns_pb2.Lane:
    async for campaign in world.stub().WatchCampaign(campaigns_pb2.WatchCampaignRequest(name=name), timeout=30):
        lane: campaigns_pb2.Lane = campaign.lanes[0]
        waits = lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
        if waits and lane.hero.image.digest != before.hero.image.digest:
            return lane
    raise AssertionError("the campaign ended")


async def _waiting_with_checks(world: World, name: str) -> campaigns_pb2.Lane:
    async for campaign in world.stub().WatchCampaign(campaigns_pb2.WatchCampaignRequest(name=name), timeout=30):
        if campaign.state == AWAITING and campaign.lanes[0].preflight.checks:
            return campaign.lanes[0]
    raise AssertionError("the campaign ended")


async def test_of_two_reviewers_at_once_the_last_is_told(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(approval="required"))
    lane = (await world.until(created.name, AWAITING)).lanes[0]
    outcomes = await asyncio.gather(
        world.decide(created.name, lane, APPROVED, by="ada", note="lovely"),
        world.decide(created.name, lane, REJECTED, by="bob", note="dull"),
        return_exceptions=True,
    )
    (failure,) = [item for item in outcomes if isinstance(item, grpc.aio.AioRpcError)]
    (taken,) = [item for item in outcomes if isinstance(item, campaigns_pb2.Campaign)]
    first = taken.lanes[0].approval
    told = translate(failure)
    assert told.reason in ("NOT_AWAITING_APPROVAL", "HERO_CHANGED")
    assert told.metadata["decided_by"] == first.decided_by
    assert told.metadata["decide_time"] == first.decide_time.ToJsonString()
    assert f"by {first.decided_by} at " in told.message
    assert first.note in told.message


@pytest.mark.parametrize("by", ["policy:auto", " Policy:mine", "", "a\x1b[2Jb"])
async def test_nobody_decides_as_a_policy(world: World, by: str) -> None:
    await world.open(fakes=False)
    name = (await world.create(small_brief(approval="required"))).name
    refused = await error_of(world.decide(name, campaigns_pb2.Lane(lane=LANE), APPROVED, by=by))
    assert (refused.reason, refused.metadata["field"]) == ("INVALID_FIELD", "decided_by")


@OF_FILES
@pytest.mark.parametrize("stands", ["at the gate", "approved"])
async def test_campaigns_of_before_the_checks_go_on(world: World, stands: str) -> None:
    world.orchestrator.prelude = BEFORE_PREFLIGHT
    await world.open()
    if stands == "approved":
        name = (await held_at_motion(world)).name
    else:
        name = (await world.create(small_brief(approval="required"))).name
        await world.until(name, AWAITING)
    assert world.fake.count("preflight") == 0
    world.orchestrator.kill()
    world.orchestrator.prelude = ""
    world.fake.before = _allow
    world.orchestrator.start()
    if stands == "at the gate":
        await world.decide(name, await _waiting_with_checks(world, name), APPROVED)
    done = await world.until(name, SUCCEEDED)
    assert done.lanes[0].approval.decided_by == "ada"
    assert done.lanes[0].preflight.checks
    assert world.fake.count("preflight") == 1


SLOW_TO_TAKE_UP = """
from firstframe.orchestrator import open_campaigns
recover = open_campaigns.OpenCampaigns.recover
async def late(self):
    import asyncio
    await asyncio.sleep(2)
    await recover(self)
open_campaigns.OpenCampaigns.recover = late
"""
"""An orchestrator that takes longer to take its campaigns up than its workflows take to go on."""


async def test_a_lane_waits_for_its_new_run_where_a_release_plans_otherwise(world: World) -> None:
    await world.open()
    held = await held_at_motion(world)
    world.orchestrator.kill()
    world.fake.before = _allow
    world.orchestrator.prelude = PRELUDE + RELEASES["size of the still"] + SLOW_TO_TAKE_UP
    world.orchestrator.start()
    await world.decide(held.name, await _waiting_with_checks(world, held.name), APPROVED)
    done = await world.until(held.name, SUCCEEDED)
    assert done.plan_digest != held.plan_digest
