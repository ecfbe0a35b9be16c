"""Motion prompts of briefs: compiled where no recipe is named, and looked over."""

from __future__ import annotations

import dataclasses
import math

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import Atmosphere, CameraMove, Effect, EffectKind, Motion, single
from firstframe.core.recipes import Recipe
from firstframe.direction.compiler import compile_prompt
from firstframe.orchestrator.brief import MotionBrief
from firstframe.orchestrator.decode.motion import decode_motion
from firstframe.orchestrator.prompt_findings import findings_of
from firstframe.orchestrator.prompted import recipe_of_prompt, with_compiled_prompt

PUSH = single(CameraMove.PUSH, 0.5)


def compiled(prompt: str, seconds: float = 4.0) -> MotionBrief:
    brief = campaigns_pb2.Brief(motion=campaigns_pb2.MotionBrief(prompt=prompt, seconds=seconds))
    return decode_motion(with_compiled_prompt(brief).motion)


def said(prompt: str, motion: Motion = PUSH) -> dict[str, str]:
    brief = MotionBrief(Recipe("own", 1, motion, ""), prompt, 4.0, 30, motion)
    found = list(findings_of(brief))
    assert len({finding.reason for finding in found}) == len(found)
    return {finding.reason: finding.message for finding in found}


def test_a_prompt_without_a_recipe_becomes_the_motion() -> None:
    brief = compiled("slow pan left, then hold, a bit of haze, seamless loop")
    assert brief.motion == compile_prompt(brief.prompt, 4.0).motion
    assert brief.motion.phases[0].move is CameraMove.PAN_LEFT
    assert brief.recipe.words == "slow pan left, then hold, a little mist, seamless loop"


def test_a_recipe_of_a_prompt_is_named_by_what_it_does() -> None:
    one = recipe_of_prompt("slow push in", 4.0)
    assert one.name.startswith("prompt-")
    assert recipe_of_prompt("Slowly, push in!", 4.0) == one
    assert recipe_of_prompt("quickly push in", 4.0).name != one.name


def test_speeds_of_prompts_pass_through_the_contract() -> None:
    assert (
        compiled("push in at 2% per second").motion.speed,
        compiled("push in at 2% per second").motion.strength,
    ) == (2, 0)


def test_a_recipe_that_is_named_stays() -> None:
    brief = campaigns_pb2.Brief(motion=campaigns_pb2.MotionBrief(recipe="slow-push", prompt="pan left", seconds=4))
    assert with_compiled_prompt(brief) is brief
    assert decode_motion(brief.motion).motion.camera is CameraMove.PUSH


def test_neither_recipe_nor_prompt_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        compiled("")
    assert caught.value.metadata["field"] == "motion.recipe"


def test_a_prompt_in_which_nothing_moves_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        compiled("a red bottle on a table")
    assert caught.value.metadata["field"] == "motion.prompt"


@pytest.mark.parametrize("seconds", [0.0, math.nan, -1.0, 1e9])
def test_wrong_lengths_are_left_to_who_checks_them(seconds: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        compiled("push in", seconds)
    assert caught.value.metadata["field"] == "motion.seconds"


@pytest.mark.parametrize(
    ("prompt", "reason", "words"),
    [
        ("push in, hands tying the laces", "MOTION_WILL_DISTORT", '"tying the laces": fingers'),
        ("push in and pull back at the same time", "MOTION_CONTRADICTS", "`push in` and `pull back`"),
        ("push in, with a pan left while tilting up", "MOTION_SIMPLIFIED", "one move at a time"),
        ("push in, rack focus", "MOTION_NEEDS_MODEL", "change of focus"),
        ("push in, photo of a woman in a red dress", "PROMPT_DESCRIBES_SUBJECT", "the still gives it"),
        ("push in, zorpling", "PROMPT_NOT_UNDERSTOOD", '"zorpling"'),
        ("pan left", "PROMPT_NOT_USED", "the prompt says pan left, the recipe push in"),
        ("push in, rain and fog", "PROMPT_NOT_USED", "the prompt says mist, rain"),
    ],
)
def test_a_plan_tells_what_a_prompt_comes_to(prompt: str, reason: str, words: str) -> None:
    assert words in said(prompt)[reason]


def test_what_fits_the_recipe_is_not_told() -> None:
    assert said("slow push in") == {}
    assert said("push in, dust", dataclasses.replace(PUSH, airs=compile_prompt("dust").motion.airs)) == {}
    assert said("") == {}
    assert said("no zoom") == {}


def test_an_effect_takes_care_of_what_it_is_for() -> None:
    kiss = dataclasses.replace(PUSH, effect=Effect(EffectKind.KISS))
    assert "MOTION_WILL_DISTORT" in said("they kiss, push in")
    assert "MOTION_WILL_DISTORT" not in said("they kiss, push in", kiss)


def test_the_safe_motion_is_named() -> None:
    assert "`slow push in, snow`" in said("slow push in, snow, crowd cheering")["MOTION_WILL_DISTORT"]
    assert Atmosphere.SNOW in {air.kind for air in compile_prompt("slow push in, snow").motion.airs}


def test_what_a_prompt_comes_to_is_told_where_it_is_the_motion() -> None:
    (finding,) = findings_of(compiled("slow pan left, dust"))
    assert finding.reason == "PROMPT_COMPILED"
    assert finding.message == (
        "camera: pan left, 0.9 % of the frame per second at its fastest, over 4.0 s; air: dust, amount 0.50"
    )
