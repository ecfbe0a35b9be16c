"""What is named as going to distort, and what is not."""

from __future__ import annotations

import pytest

from firstframe.core.motion import EffectKind
from firstframe.direction.codes import MEANINGS, Code
from firstframe.direction.linter import lint


def codes(prompt: str, effect: EffectKind | None = None) -> set[Code]:
    return {finding.code for finding in lint(prompt, effect=effect).findings}


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("fingers tying a bow", Code.HAND_WORK),
        ("a card trick", Code.HAND_WORK),
        ("the logo spins in", Code.TEXT_MOVES),
        ("a cheering crowd", Code.CROWD),
        ("the two of them kiss", Code.TOUCHING),
        ("she runs along the beach", Code.BODY_MOVES),
        ("he talks to us", Code.SPEECH),
        ("coffee is poured", Code.FLUID),
        ("cut to the next scene", Code.SCENE_CHANGE),
        ("the bottle turns into a bird", Code.MORPH),
        ("a bird flies into the frame", Code.NEW_OBJECT),
        ("the watch rotates", Code.SHOWS_HIDDEN),
        ("orbit 360 degrees", Code.TOO_LARGE),
        ("arc of 60 degrees", Code.TOO_LARGE),
        ("orbit 9999 degrees", Code.TOO_LARGE),
        ("pan left at 9 % per second", Code.TOO_LARGE),
        ("slow push over 12 seconds", Code.TOO_LONG),
        ("locked camera, pan left", Code.CONTRADICTION),
        ("pan left and pan right at once", Code.CONTRADICTION),
        ("a quick slow pan", Code.CONTRADICTION),
        ("pan left while pushing in", Code.ONE_AT_A_TIME),
        ("handheld push in", Code.ONE_AT_A_TIME),
        ("pan left, tilt up, push in, pull back", Code.TOO_MUCH),
        ("dust, mist, rain, snow, flowing water", Code.TOO_MUCH),
        ("rack focus", Code.LEARNED_ONLY),
        ("an old man with a grey beard, push in", Code.DESCRIBES_SUBJECT),
        ("push in, zorpling", Code.NOT_UNDERSTOOD),
        ("do something", Code.NO_MOTION),
    ],
)
def test_each_kind_is_named(prompt: str, code: Code) -> None:
    assert code in codes(prompt)


def test_every_code_has_its_words() -> None:
    assert set(MEANINGS) == set(Code)


@pytest.mark.parametrize(
    "prompt",
    [
        "push in on the logo",
        "light sweeps over the label",
        "reflections dancing on the wall",
        "running water in the background",
        "sun-kissed light shifts, slow push",
        "no cuts, no morphing, no people, no text animation, slow push",
        "slow push, do not spin the bottle",
        "push in, then pull back",
        "locked, then a slow push in",
        "arc of 4 degrees",
        "pan left at 2 % per second",
        "push in over 3 seconds",
        "smooth cinematic pan right",
    ],
)
def test_what_is_safe_has_nothing_against_it(prompt: str) -> None:
    assert codes(prompt) == set()


@pytest.mark.parametrize(
    ("prompt", "safe"),
    [
        ("slow pan left, the logo spins", "slow pan left"),
        ("she walks, rain in the background", "locked camera, rain in the background"),
        ("she walks", "slow push in"),
        ("orbit all the way around", "slow arc to the right"),
        ("push in at 9 % per second", "slow push in"),
        ("pan left and pan right at once, snow", "pan left, snow"),
        ("gentle tilt up, then hold, seamless loop, crowd", "gentle tilt up, then hold, seamless loop"),
    ],
)
def test_the_nearest_safe_motion_keeps_what_can_be_kept(prompt: str, safe: str) -> None:
    assert lint(prompt).safe == safe


@pytest.mark.parametrize(
    ("prompt", "effect", "code"),
    [
        ("they kiss", EffectKind.KISS, Code.TOUCHING),
        ("they hug", EffectKind.HUG, Code.TOUCHING),
        ("she dances", EffectKind.DANCE, Code.BODY_MOVES),
    ],
)
def test_modules_take_care_of_their_own(prompt: str, effect: EffectKind, code: Code) -> None:
    assert code in codes(prompt)
    assert code not in codes(prompt, effect)
    assert code in codes(prompt, EffectKind.HERITAGE)


def test_findings_come_in_the_order_of_the_prompt() -> None:
    found = lint("zorpling crowd, the logo spins, rack focus").findings
    assert [one.code for one in found] == [Code.NOT_UNDERSTOOD, Code.CROWD, Code.TEXT_MOVES, Code.LEARNED_ONLY]
    assert [one.text for one in found] == ["zorpling", "crowd", "logo spins", "rack focus"]
