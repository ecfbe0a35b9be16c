"""Clips that drift are made again in a bounded way, and reported."""

from __future__ import annotations

import asyncio
import json

import grpc
import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2, picture_pb2
from support.orchestrator import World, small_brief

SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
FAILED = campaigns_pb2.CAMPAIGN_STATE_FAILED
Request = animation_pb2.AnimateClipRequest


def wobble(verdict: check_pb2.Verdict.ValueType) -> check_pb2.Check:
    return check_pb2.Check(
        name="wobble",
        verdict=verdict,
        value=0.08,
        unit="% of the frame",
        pass_threshold=0.03,
        fail_threshold=0.05,
        message="Parts tremble against each other by 0.080 % of the frame",
        remedy="use less motion",
    )


GOOD, BAD = wobble(check_pb2.VERDICT_PASS), wobble(check_pb2.VERDICT_FAIL)


def asked(world: World) -> list[tuple[float, int]]:
    """Strength and seed of each clip that was asked for."""
    requests = [request for stage, request in world.fake.calls if stage == "animation"]
    return [(round(request.motion.strength, 3), request.seed) for request in requests]


def clip_of(campaign: campaigns_pb2.Campaign) -> campaigns_pb2.Step:
    return next(step for step in campaign.lanes[0].steps if step.stage == campaigns_pb2.STAGE_ANIMATION)


async def test_a_clip_that_drifts_is_made_with_less_motion_and_the_manifest_says_so(world: World) -> None:
    world.fake.measures = lambda request: [BAD if request.motion.strength > 0.4 else GOOD]
    await world.open()
    done = await world.until((await world.create(small_brief())).name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    assert asked(world) == [(0.5, 7), (0.3, 7)]
    (drifted,) = clip_of(done).drifted
    assert (drifted.change, drifted.failed) == (campaigns_pb2.CLIP_CHANGE_PLANNED, ["wobble"])
    assert not clip_of(done).measures
    (file,) = done.lanes[0].deliverables
    manifest = json.loads(world.store.get_bytes(file.manifest.digest, max_bytes=1 << 20))
    clip = manifest["steps"][1]
    assert clip["request"]["motion"]["strength"] == 0.3
    assert [(check["name"], check["verdict"]) for check in clip["measures"]] == [("wobble", "VERDICT_PASS")]
    assert clip["drifted"] == [{"change": "CLIP_CHANGE_PLANNED", "strength": 0.5, "seed": "7", "failed": ["wobble"]}]
    assert manifest["deliverable"]["video"]["file"]["digest"] == file.video.digest


async def test_when_nothing_helps_the_lane_fails_with_measures_and_remedy(world: World) -> None:
    world.fake.measures = lambda _request: [BAD]
    await world.open()
    done = await world.until((await world.create(small_brief())).name, SUCCEEDED, FAILED)
    assert done.state == FAILED
    tries = asked(world)
    assert [strength for strength, _ in tries] == [0.5, 0.3, 0.3]
    assert tries[0][1] == tries[1][1] != tries[2][1]
    error = done.lanes[0].error
    assert error.reason == "CLIP_DRIFTED"
    for words in ("wobble", "0.080 %", "0.05", "use less motion", "another seed"):
        assert words in error.message
    step = clip_of(done)
    assert error.step == step.step
    assert step.state == campaigns_pb2.LANE_STATE_FAILED
    assert [check.name for check in step.measures] == ["wobble"]
    assert [item.change for item in step.drifted] == [1, 2, 3]
    assert world.fake.count("upscaling") == 0


async def test_a_warning_holds_nothing_up_and_is_shown(world: World) -> None:
    world.fake.measures = lambda _request: [wobble(check_pb2.VERDICT_WARN)]
    await world.open()
    done = await world.until((await world.create(small_brief())).name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    assert len(asked(world)) == 1
    assert [check.name for check in clip_of(done).measures] == ["wobble"]


async def test_what_an_engine_left_out_is_on_the_lane_and_in_what_is_said_of_drift(world: World) -> None:
    left_out = picture_pb2.Finding(
        severity=picture_pb2.SEVERITY_WARNING, reason="AIR_NOT_PLACED", message="rain is left out: there is no 'botle'"
    )
    world.fake.clip_findings = [left_out]
    await world.open()
    done = await world.until((await world.create(small_brief())).name, SUCCEEDED, FAILED)
    assert list(clip_of(done).findings) == [left_out]

    world.fake.measures = lambda _request: [BAD]
    again = await world.until((await world.create(small_brief(seed=8))).name, SUCCEEDED, FAILED)
    assert "The engine says: rain is left out: there is no 'botle'. What to do:" in again.lanes[0].error.message
    assert list(clip_of(again).findings) == [left_out]


async def test_kill_nine_between_two_tries_and_none_is_made_twice(world: World) -> None:
    world.fake.measures = lambda request: [BAD if request.seed == 7 else GOOD]
    await world.open()
    killed = asyncio.Event()

    async def kill_at_the_second(_stage: str, request: object, context: grpc.aio.ServicerContext) -> None:
        if isinstance(request, Request) and request.motion.strength < 0.4 and not killed.is_set():
            world.orchestrator.kill()
            killed.set()
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the caller is gone")

    world.fake.before = kill_at_the_second
    created = await world.create(small_brief())
    await killed.wait()
    await asyncio.to_thread(world.orchestrator.start)
    done = await world.until(created.name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    strengths = [strength for strength, _ in asked(world)]
    assert strengths.count(0.5) == 1
    assert [item.change for item in clip_of(done).drifted] == [1, 2]


async def test_clips_that_join_are_made_again_together(world: World) -> None:
    windows: list[tuple[float, float]] = []

    def first_part_wobbles(request: Request) -> list[check_pb2.Check]:
        windows.append((round(request.motion.strength, 2), request.motion.window.begin))
        return [BAD if request.motion.window.begin == 0 and request.motion.strength > 0.4 else GOOD]

    world.fake.measures = first_part_wobbles
    await world.open()
    brief = small_brief()
    brief.motion.seconds = 9
    done = await world.until((await world.create(brief)).name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    planned = sorted(begin for strength, begin in windows if strength == 0.5)
    calmer = sorted(begin for strength, begin in windows if strength == 0.3)
    assert len(planned) == len(calmer) >= 2
    assert planned == calmer


async def test_a_gate_that_reports_delivers_what_drifts_and_says_so(world: World) -> None:
    world.fake.measures = lambda _request: [BAD]
    await world.open()
    brief = small_brief()
    brief.motion.gate = campaigns_pb2.DRIFT_GATE_REPORT
    done = await world.until((await world.create(brief)).name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    assert len(asked(world)) == 1
    assert [check.name for check in clip_of(done).measures] == ["wobble"]
    assert not clip_of(done).drifted
    (file,) = done.lanes[0].deliverables
    manifest = json.loads(world.store.get_bytes(file.manifest.digest, max_bytes=1 << 20))
    assert manifest["steps"][1]["measures"][0]["verdict"] == "VERDICT_FAIL"


@pytest.mark.parametrize(
    ("said", "unmeasured"),
    [("DRIFT_GATE_UNSPECIFIED", True), ("DRIFT_GATE_RETRY", False), ("DRIFT_GATE_REPORT", False)],
)
async def test_the_setting_holds_where_the_brief_says_nothing(world: World, said: str, unmeasured: bool) -> None:
    await world.open(DRIFT_GATE="none")
    brief = small_brief()
    brief.motion.gate = campaigns_pb2.DriftGate.Value(said)
    done = await world.until((await world.create(brief)).name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    (request,) = [request for stage, request in world.fake.calls if stage == "animation"]
    assert request.unmeasured == unmeasured


async def test_clips_that_do_not_join_are_made_again_together_and_the_manifest_has_the_seam(world: World) -> None:
    def seam(request: animation_pb2.MeasureSeamRequest) -> list[check_pb2.Check]:
        joins = request.end.speed_percent_per_s == request.begin.speed_percent_per_s
        check = check_pb2.Check(name="seam-step", message="The picture jumps", fail_threshold=0.2)
        calm = request.motion.strength < 0.4
        check.verdict = check_pb2.VERDICT_PASS if joins and calm else check_pb2.VERDICT_FAIL
        return [check]

    world.fake.ends, world.fake.seam = True, seam
    world.fake.measures = lambda _request: [GOOD]
    await world.open()
    brief = small_brief()
    brief.motion.seconds = 9
    done = await world.until((await world.create(brief)).name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    assert sorted(strength for strength, _ in asked(world)) == [0.3, 0.3, 0.5, 0.5]
    assert world.fake.count("seam") == 2
    first, second = (step for step in done.lanes[0].steps if step.stage == campaigns_pb2.STAGE_ANIMATION)
    assert [list(item.failed) for step in (first, second) for item in step.drifted] == [[], ["seam-step"]]
    manifest = json.loads(world.store.get_bytes(done.lanes[0].deliverables[0].manifest.digest, max_bytes=1 << 20))
    names = [[check["name"] for check in step["measures"]] for step in manifest["steps"] if "measures" in step]
    assert names == [["wobble"], ["wobble", "seam-step"]]


async def test_clips_of_a_server_that_keeps_no_ends_have_no_seam(world: World) -> None:
    await world.open()
    brief = small_brief()
    brief.motion.seconds = 9
    done = await world.until((await world.create(brief)).name, SUCCEEDED, FAILED)
    assert done.state == SUCCEEDED
    assert world.fake.count("seam") == 0
