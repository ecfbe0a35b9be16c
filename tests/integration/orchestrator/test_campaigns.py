from __future__ import annotations

import asyncio
import json
from collections import Counter

import grpc
import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.runtime.client import translate
from support.orchestrator import World, small_brief

SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
AWAITING = campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL
RUNNING = campaigns_pb2.CAMPAIGN_STATE_RUNNING
CANCELLED = campaigns_pb2.CAMPAIGN_STATE_CANCELLED
FAILED = campaigns_pb2.CAMPAIGN_STATE_FAILED


async def test_a_brief_becomes_deliverables_with_manifests(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(heroes=2))
    done = await world.until(created.name, SUCCEEDED)
    assert [lane.state for lane in done.lanes] == [campaigns_pb2.LANE_STATE_SUCCEEDED] * 2
    assert Counter(stage for stage, _ in world.fake.calls) == {
        "imagegen": 2,
        "preflight": 2,
        "animation": 2,
        "upscaling": 2,
        "stitching": 2,
    }
    (file,) = done.lanes[0].deliverables
    assert file.file_name == "test_hero-0_16x9_youtube.mp4"
    manifest = json.loads(world.store.get_bytes(file.manifest.digest, max_bytes=1 << 20))
    assert manifest["brief_sha256"] == done.brief_digest
    assert [step["stage"] for step in manifest["steps"]] == ["imagegen", "animation", "upscaling", "stitching"]
    assert manifest["deliverable"]["video"]["file"]["digest"] == file.video.digest
    assert manifest["steps"][1]["inputs"] == manifest["steps"][0]["outputs"]
    assert manifest["steps"][0]["provenance"]["seed"] == "7"
    (check,) = manifest["preflight"]["checks"]
    assert (check["name"], check["verdict"]) == ("edge-room", "VERDICT_PASS")


async def test_the_same_brief_again_does_no_work(world: World) -> None:
    await world.open()
    first = await world.create(small_brief())
    done = await world.until(first.name, SUCCEEDED)
    calls = len(world.fake.calls)
    again = await world.create(small_brief())
    assert again == done
    assert len(world.fake.calls) == calls


async def test_a_required_approval_holds_the_lane_and_is_bound_to_the_bytes(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(approval="required"))
    waiting = await world.until(created.name, AWAITING)
    assert world.fake.count("animation") == 0
    lane = waiting.lanes[0]

    def decide(digest: str, decision: int = campaigns_pb2.DECISION_APPROVED) -> campaigns_pb2.DecideHeroesRequest:
        item = campaigns_pb2.HeroDecision(lane=lane.lane, hero_digest=digest, decision=decision)
        return campaigns_pb2.DecideHeroesRequest(name=created.name, decisions=[item], decided_by="ada")

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.stub().DecideHeroes(decide("sha256:" + "0" * 64), timeout=10)
    assert translate(caught.value).reason == "HERO_CHANGED"
    await world.stub().DecideHeroes(decide(lane.hero.image.digest), timeout=10)
    done = await world.until(created.name, SUCCEEDED)
    assert done.lanes[0].approval.decided_by == "ada"
    await world.stub().DecideHeroes(decide(lane.hero.image.digest), timeout=10)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.stub().DecideHeroes(decide(lane.hero.image.digest, campaigns_pb2.DECISION_REJECTED), timeout=10)
    assert translate(caught.value).reason == "NOT_AWAITING_APPROVAL"


async def test_auto_holds_a_hero_with_a_failure(world: World) -> None:
    world.fake.findings = [picture_pb2.Finding(severity=picture_pb2.SEVERITY_FAILURE, reason="SUBJECT_CUT")]
    await world.open()
    created = await world.create(small_brief())
    await world.until(created.name, AWAITING)
    assert world.fake.count("animation") == 0


async def test_a_rejected_hero_ends_its_lane_without_motion(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(approval="required"))
    waiting = await world.until(created.name, AWAITING)
    item = campaigns_pb2.HeroDecision(
        lane=waiting.lanes[0].lane,
        hero_digest=waiting.lanes[0].hero.image.digest,
        decision=campaigns_pb2.DECISION_REJECTED,
        note="too dark",
    )
    request = campaigns_pb2.DecideHeroesRequest(name=created.name, decisions=[item], decided_by="ada")
    await world.stub().DecideHeroes(request, timeout=10)
    done = await world.until(created.name, SUCCEEDED)
    assert done.lanes[0].state == campaigns_pb2.LANE_STATE_REJECTED
    assert world.fake.count("animation") == 0


async def test_kill_nine_at_each_stage_and_no_finished_step_is_run_again(world: World) -> None:
    await world.open()
    killed: set[str] = set()

    async def kill_once(stage: str, _request: object, context: grpc.aio.ServicerContext) -> None:
        if stage not in killed:
            killed.add(stage)
            world.orchestrator.kill()
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the caller is gone")

    world.fake.before = kill_once
    brief = small_brief()
    name = ""
    for _ in range(7):
        try:
            name = (await world.create(brief)).name
            await world.until(name, SUCCEEDED)
            break
        except grpc.aio.AioRpcError:
            world.orchestrator.start()
    assert killed == {"imagegen", "preflight", "animation", "upscaling", "stitching"}
    for stage in killed:
        assert world.fake.count(stage) == 2, "one call that was cut off, one that finished"


async def test_a_long_piece_is_moved_and_enlarged_clip_by_clip_also_over_a_kill(world: World) -> None:
    await world.open()
    brief = small_brief(approval="required")
    brief.motion.seconds = 12
    created = await world.create(brief)
    waiting = await world.until(created.name, AWAITING)
    await world.decide(created.name, waiting.lanes[0], campaigns_pb2.DECISION_APPROVED)
    killed = asyncio.Event()

    async def kill_at_the_second(stage: str, request: object, context: grpc.aio.ServicerContext) -> None:
        second = isinstance(request, animation_pb2.AnimateClipRequest) and request.motion.window.begin == 1 / 3
        if second and not killed.is_set():
            # The others are done and written down before the second is cut off.
            await asyncio.sleep(0.5)
            world.orchestrator.kill()
            killed.set()
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the caller is gone")

    world.fake.before = kill_at_the_second
    await killed.wait()
    world.orchestrator.start()
    done = await world.until(created.name, SUCCEEDED)
    asked = [request for stage, request in world.fake.calls if isinstance(request, animation_pb2.AnimateClipRequest)]
    begins = Counter(round(request.motion.window.begin, 3) for request in asked)
    assert begins == {0.0: 1, 0.333: 2, 0.667: 1}
    assert {(request.frame_count, request.motion.strength) for request in asked} == {(120, asked[0].motion.strength)}
    assert world.fake.count("upscaling") == 3
    (stitch,) = (request for stage, request in world.fake.calls if stage == "stitching")
    assert len({clip.video.digest for clip in stitch.clips}) == 3
    (check,) = (request for stage, request in world.fake.calls if stage == "preflight")
    assert check.plan.frame_count == 360
    manifest = json.loads(world.store.get_bytes(done.lanes[0].deliverables[0].manifest.digest, max_bytes=1 << 20))
    stages = [step["stage"] for step in manifest["steps"]]
    assert stages == ["imagegen", *["animation"] * 3, *["upscaling"] * 3, "stitching"]
    windows = [step["request"]["motion"]["window"] for step in manifest["steps"][1:4]]
    assert [window.get("begin", 0) for window in windows] == [0, 1 / 3, 2 / 3]
    assert manifest["steps"][-1]["inputs"] == sorted(manifest["steps"][index]["outputs"][0] for index in (4, 5, 6))


def own_recipe(name: str, strength: float, version: int = 1) -> campaigns_pb2.Brief:
    brief = small_brief(name)
    brief.motion.recipe = "brand-drift"
    motion = animation_pb2.Motion(camera=animation_pb2.CAMERA_MOVE_PUSH, strength=strength)
    brief.motion.own.CopyFrom(campaigns_pb2.MotionRecipe(name="brand-drift", version=version, motion=motion, seed=5))
    return brief


async def test_a_recipe_is_immutable_once_a_campaign_was_accepted_with_it(world: World) -> None:
    await world.open()
    briefs = [own_recipe(f"race-{number}", 0.1 * (number + 1)) for number in range(4)]
    answers = await asyncio.gather(*(world.create(brief) for brief in briefs), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    (accepted,) = (answer for answer in answers if isinstance(answer, campaigns_pb2.Campaign))
    assert len(refused) == 3
    assert {translate(error).reason for error in refused} == {"RECIPE_CHANGED"}
    assert "raise the version to 2" in str(refused[0].details())
    await world.until(accepted.name, SUCCEEDED)
    (moved,) = (request for stage, request in world.fake.calls if stage == "animation")
    assert moved.seed == 5

    loser = next(brief for brief in briefs if brief != accepted.brief)
    planned = campaigns_pb2.PlanCampaignRequest(parent="projects/local", brief=loser)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.stub().PlanCampaign(planned, timeout=10)
    assert translate(caught.value).reason == "RECIPE_CHANGED"
    again = await world.create(own_recipe("race-0", 0.1, version=2))
    stub, parent = world.stub(), "projects/local"
    page = await stub.ListRecipeUses(campaigns_pb2.ListRecipeUsesRequest(parent=parent, page_size=1), timeout=10)
    rest = campaigns_pb2.ListRecipeUsesRequest(parent=parent, recipe="brand-drift", page_token=page.next_page_token)
    second = await stub.ListRecipeUses(rest, timeout=10)
    found = [(item.recipe, item.version, item.campaign) for item in (*page.uses, *second.uses)]
    assert found == [("brand-drift", 2, again.name), ("brand-drift", 1, accepted.name)]
    assert second.next_page_token == ""


async def test_a_prompt_without_a_recipe_is_stored_as_the_motion_that_it_comes_to(world: World) -> None:
    await world.open()
    brief = small_brief()
    brief.motion.CopyFrom(campaigns_pb2.MotionBrief(prompt="slow pan left then hold, snow, the logo spins", seconds=4))
    created = await world.create(brief)
    assert created.brief.motion.recipe == created.brief.motion.own.name
    assert created.brief.motion.recipe.startswith("prompt-")
    await world.until(created.name, SUCCEEDED)
    (asked,) = (request for stage, request in world.fake.calls if isinstance(request, animation_pb2.AnimateClipRequest))
    moves = [(phase.camera, round(phase.share, 3)) for phase in asked.motion.phases]
    assert moves == [(animation_pb2.CAMERA_MOVE_PAN_LEFT, 0.75), (animation_pb2.CAMERA_MOVE_LOCKED, 0.25)]
    assert [air.kind for air in asked.motion.airs] == [animation_pb2.ATMOSPHERE_SNOW]
    assert asked.motion.prompt == brief.motion.prompt
    planned = campaigns_pb2.PlanCampaignRequest(parent="projects/local", brief=brief)
    told = (await world.stub().PlanCampaign(planned, timeout=10)).findings
    assert [finding.reason for finding in told] == ["PROMPT_COMPILED", "MOTION_WILL_DISTORT"]
    assert (await world.create(brief)).name == created.name

    brief.motion.prompt = "a red bottle"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.create(brief)
    assert translate(caught.value).metadata["field"] == "motion.prompt"


async def test_approval_survives_a_kill(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(approval="required"))
    waiting = await world.until(created.name, AWAITING)
    world.orchestrator.kill()
    world.orchestrator.start()
    again = await world.until(created.name, AWAITING)
    assert again.lanes[0].hero == waiting.lanes[0].hero
    item = campaigns_pb2.HeroDecision(
        lane="hero-0.1.16x9",
        hero_digest=again.lanes[0].hero.image.digest,
        decision=campaigns_pb2.DECISION_APPROVED,
    )
    request = campaigns_pb2.DecideHeroesRequest(name=created.name, decisions=[item], decided_by="ada")
    await world.stub().DecideHeroes(request, timeout=10)
    world.orchestrator.kill()
    world.orchestrator.start()
    done = await world.until(created.name, SUCCEEDED)
    assert done.lanes[0].approval.decided_by == "ada"
    assert world.fake.count("imagegen") == 1


async def test_cancel_reaches_the_stage_and_create_resumes(world: World) -> None:
    world.fake.seconds = 300
    await world.open()
    created = await world.create(small_brief())
    async for campaign in world.stub().WatchCampaign(campaigns_pb2.WatchCampaignRequest(name=created.name), timeout=30):
        if campaign.lanes[0].state == campaigns_pb2.LANE_STATE_RUNNING:
            break
    await world.stub().CancelCampaign(campaigns_pb2.CancelCampaignRequest(name=created.name), timeout=10)
    await world.until(created.name, CANCELLED)
    assert world.fake.running["imagegen"] == 0
    world.fake.seconds = 0
    again = await world.create(small_brief())
    assert again.state == RUNNING
    await world.until(created.name, SUCCEEDED)


async def test_a_failed_lane_says_why_and_running_again_goes_on(world: World) -> None:
    async def refuse(stage: str, _request: object, context: grpc.aio.ServicerContext) -> None:
        if stage == "animation":
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the hero is too small")

    world.fake.before = refuse
    await world.open()
    created = await world.create(small_brief())
    failed = await world.until(created.name, FAILED)
    assert failed.lanes[0].error.message == "the hero is too small"
    assert failed.lanes[0].error.step.startswith("animation/")

    async def allow(_stage: str, _request: object, _context: object) -> None:
        return None

    world.fake.before = allow
    await world.create(small_brief())
    await world.until(created.name, SUCCEEDED)


async def test_a_request_id_makes_create_repeatable_and_cannot_be_reused(world: World) -> None:
    await world.open()
    created = await world.create(small_brief(), request_id="r-1")
    done = await world.until(created.name, SUCCEEDED)
    assert await world.create(small_brief(), request_id="r-1") == done
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.create(small_brief(seed=8), request_id="r-1")
    assert translate(caught.value).reason == "REQUEST_ID_REUSED"


async def test_lists_are_paged_newest_first(world: World) -> None:
    await world.open()
    names = [(await world.create(small_brief(f"c-{number}"))).name for number in range(5)]
    request = campaigns_pb2.ListCampaignsRequest(parent="projects/local", page_size=2)
    seen: list[str] = []
    while True:
        page = await world.stub().ListCampaigns(request, timeout=10)
        assert len(page.campaigns) <= 2
        seen += [campaign.name for campaign in page.campaigns]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert seen == names[::-1]
    other = campaigns_pb2.ListCampaignsRequest(parent="projects/other")
    assert not (await world.stub().ListCampaigns(other, timeout=10)).campaigns


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda brief: brief.formats.append("16:8"), "formats[1]"),
        (lambda brief: brief.platforms.append("myspace"), "platforms[1]"),
        (lambda brief: setattr(brief, "seed", 2**32), "seed"),
        (lambda brief: setattr(brief.motion, "seconds", 61), "motion.seconds"),
        (lambda brief: setattr(brief.heroes[0], "name", "No Good"), "heroes[0].name"),
        (lambda brief: setattr(brief.heroes[0].set, "scene", "beach"), "heroes[0].set.scene"),
    ],
)
async def test_a_wrong_brief_is_refused_with_its_field(world: World, change: object, field: str) -> None:
    await world.open(fakes=False)
    brief = small_brief()
    change(brief)  # type: ignore[operator]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.create(brief)
    error = translate(caught.value)
    assert (error.reason, error.metadata["field"]) == ("INVALID_FIELD", field)


@pytest.mark.parametrize("part", ["image", "matte", "inverse_depth"])
async def test_a_picture_that_is_not_in_the_store_is_named(world: World, part: str) -> None:
    await world.open(fakes=False)
    brief = small_brief()
    photograph = brief.heroes[0].photograph
    for name in ("image", "matte", "inverse_depth"):
        stored = world.store.put_bytes(name.encode(), "image/png")
        digest = "sha256:" + "0" * 64 if name == part else stored.digest
        getattr(photograph, name).CopyFrom(artifact_pb2.ArtifactRef(digest=digest, size_bytes=stored.size_bytes))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.create(brief)
    error = translate(caught.value)
    assert (error.reason, error.metadata["field"]) == ("ARTIFACT_NOT_FOUND", f"heroes[0].photograph.{part}")


@pytest.mark.parametrize("part", ["set.brand.logo", "prompt.reference"])
async def test_a_logo_or_a_reference_that_is_not_in_the_store_is_named(world: World, part: str) -> None:
    await world.open(fakes=False)
    brief = small_brief()
    missing = artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, media_type="image/png", size_bytes=9)
    if part == "set.brand.logo":
        colours = dict.fromkeys(("ground", "product", "accent", "paper", "ink"), "#123456")
        brief.heroes[0].set.brand.CopyFrom(imagegen_pb2.Brand(**colours, logo=missing))
    else:
        prompt = campaigns_pb2.PromptBrief(text="a", pack="sdxl", reference=missing, strength=0.5)
        brief.heroes[0].prompt.CopyFrom(prompt)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.create(brief)
    error = translate(caught.value)
    assert (error.reason, error.metadata["field"]) == ("ARTIFACT_NOT_FOUND", f"heroes[0].{part}")


async def test_it_stops_on_sigterm_and_goes_on_at_the_next_start(world: World) -> None:
    await world.open(fakes=False)
    created = await world.create(small_brief())
    assert world.orchestrator.stop() == 0
    await world.start_fakes()
    world.orchestrator.start()
    await world.until(created.name, SUCCEEDED)
    assert world.fake.count("imagegen") == 1


async def test_a_create_that_is_cut_off_starts_every_lane_all_the_same(world: World) -> None:
    await world.open()
    brief = small_brief(heroes=60)
    request = campaigns_pb2.CreateCampaignRequest(parent="projects/local", brief=brief, request_id="cut-off")
    with pytest.raises(grpc.aio.AioRpcError):
        await world.stub().CreateCampaign(request, timeout=0.12)
    created = await world.create(brief, request_id="cut-off")
    done = await world.until(created.name, SUCCEEDED)
    assert len(done.lanes) == 60
    assert world.fake.count("imagegen") == 60


async def test_cancel_and_create_at_once_resumes(world: World) -> None:
    world.fake.seconds = 300
    await world.open()
    created = await world.create(small_brief())
    async for campaign in world.stub().WatchCampaign(campaigns_pb2.WatchCampaignRequest(name=created.name), timeout=30):
        if campaign.lanes[0].state == campaigns_pb2.LANE_STATE_RUNNING:
            break
    await world.stub().CancelCampaign(campaigns_pb2.CancelCampaignRequest(name=created.name), timeout=10)
    world.fake.seconds = 0
    await world.create(small_brief())
    await world.until(created.name, SUCCEEDED)


async def test_creates_at_once_with_one_request_id_are_one(world: World) -> None:
    await world.open()
    made = await asyncio.gather(*[world.create(small_brief(), request_id="same") for _ in range(5)])
    assert len({campaign.name for campaign in made}) == 1
    await world.until(made[0].name, SUCCEEDED)
    assert world.fake.count("imagegen") == 1


async def test_a_repeated_cancel_does_not_stop_a_later_run(world: World) -> None:
    await world.open()
    created = await world.create(small_brief())
    await world.until(created.name, SUCCEEDED)
    cancel = campaigns_pb2.CancelCampaignRequest(name=created.name, request_id="stop-1")
    await world.stub().CancelCampaign(cancel, timeout=10)
    still = await world.stub().CancelCampaign(cancel, timeout=10)
    assert still.state == SUCCEEDED
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        other = campaigns_pb2.CancelCampaignRequest(
            name=(await world.create(small_brief("other"))).name, request_id="stop-1"
        )
        await world.stub().CancelCampaign(other, timeout=10)
    assert translate(caught.value).reason == "REQUEST_ID_REUSED"


async def test_a_lost_still_is_made_again(world: World) -> None:
    await world.open()
    created = await world.create(small_brief())
    done = await world.until(created.name, SUCCEEDED)
    name = done.lanes[0].hero.image.digest.removeprefix("sha256:")
    (world.folder / "store" / "blobs" / "sha256" / name[:2] / name[2:4] / name).unlink()
    world.fake.forget()
    again = await world.create(small_brief())
    assert again.state == RUNNING
    await world.until(created.name, SUCCEEDED)
    assert world.store.exists(done.lanes[0].hero.image.digest)
