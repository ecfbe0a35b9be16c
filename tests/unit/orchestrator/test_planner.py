import dataclasses
import itertools
import subprocess
import sys
from fractions import Fraction

import pytest

from firstframe.core.delivery import PLATFORMS
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, Window, single
from firstframe.core.seeds import variation_seed
from firstframe.orchestrator.brief import Approval, Brief, HeroBrief, MotionBrief, PromptBrief, Visibility
from firstframe.orchestrator.bursts import frame_count, split
from firstframe.orchestrator.plan import (
    ArtifactSource,
    ClipSpec,
    CutoutPolicy,
    CutoutSource,
    Gate,
    LanePlan,
    ModelSource,
    PhotoSource,
    Plan,
    ReframePolicy,
    SetSource,
    Spec,
    Stage,
    StillSpec,
    StitchSpec,
    UpscaleSpec,
)
from firstframe.orchestrator.planner import plan, retake, staged
from firstframe.orchestrator.recipes import RECIPES

BOTTLE = HeroBrief("bottle", 1, SetSource("studio", "amber-dusk", "First Light", ""))
COFFEE = HeroBrief("coffee", 1, PhotoSource("sha256:" + "a" * 64, "image/jpeg", 9, ReframePolicy.CROP, None))
SLOW_PUSH = MotionBrief(RECIPES["slow-push"], "", 4.0, 30, single(CameraMove.PUSH, 0.5, Air(Atmosphere.DUST)))


def brief(**changes: object) -> Brief:
    base = Brief(
        campaign="first-light",
        seed=1207,
        heroes=(BOTTLE, COFFEE),
        formats=("16:9", "9:16", "1:1"),
        motion=SLOW_PUSH,
        platforms=("youtube", "tiktok", "instagram-reels", "instagram-feed"),
        approval=Approval.AUTO,
        visibility=Visibility.PRIVATE,
        quality=Quality.STANDARD,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def spec_of(solved: Plan, step_id: str) -> Spec:
    return next(step.spec for step in solved.steps if step.id == step_id)


@pytest.mark.parametrize(("gate", "words"), [(Gate.REPORT, "the gate is report"), (Gate.NONE, "the gate is none")])
def test_a_plan_tells_of_a_gate_that_does_not_hold(gate: Gate, words: str) -> None:
    solved = plan(brief(motion=dataclasses.replace(SLOW_PUSH, gate=gate)))
    clips = [step for step in solved.steps if isinstance(step.spec, ClipSpec)]
    assert {step.spec.gate for step in clips if isinstance(step.spec, ClipSpec)} == {gate}
    assert all(step.reasons[-1].endswith(words) for step in clips)
    usual = [step for step in plan(brief()).steps if isinstance(step.spec, ClipSpec)]
    assert not any("gate" in reason for step in usual for reason in step.reasons)
    assert {step.id for step in usual}.isdisjoint(step.id for step in clips)


def test_one_lane_for_each_hero_and_format_and_one_file_for_each_platform_that_takes_it() -> None:
    lanes = plan(brief()).lanes
    assert [lane.id for lane in lanes][:3] == ["bottle.1.16x9", "bottle.1.9x16", "bottle.1.1x1"]
    files = [item.file_name for lane in lanes for item in lane.deliverables]
    assert files[:4] == [
        "first-light_bottle_16x9_youtube.mp4",
        "first-light_bottle_9x16_tiktok.mp4",
        "first-light_bottle_9x16_instagram-reels.mp4",
        "first-light_bottle_1x1_instagram-feed.mp4",
    ]
    assert len(files) == len(set(files)) == 8


def test_every_step_comes_after_those_it_needs_and_appears_once() -> None:
    solved = plan(brief())
    seen: set[str] = set()
    for step in solved.steps:
        assert set(step.needs) <= seen
        assert step.id not in seen
        seen.add(step.id)
    assert seen == {step for lane in solved.lanes for step in lane.steps}


def test_heroes_with_the_same_picture_share_still_clip_and_upscaling() -> None:
    twin = dataclasses.replace(COFFEE, name="twin")
    first, second = plan(brief(heroes=(COFFEE, twin), formats=("16:9",), platforms=("youtube",))).lanes
    assert first.shared == second.shared
    assert first.deliverables[0].file_name != second.deliverables[0].file_name


def test_a_set_at_full_size_is_not_upscaled_a_draft_and_a_photograph_are() -> None:
    bottle, coffee = plan(brief(formats=("16:9",), platforms=("youtube",))).lanes
    assert bottle.upscales == ()
    assert len(coffee.upscales) == 1
    draft = plan(brief(formats=("16:9",), platforms=("youtube",), quality=Quality.DRAFT))
    spec = spec_of(draft, draft.lanes[0].upscales[0])
    assert spec == UpscaleSpec(PixelSize(1920, 1080))
    still = spec_of(draft, draft.lanes[0].still)
    assert isinstance(still, StillSpec)
    assert still.size == PixelSize(640, 360)


def still_of(solved: Plan, lane: LanePlan) -> StillSpec:
    spec = next(item.spec for item in solved.steps if item.id == lane.still)
    assert isinstance(spec, StillSpec)
    return spec


def test_another_take_of_a_set_keeps_the_seed_and_stages_it_another_way() -> None:
    asked = brief(formats=("16:9",), platforms=("youtube",), heroes=(BOTTLE,))
    solved = plan(asked)
    (lane,) = solved.lanes
    first = still_of(solved, lane)
    for take in (1, 2):
        again, steps = retake(asked, lane, take)
        step = next(item for item in steps if item.id == again.still)
        assert isinstance(step.spec, StillSpec)
        assert step.spec == dataclasses.replace(first, source=dataclasses.replace(BOTTLE.source, staging=take))
        assert f"seed 1207, staging {take}" in step.summary
        assert again.id == lane.id
    assert retake(asked, lane, 0)[0] == lane
    assert "staging" not in solved.steps[0].summary


def test_takes_of_a_set_that_is_staged_go_on_from_there_and_round() -> None:
    source = SetSource("studio", "amber-dusk", "First Light", "", staging=98)
    assert [staged(source, take).staging for take in range(3)] == [98, 99, 0]


def test_steps_carry_what_was_asked() -> None:
    solved = plan(brief(formats=("9:16",), platforms=("tiktok",), heroes=(BOTTLE,)))
    still, clip, stitch = (step.spec for step in solved.steps)
    assert isinstance(still, StillSpec)
    assert (still.size, still.seed, still.source) == (PixelSize(1080, 1920), 1207, BOTTLE.source)
    assert isinstance(clip, ClipSpec)
    assert (clip.frame_count, clip.frame_rate, clip.motion) == (120, 30, SLOW_PUSH.motion)
    assert stitch == StitchSpec("tiktok")
    assert [step.stage for step in solved.steps] == [Stage.IMAGEGEN, Stage.ANIMATION, Stage.STITCHING]


@pytest.mark.parametrize(
    ("hero", "quality", "reason"),
    [
        (COFFEE, Quality.STANDARD, "only where the photograph has less than 1920×1080"),
        (COFFEE, Quality.DRAFT, "the still has 640×360, platforms take 1920×1080"),
        (BOTTLE, Quality.DRAFT, "the still has 640×360, platforms take 1920×1080"),
    ],
)
def test_why_a_clip_is_enlarged(hero: HeroBrief, quality: Quality, reason: str) -> None:
    solved = plan(brief(heroes=(hero,), formats=("16:9",), platforms=("youtube",), quality=quality))
    (upscale,) = (step for step in solved.steps if isinstance(step.spec, UpscaleSpec))
    assert upscale.reasons == (reason,)


def test_variations_differ_by_seed_and_file_name() -> None:
    hero = dataclasses.replace(BOTTLE, variations=3)
    solved = plan(brief(heroes=(hero,), formats=("16:9",), platforms=("youtube",)))
    seeds = [spec.seed for step in solved.steps if isinstance(spec := step.spec, StillSpec)]
    assert seeds[0] == 1207
    assert len(set(seeds)) == 3
    assert solved.lanes[1].deliverables[0].file_name == "first-light_bottle_v2_16x9_youtube.mp4"


def test_a_heros_own_seed_goes_before_that_of_the_brief() -> None:
    own = dataclasses.replace(BOTTLE, variations=2, seed=0)
    solved = plan(brief(heroes=(own,), formats=("16:9",), platforms=("youtube",)))
    seeds = [spec.seed for step in solved.steps if isinstance(spec := step.spec, StillSpec)]
    assert seeds == [0, variation_seed(0, 2)]


def test_a_hero_by_prompt_is_brought_to_delivery_size_and_an_impossible_one_is_refused() -> None:
    fern = HeroBrief("fern", 1, PromptBrief("a fern", pack="sdxl"))
    solved = plan(brief(heroes=(fern,), formats=("16:9",), platforms=("youtube",)))
    upscale = next(step for step in solved.steps if isinstance(step.spec, UpscaleSpec))
    assert upscale.reasons == ("the model makes 1344×756, platforms take 1920×1080",)
    assert solved.findings == ()
    wrong = HeroBrief("fern", 1, PromptBrief("a fern", "blur", pack="flux-schnell"))
    with pytest.raises(InvalidInput) as caught:
        plan(brief(heroes=(BOTTLE, wrong)))
    assert caught.value.metadata["field"] == "heroes[1].prompt.negative_text"


def test_a_pack_that_does_not_come_along_is_told_of() -> None:
    heroes = tuple(HeroBrief(name, 1, PromptBrief("a", pack="own-pack")) for name in ("a", "b"))
    found = plan(brief(heroes=heroes)).findings
    assert [item.reason for item in found] == ["PACK_NOT_KNOWN"]
    assert "own-pack is none of the packs" in found[0].message


def test_variation_seeds_stay_in_range_and_never_move() -> None:
    assert variation_seed(1207, 2) == 866504974
    assert all(0 <= variation_seed(2**32 - 1, number) < 2**32 for number in range(1, 101))


def test_a_length_between_frames_is_rounded_with_a_reason() -> None:
    motion = dataclasses.replace(SLOW_PUSH, seconds=3.33, frame_rate=25)
    clip = next(step for step in plan(brief(motion=motion)).steps if step.stage is Stage.ANIMATION)
    assert "rounded to 83" in clip.reasons[0]
    assert frame_count(4, 30) == 120


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"platforms": ("youtube",), "formats": ("9:16",)}, "platforms[0]", "YouTube takes none of the formats 9:16"),
        ({"platforms": ("youtube",), "formats": ("16:9", "1:1")}, "formats[1]", "no platform of the brief takes 1:1"),
    ],
)
def test_the_impossible_is_refused_with_the_field_and_the_fix(
    changes: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan(brief(**changes))
    assert caught.value.metadata["field"] == field
    assert words in caught.value.message
    assert ";" in caught.value.message


def test_an_unused_prompt_is_told() -> None:
    motion = dataclasses.replace(SLOW_PUSH, prompt="pan left, falling snow")
    (finding,) = plan(brief(motion=motion)).findings
    assert finding.reason == "PROMPT_NOT_USED"
    assert "the prompt says pan left, the recipe push in; the prompt says snow" in finding.message
    assert plan(brief()).findings == ()


def test_an_edit_changes_only_the_steps_it_touches() -> None:
    before = {step.id for step in plan(brief()).steps}
    edited = dataclasses.replace(BOTTLE, source=SetSource("studio", "sage-noon", "First Light", ""))
    after = {step.id for step in plan(brief(heroes=(edited, COFFEE))).steps}
    bottle_steps = {step for lane in plan(brief()).lanes if lane.hero == "bottle" for step in lane.steps}
    assert before - after == bottle_steps


def test_the_digest_is_the_same_in_another_process() -> None:
    code = "from unit.orchestrator.test_planner import brief, plan; print(plan(brief()).digest)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="tests")
    assert other.stdout.strip() == plan(brief()).digest


def test_any_change_of_the_plan_changes_its_digest() -> None:
    motion = dataclasses.replace(SLOW_PUSH, motion=single(CameraMove.PUSH, 0.6))
    assert plan(brief(motion=motion)).digest != plan(brief()).digest


def test_a_length_that_a_platform_does_not_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = dataclasses.replace(PLATFORMS["tiktok"], min_seconds=4.5)
    monkeypatch.setitem(PLATFORMS, "tiktok", strict)
    with pytest.raises(InvalidInput, match=r"TikTok takes 4.5 to 600 s, the clip has 4 s") as caught:
        plan(brief())
    assert caught.value.metadata["field"] == "platforms[1]"


def test_a_frame_rate_that_a_platform_does_not_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = dataclasses.replace(PLATFORMS["youtube"], max_fps=Fraction(25))
    monkeypatch.setitem(PLATFORMS, "youtube", strict)
    with pytest.raises(InvalidInput, match="24 to 25 frames per second, the motion has 30"):
        plan(brief())


def test_all_heroes_move_with_the_seed_of_the_brief() -> None:
    seeds = {step.spec.seed for step in plan(brief(seed=99)).steps if isinstance(step.spec, ClipSpec)}
    assert seeds == {99}


def long_piece(seconds: float, **changes: object) -> Plan:
    motion = dataclasses.replace(SLOW_PUSH, seconds=seconds, frame_rate=30)
    return plan(brief(motion=motion, formats=("16:9",), platforms=("youtube",), **changes))


def test_a_long_piece_is_made_of_clips_whose_windows_join() -> None:
    solved = long_piece(10.1, heroes=(COFFEE,))
    (lane,) = solved.lanes
    specs = [spec_of(solved, name) for name in lane.clips]
    clips = [spec for spec in specs if isinstance(spec, ClipSpec)]
    assert [clip.frame_count for clip in clips] == [101, 101, 101]
    assert [clip.motion.window for clip in clips] == [Window(0, 1 / 3), Window(1 / 3, 2 / 3), Window(2 / 3, 1)]
    assert {(clip.seed, dataclasses.replace(clip.motion, window=Window())) for clip in clips} == {
        (1207, SLOW_PUSH.motion)
    }
    steps = {step.id: step for step in solved.steps}
    assert [steps[name].needs for name in lane.clips] == [(lane.still,)] * 3
    assert [steps[name].needs for name in lane.upscales] == [(name,) for name in lane.clips]
    assert steps[lane.deliverables[0].step].needs == lane.upscales
    assert lane.steps == (lane.still, *lane.clips, *lane.upscales, lane.deliverables[0].step)


def test_the_plan_says_how_a_long_piece_was_split_and_why() -> None:
    solved = long_piece(7.1, heroes=(BOTTLE,))
    steps = {step.id: step for step in solved.steps}
    first, second = (steps[name] for name in solved.lanes[0].clips)
    assert first.summary == "slow-push, clip 1 of 2: frames 1 to 107 at 30 per second"
    assert second.summary == "slow-push, clip 2 of 2: frames 108 to 213 at 30 per second"
    assert first.reasons[0] == "7.1 s are made as 2 clips of 3.533 to 3.567 s: longer takes drift away from the hero"
    assert steps[solved.lanes[0].deliverables[0].step].needs == solved.lanes[0].clips
    (finding,) = solved.findings
    assert (finding.reason, finding.message) == ("MADE_OF_CLIPS", "; ".join(first.reasons))


def test_a_piece_of_one_clip_is_planned_as_before() -> None:
    solved = long_piece(5, heroes=(BOTTLE,))
    (name,) = solved.lanes[0].clips
    spec = spec_of(solved, name)
    assert isinstance(spec, ClipSpec)
    assert (spec.motion, spec.frame_count) == (SLOW_PUSH.motion, 150)
    assert solved.findings == ()


@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60])
@pytest.mark.parametrize("seconds", [6, 10, 10.02, 15.01, 33.333, 59.99, 60])
def test_every_clip_of_a_piece_has_3_to_5_seconds(seconds: float, rate: int) -> None:
    frames = frame_count(seconds, rate)
    bursts = split(frames, rate)
    assert all(3 * rate <= burst.frame_count <= 5 * rate for burst in bursts)
    assert sum(burst.frame_count for burst in bursts) == frames
    assert bursts[0].window.begin == 0
    assert bursts[-1].window.end == 1
    for one, other in itertools.pairwise(bursts):
        assert one.window.end == other.window.begin == other.first / frames


def test_a_long_piece_still_has_to_have_a_length_that_the_platform_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = dataclasses.replace(PLATFORMS["youtube"], max_seconds=30)
    monkeypatch.setitem(PLATFORMS, "youtube", strict)
    with pytest.raises(InvalidInput, match="YouTube takes 1 to 30 s, the clip has 45 s"):
        long_piece(45)


FILMED = dataclasses.replace(SLOW_PUSH, motion=single(CameraMove.PUSH, 0.5), engine="scene")
PICTURE = ArtifactSource("sha256:" + "b" * 64, "image/png", 9)
MUG = HeroBrief(
    "mug", 1, SetSource("studio", "amber-dusk", "", "", product=CutoutSource(PICTURE, CutoutPolicy.AUTO, 0))
)


def test_the_plan_says_which_engine_a_lane_gets_and_what_it_costs() -> None:
    solved = plan(brief(heroes=(BOTTLE, COFFEE, MUG), formats=("16:9",), platforms=("youtube",), motion=FILMED))
    clips = {lane.hero: next(step for step in solved.steps if step.id == lane.clips[0]) for lane in solved.lanes}
    engines = {name: clip.spec.engine for name, clip in clips.items() if isinstance(clip.spec, ClipSpec)}
    assert engines == {"bottle": "scene", "coffee": "", "mug": ""}
    assert clips["bottle"].reasons == (
        "filmed by scene, every frame rendered anew at 1920×1080: about 15000 processor seconds (249 minutes) without a GPU",
    )
    assert clips["coffee"].reasons == (
        "moved by previz, since only a generated set can be seen from elsewhere: about 11 processor seconds",
    )
    assert clips["mug"].reasons == (
        "moved by previz, since a cut-out is flat, and has nothing to show from elsewhere: about 11 processor seconds",
    )


def test_a_model_of_ones_own_is_filmed_on_its_set() -> None:
    model = ModelSource(PICTURE, z_up=False, turn_deg=0, height_m=0, material="", colour="")
    vase = HeroBrief("vase", 1, SetSource("studio", "amber-dusk", "", "", product=model))
    solved = plan(brief(heroes=(vase,), formats=("16:9",), platforms=("youtube",), motion=FILMED))
    assert [step.spec.engine for step in solved.steps if isinstance(step.spec, ClipSpec)] == ["scene"]


def test_without_a_word_the_stage_chooses_its_engine() -> None:
    solved = plan(brief())
    assert {step.spec.engine for step in solved.steps if isinstance(step.spec, ClipSpec)} == {""}
