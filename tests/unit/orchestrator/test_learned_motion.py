"""Briefs that have a learned model move their heroes: which pack, how long, which words, what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.core.clip_packs import CLIP_PACKS
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.core.motion import EffectKind, Window
from firstframe.core.native import ClipPack
from firstframe.orchestrator.brief import Brief
from firstframe.orchestrator.bursts import bursts_of
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.decode.motion import decode_motion
from firstframe.orchestrator.decode.packs import clip_pack_message
from firstframe.orchestrator.plan import ClipSpec, Ending, Plan, Stage, UpscaleSpec
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.requests import clip_request

KISSING = ClipPack(
    name="our-kiss",
    sizes={"16:9": (1024, 576)},
    frame_counts=(97, 105, 121),
    frame_rate=Fraction(25),
    steps=40,
    guidance=3.0,
    reads_words=True,
    compares=True,
    takes_last_frame=False,
    effect=EffectKind.KISS,
)


def motion(**said: Any) -> campaigns_pb2.MotionBrief:
    given = {"recipe": "slow-push", "seconds": 4.0, "engine": "diffusers", **said}
    return campaigns_pb2.MotionBrief(**given)


def brief(**said: Any) -> Brief:
    message = campaigns_pb2.Brief(
        campaign="first-light", seed=7, formats=["16:9"], platforms=["youtube"], motion=motion(**said)
    )
    hero = message.heroes.add(name="bottle", variations=1)
    hero.set.scene, hero.set.palette, hero.set.copy = "studio", "amber-dusk", "First"
    return decode_brief(message)


def clips(solved: Plan) -> list[ClipSpec]:
    return [step.spec for step in solved.steps if isinstance(step.spec, ClipSpec)]


def reasons(solved: Plan) -> list[str]:
    return [reason for step in solved.steps if step.stage is Stage.ANIMATION for reason in step.reasons]


def test_a_brief_is_moved_by_the_fastest_pack_at_its_own_rate_and_length() -> None:
    (clip,) = clips(plan(brief()))

    assert (clip.engine, clip.pack, clip.frame_rate) == ("diffusers", "ltx-video", 25)
    assert clip.frame_count == 121  # what its graphs are made for
    assert (clip.steps, clip.ending, clip.motion.window, clip.seed) == (0, Ending.OPEN, Window(), 7)


def test_the_plan_has_a_reason_for_pack_size_frames_and_words() -> None:
    (step,) = [one for one in plan(brief(prompt="steam rises, no rain")).steps if one.stage is Stage.ANIMATION]

    assert step.reasons == (
        "moved by ltx-video: 40 steps at guidance 3, seed 7",
        "1024×576 is its native size for 16:9",
        "121 frames at 25 per second: its graphs are made for 121, and that is 4.84 s",
        "it reads: The camera slowly pushes in. Mist drifts.",
        "it keeps out: rain, shaky camera, morphing shapes, melting, flicker, jump cut, scene change, letters that change",
    )


def test_a_size_that_is_trimmed_is_told_and_every_clip_is_brought_to_delivery() -> None:
    solved = plan(brief(pack="wan22-5b"))
    (step,) = [one for one in solved.steps if one.stage is Stage.ANIMATION]
    (upscale,) = [one for one in solved.steps if isinstance(one.spec, UpscaleSpec)]

    assert "wan22-5b 1280×704 is 1.818:1, trimmed 16 px left and right and 1 px top and bottom to 16:9" in step.reasons
    assert upscale.spec == UpscaleSpec(PixelSize(1920, 1080))
    assert upscale.reasons == ("wan22-5b makes 1248×702, platforms take 1920×1080",)


def test_steps_and_what_is_to_be_kept_out_go_to_the_stage() -> None:
    (clip,) = clips(plan(brief(steps=12, negative_prompt="lens flare", pack="wan22-5b")))
    request = clip_request(clip, picture_pb2.Hero())

    assert (request.engine, request.pack, request.steps) == ("diffusers", "wan22-5b", 12)
    assert request.motion.negative_prompt.startswith("lens flare, shaky camera, morphing")
    assert not request.HasField("last_frame")


def test_words_that_would_be_too_long_leave_the_brief_its_own() -> None:
    (clip,) = clips(plan(brief(negative_prompt="x" * 480)))
    assert clip.negative == "x" * 480


def test_a_pack_that_compares_with_nothing_is_told_nothing_to_keep_out() -> None:
    solved = plan(brief(pack="hunyuan-video"))
    (clip,) = clips(solved)
    assert clip.negative == ""
    assert not [reason for reason in reasons(solved) if "keeps out" in reason]


def test_a_pack_that_reads_no_words_is_told_how_strong_the_motion_is() -> None:
    mute = replace(KISSING, name="mute", reads_words=False, compares=False, effect=None)
    told = reasons(plan(brief(pack="mute", own_pack=clip_pack_message(mute))))
    assert [reason for reason in told if reason.startswith("it reads")] == [
        "it reads no words: strength becomes motion bucket 128"
    ]


def test_the_plan_says_what_the_last_frame_is() -> None:
    assert "the last frame is the hero" in reasons(plan(brief(end=campaigns_pb2.END_FRAME_HERO)))
    looped = reasons(plan(brief(repeat=animation_pb2.REPEAT_LOOP)))
    assert "the frame after the last is the hero: the pack makes it, and it is left out" in looped


def test_a_clip_that_ends_at_the_hero_is_given_it() -> None:
    (clip,) = clips(plan(brief(end=campaigns_pb2.END_FRAME_HERO)))
    hero = picture_pb2.Hero(image=artifact_pb2.ArtifactRef(digest="sha256:" + "a" * 64, size_bytes=3))
    request = clip_request(clip, hero)

    assert clip.frame_count == 121
    assert request.last_frame == hero.image
    assert not request.leave_out_last


def test_a_loop_leaves_out_the_hero_with_which_it_begins_again() -> None:
    (clip,) = clips(plan(brief(repeat=animation_pb2.REPEAT_LOOP)))
    request = clip_request(clip, picture_pb2.Hero())

    assert (clip.frame_count, clip.ending) == (120, Ending.BEFORE_HERO)
    assert request.leave_out_last
    assert request.HasField("last_frame")


def test_a_long_piece_is_made_of_clips_that_go_out_from_the_hero_and_come_back() -> None:
    asked = brief(seconds=14.0)
    made = clips(plan(asked))

    assert [clip.ending for clip in made] == [Ending.BEFORE_HERO, Ending.BEFORE_HERO, Ending.OPEN]
    assert [clip.frame_count for clip in made] == [120, 120, 121]
    assert len({clip.seed for clip in made}) == 3
    assert [burst.first for burst in bursts_of(asked.motion)] == [0, 120, 240]
    (found,) = [one for one in plan(asked).findings if one.reason == "MADE_OF_CLIPS"]
    assert "goes out from the hero and comes back" in found.message


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"pack": "svd-xt"}, "motion.pack", "makes 7 frames per second, no delivery rate"),
        ({"pack": "sora"}, "motion.pack", "none of the packs that come along"),
        ({"frames_per_second": 30}, "motion.frames_per_second", "use 25, or leave it out"),
        ({"seconds": 12.0, "pack": "wan22-5b"}, "motion.seconds", "or ltx-video"),
        ({"end": campaigns_pb2.END_FRAME_HERO, "pack": "wan22-5b"}, "motion.end", "no last one"),
        ({"end": 9}, "motion.end", "is not known"),
        (
            {"end": campaigns_pb2.END_FRAME_HERO, "repeat": animation_pb2.REPEAT_LOOP},
            "motion.end",
            "stands beside a loop",
        ),
        ({"repeat": animation_pb2.REPEAT_LOOP, "pack": "wan22-5b"}, "motion.repeat", "would not join"),
        ({"repeat": animation_pb2.REPEAT_PING_PONG}, "motion.repeat", "does not come back"),
        ({"negative_prompt": "blur", "pack": "hunyuan-video"}, "motion.negative_prompt", "has no effect"),
        ({"steps": 201}, "motion.steps", "use 0 to 200"),
        ({"steps": 3, "engine": "scene", "clear_air": True}, "motion.steps", "set motion.engine to diffusers"),
        ({"engine": "", "own_pack": clip_pack_message(KISSING)}, "motion.own_pack", "has no use of it"),
    ],
)
def test_what_a_pack_cannot_do_is_refused_with_what_would_do(said: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_motion(motion(**said))

    assert caught.value.metadata["field"] == field
    assert words in caught.value.message


@pytest.mark.parametrize("recipe", ["kiss", "hug", "dance", "heritage"])
def test_an_effect_without_a_pack_that_was_made_for_it_says_what_is_needed(recipe: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_motion(motion(recipe=recipe))

    assert caught.value.reason == "EFFECT_NO_PACK"
    assert "previz" in caught.value.message
    if recipe != "heritage":
        assert f"`effect: {{kind: {recipe}}}`" in caught.value.message


def test_a_pack_of_ones_own_that_was_made_for_the_effect_is_taken() -> None:
    decoded = decode_motion(motion(recipe="kiss", pack="our-kiss", own_pack=clip_pack_message(KISSING)))

    assert decoded.learned is not None
    assert decoded.learned.pack == KISSING
    assert decoded.motion.effect is not None
    assert decoded.motion.effect.kind is EffectKind.KISS


@pytest.mark.parametrize(("recipe", "reason"), [("hug", "EFFECT_NO_PACK"), ("slow-push", "INVALID_FIELD")])
def test_a_pack_for_an_effect_makes_nothing_else(recipe: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_motion(motion(recipe=recipe, pack="our-kiss", own_pack=clip_pack_message(KISSING)))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Our Kiss"}, "motion.own_pack.name"),
        ({"frame_counts": (9, 9)}, "motion.own_pack.frame_counts"),
        ({"frame_counts": (1,)}, "motion.own_pack.frame_counts"),
        ({"frame_counts": (9, 24)}, "motion.own_pack.frame_counts"),
        ({"sizes": {}}, "motion.own_pack.sizes"),
        ({"sizes": {"16:9": (8, 9000)}}, "motion.own_pack.sizes[16:9]"),
        ({"steps": 0}, "motion.own_pack.steps"),
        ({"guidance": -1.0}, "motion.own_pack.guidance"),
        ({"frame_rate": Fraction(16)}, "motion.pack"),
    ],
)
def test_what_is_said_of_a_pack_of_ones_own_is_checked(change: dict[str, Any], field: str) -> None:
    own = clip_pack_message(replace(KISSING, **change))
    with pytest.raises(InvalidInput) as caught:
        decode_motion(motion(recipe="kiss", pack=own.name, own_pack=own))
    assert caught.value.metadata["field"] == field


def test_a_pack_of_ones_own_has_the_name_that_is_asked_for() -> None:
    with pytest.raises(InvalidInput, match="say the same"):
        decode_motion(motion(recipe="kiss", pack="another", own_pack=clip_pack_message(KISSING)))


def test_every_pack_that_comes_along_survives_the_contract() -> None:
    for pack in CLIP_PACKS.values():
        message = clip_pack_message(replace(pack, name="of-ones-own", frame_rate=Fraction(25)))
        decoded = decode_motion(motion(pack="of-ones-own", own_pack=message))
        assert decoded.learned is not None
        assert decoded.learned.pack == replace(pack, name="of-ones-own", frame_rate=Fraction(25))


@pytest.mark.parametrize(
    ("seconds", "clips_", "frames"), [(3.0, 1, 121), (5.0, 1, 121), (6.0, 1, 121), (10.0, 2, 241), (60.0, 12, 1441)]
)
def test_a_piece_is_as_long_as_its_clips_come_nearest_to(seconds: float, clips_: int, frames: int) -> None:
    decoded = decode_motion(motion(seconds=seconds))
    bursts = bursts_of(decoded)
    assert (len(bursts), sum(burst.frame_count for burst in bursts)) == (clips_, frames)


def test_the_clips_of_short_packs_count_as_many_as_they_are() -> None:
    short = replace(KISSING, name="short", frame_counts=(25,), takes_last_frame=True, effect=None)
    message = campaigns_pb2.Brief(campaign="first-light", formats=["16:9"], platforms=["youtube"])
    message.motion.CopyFrom(motion(pack="short", seconds=60.0, own_pack=clip_pack_message(short)))
    message.heroes.add(name="bottle", variations=100).set.scene = "studio"
    message.heroes[0].set.palette, message.heroes[0].set.copy = "amber-dusk", "First"
    assert len(bursts_of(decode_brief(message).motion)) == 60
    message.heroes.add(name="jar", variations=40).set.CopyFrom(message.heroes[0].set)
    with pytest.raises(InvalidInput, match=r"140 lanes of 60 s come to 8400 clips"):
        decode_brief(message)


def test_a_short_pack_that_is_given_no_last_frame_makes_one_clip() -> None:
    short = replace(KISSING, name="short", frame_counts=(25,), effect=None)
    (clip,) = bursts_of(decode_motion(motion(pack="short", own_pack=clip_pack_message(short))))
    assert (clip.frame_count, clip.ending) == (25, Ending.OPEN)


def test_a_pack_with_several_lengths_makes_the_nearest_and_the_longer_of_two() -> None:
    assert [KISSING.frames_for(seconds) for seconds in (3.0, 3.9, 4.04, 4.05, 9.0)] == [97, 97, 105, 105, 121]


def test_a_length_that_becomes_another_is_told() -> None:
    told = {one.reason: one.message for one in plan(brief(seconds=3.0)).findings}
    assert told["LENGTH_OF_PACK"] == "3 s become 4.84 s: ltx-video makes clips of its own length"
    assert "LENGTH_OF_PACK" not in {one.reason for one in plan(brief(seconds=4.8)).findings}
