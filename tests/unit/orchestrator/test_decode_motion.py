"""How heroes move: a recipe, and what a brief changes in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import artifact_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import (
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Effect,
    EffectKind,
    Heritage,
    Motion,
    Repeat,
    Window,
)
from firstframe.core.recipes import Recipe
from firstframe.orchestrator.decode.motion import decode_motion, with_gate
from firstframe.orchestrator.encode import content_digest, recipe_message
from firstframe.orchestrator.plan import Gate
from firstframe.orchestrator.recipes import RECIPES, SHIPPED

PUSH = CameraPhase(CameraMove.PUSH)
OWN = Recipe("sway", 2, Motion((PUSH,), 0.4, (Air(Atmosphere.DUST),), Repeat.PING_PONG), "it sways", 77)
MASK = artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64)
Change = Callable[[campaigns_pb2.MotionBrief], object]


def message(recipe: Recipe | None = OWN) -> campaigns_pb2.MotionBrief:
    brief = campaigns_pb2.MotionBrief(recipe=recipe.name if recipe else "slow-push", seconds=4)
    if recipe:
        brief.own.CopyFrom(recipe_message(recipe))
    return brief


def test_a_recipe_of_ones_own_is_taken_as_it_is_sent() -> None:
    decoded = decode_motion(message())
    assert decoded.recipe == OWN
    assert decoded.motion == OWN.motion


def test_one_that_comes_along_is_known_by_name_and_version() -> None:
    brief = message(None)
    assert decode_motion(brief).recipe is RECIPES["slow-push"]
    brief.recipe_version = 1
    assert decode_motion(brief).recipe.reference == "slow-push@1"


def test_a_brief_changes_amount_air_and_what_comes_after_the_end() -> None:
    brief = message()
    brief.strength = 0.75
    brief.airs.add(kind=animation_pb2.ATMOSPHERE_SNOW, amount=0.25)
    brief.repeat = animation_pb2.REPEAT_ONCE
    assert decode_motion(brief).motion == Motion((PUSH,), 0.75, (Air(Atmosphere.SNOW, 0.25),))
    brief.strength, brief.speed_percent_per_s = 0, 3
    motion = decode_motion(brief).motion
    assert (motion.strength, motion.speed) == (0, 3)
    fast = Recipe("fast", 1, Motion((PUSH,), 0.0, speed=4.0), "")
    brief = message(fast)
    assert decode_motion(brief).motion.speed == 4
    brief.strength = 0.5
    assert decode_motion(brief).motion == Motion((PUSH,), 0.5)


def test_clear_air_takes_away_what_a_recipe_has() -> None:
    brief = message()
    brief.clear_air = True
    assert decode_motion(brief).motion.airs == ()
    brief = message()
    brief.atmosphere = animation_pb2.ATMOSPHERE_MIST
    assert decode_motion(brief).motion.airs == (Air(Atmosphere.MIST),)


def _window(brief: campaigns_pb2.MotionBrief) -> None:
    brief.own.motion.window.end = 1


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda b: setattr(b, "recipe", "other"), "motion.recipe", "is 'other', the recipe is sway; say the same"),
        (lambda b: setattr(b, "recipe_version", 3), "motion.recipe_version", "is 3, the recipe is sway@2"),
        (lambda b: setattr(b.own, "name", "S"), "motion.own.name", "'S' is not a name"),
        (lambda b: setattr(b.own, "version", 0), "motion.own.version", "use 1 to 999999"),
        (lambda b: setattr(b.own, "seed", 2**32), "motion.own.seed", "use a whole number from 0 to 4294967295"),
        (lambda b: setattr(b.own, "words", "a" * 201), "motion.own.words", "use at most 200"),
        (lambda b: setattr(b.own.motion, "prompt", "a"), "motion.own.motion.prompt", "is a campaign's"),
        (_window, "motion.own.motion.window", "is a campaign's, not a recipe's; leave it out"),
        (lambda b: setattr(b.own.motion, "strength", 2), "motion.own.motion.strength", "0 to 1"),
        (lambda b: setattr(b, "speed_percent_per_s", 21), "motion.speed_percent_per_s", "more than 0 and at most 20"),
        (
            lambda b: (setattr(b, "strength", 0.5), setattr(b, "speed_percent_per_s", 2)),
            "motion.speed_percent_per_s",
            "keep",
        ),
        (lambda b: (setattr(b, "clear_air", True), setattr(b, "atmosphere", 1)), "motion.clear_air", "keep one"),
        (lambda b: (b.airs.add(kind=1), setattr(b, "atmosphere", 1)), "motion.airs", "stands beside atmosphere"),
        (lambda b: b.airs.add(kind=1).mask.CopyFrom(MASK), "motion.airs[0].mask", "fits no other; name a region"),
        (lambda b: b.own.motion.airs[0].mask.CopyFrom(MASK), "motion.own.motion.airs[0].mask", "fits no other"),
        (lambda b: b.airs.add(kind=99), "motion.airs[0].kind", "99 is not known"),
        (lambda b: setattr(b, "repeat", 9), "motion.repeat", "9 is not known"),
    ],
)
def test_what_is_wrong_has_its_field_and_the_fix(change: Change, field: str, words: str) -> None:
    brief = message()
    change(brief)
    with pytest.raises(InvalidInput) as caught:
        decode_motion(brief)
    assert caught.value.metadata["field"] == field
    assert words in caught.value.message


def test_a_recipe_that_does_not_come_along_is_refused_with_the_nearest() -> None:
    brief = campaigns_pb2.MotionBrief(recipe="slow-psh", seconds=4)
    with pytest.raises(InvalidInput, match=r"motion.recipe: 'slow-psh' is not a recipe; did you mean `slow-push`"):
        decode_motion(brief)
    brief.recipe, brief.recipe_version = "slow-push", 9
    with pytest.raises(InvalidInput, match="slow-push has no version 9; it has 1"):
        decode_motion(brief)
    brief.recipe_version = -1
    with pytest.raises(InvalidInput, match="use 1 to 999999"):
        decode_motion(brief)


def test_the_digest_of_a_recipe_is_that_of_what_it_does() -> None:
    again = Recipe("other", 5, OWN.motion, "other words", OWN.seed)
    assert content_digest(again) == content_digest(OWN)
    others = (
        Recipe("sway", 2, OWN.motion, "it sways"),
        Recipe("sway", 2, OWN.motion, "it sways", 78),
        Recipe("sway", 2, Motion((PUSH,), 0.4, (Air(Atmosphere.DUST),)), "it sways", 77),
    )
    assert len({content_digest(item) for item in (OWN, *others)}) == 4


DIGESTS = {
    "breeze@1": "c9dde6efe12ec7d3",
    "candlelight@1": "89e15fb6e93dd0c6",
    "dance@1": "b1b7676768189bc0",
    "dust-drift@1": "0389b0e8bcf0b8ad",
    "first-snow@1": "e0a4cffb3a60353f",
    "glide@1": "a09c19bf56dfc0ed",
    "handheld@1": "07a85c4fe1d63aaf",
    "heritage@1": "47593ce7cde23b4f",
    "hero-arc@1": "7bc6769c7fc12ebf",
    "hug@1": "ed958a8eefdab275",
    "kiss@1": "dae7fe043d211eac",
    "light-pass@1": "bb7898fac1939450",
    "living-photo@1": "6d33bba84ea78f31",
    "locked@1": "47d6e5481e6a3f5b",
    "morning-mist@1": "c40798a37f028321",
    "open-sky@1": "25939c7ea9154e86",
    "orbit@1": "0fbf6c85bb283e2d",
    "pan-left@1": "20600df01afec3e4",
    "pan-right@1": "24fc613baf82a01f",
    "poolside@1": "6f6213de8dd7ba12",
    "punch-in@1": "f38e7f02ffadb7cc",
    "push-settle@1": "ba6f234185c825b3",
    "push@1": "f9b7bfbb4f5015fa",
    "rainy-day@1": "d6e98bbe12d33bcd",
    "reveal@1": "ab1060cf4cac2eeb",
    "rise@1": "a4dd7f0be7a5c9c1",
    "sink@1": "5eb8da9a6c131f0a",
    "slow-pull@1": "a1d68f6e65f3d3e2",
    "slow-push@1": "2ab088d277b6b1dd",
    "still-water@1": "d34b54d49f91061f",
    "there-and-back@1": "29681ca53fff18a5",
    "tilt-down@1": "290803519d5b6e36",
    "tilt-up@1": "841b8d0465f6abdd",
    "vertigo-out@1": "42eb2b1ca13b4b1b",
    "vertigo@1": "7837f7d9baba3a89",
}
"""Beginnings of the digests of what comes along."""


@pytest.mark.parametrize("recipe", SHIPPED, ids=lambda recipe: recipe.reference)
def test_what_comes_along_never_moves(recipe: Recipe) -> None:
    # What was accepted with a name and version is refused with another content: a new motion needs a new version.
    assert content_digest(recipe)[:16] == DIGESTS[recipe.reference]


def test_an_effect_on_people_is_one_clip_and_alone() -> None:
    calm = Motion((CameraPhase(CameraMove.LOCKED),), 1.0, effect=Effect(EffectKind.HERITAGE, Heritage()))
    assert decode_motion(message(Recipe("old", 1, calm, ""))).motion == calm
    long = message(Recipe("old", 1, calm, ""))
    long.seconds = 8
    with pytest.raises(InvalidInput, match=r"motion\.seconds: 8 s are several clips, and an effect on people is one"):
        decode_motion(long)
    dusty = message(Recipe("old", 1, calm, ""))
    dusty.atmosphere = animation_pb2.ATMOSPHERE_DUST
    with pytest.raises(InvalidInput, match=r"motion\.airs: stand beside an effect on people; take the air away"):
        decode_motion(dusty)
    with pytest.raises(InvalidInput, match=r"motion\.recipe: moves the camera beside an effect"):
        decode_motion(message(Recipe("old", 1, replace(calm, phases=(PUSH,)), "")))


def test_windows_are_the_planners() -> None:
    assert all(recipe.motion.window == Window() for recipe in RECIPES.values())


@pytest.mark.parametrize(
    ("said", "setting", "kept"),
    [
        ("UNSPECIFIED", Gate.RETRY, Gate.RETRY),
        ("UNSPECIFIED", Gate.REPORT, Gate.REPORT),
        ("UNSPECIFIED", Gate.NONE, Gate.NONE),
        ("RETRY", Gate.NONE, Gate.RETRY),
        ("REPORT", Gate.NONE, Gate.REPORT),
        ("NONE", Gate.RETRY, Gate.NONE),
    ],
)
def test_a_brief_says_what_becomes_of_clips_that_drift_or_has_the_setting(said: str, setting: Gate, kept: Gate) -> None:
    brief = campaigns_pb2.Brief(motion=message())
    brief.motion.gate = campaigns_pb2.DriftGate.Value(f"DRIFT_GATE_{said}")
    before = brief.SerializeToString()
    assert decode_motion(with_gate(brief, setting).motion).gate is kept
    assert brief.SerializeToString() == before


def test_a_brief_is_left_as_it_is_where_the_setting_is_the_usual_one() -> None:
    brief = campaigns_pb2.Brief(motion=message())
    assert with_gate(brief, Gate.RETRY) == brief


def test_a_gate_of_a_later_contract_is_refused() -> None:
    brief = message()
    brief.gate = 9  # type: ignore[assignment]
    with pytest.raises(InvalidInput) as raised:
        decode_motion(brief)
    assert raised.value.metadata["field"] == "motion.gate"
