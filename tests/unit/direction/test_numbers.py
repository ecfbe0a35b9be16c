"""Numbers in prompts: what they are said of, what is no amount, and what is more than a still carries."""

from __future__ import annotations

import pytest

from firstframe.core.motion import Atmosphere, CameraMove
from firstframe.direction.account import account_of
from firstframe.direction.codes import Code
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.linter import linted

PLAIN = compile_prompt("zoom in").motion.strength


def codes(prompt: str) -> set[Code]:
    return {finding.code for finding in linted(compile_prompt(prompt)).findings}


@pytest.mark.parametrize(
    "prompt", ["zoom in by -5%", "-5 % zoom", "zoom −5%", "zoom minus 5 %", "zoom 0%", "zoom, -2 % per second"]
)
def test_a_number_that_is_no_amount_is_told_and_left_out(prompt: str) -> None:
    assert Code.ODD_NUMBER in codes(prompt)
    motion = compile_prompt(prompt).motion
    assert (motion.strength, motion.speed) == (PLAIN, 0)


@pytest.mark.parametrize("prompt", ["zoom 3-5%", "slow zoom - 5%", "zoom: 5%", "no more than 5 % zoom"])
def test_a_dash_is_no_sign(prompt: str) -> None:
    assert Code.ODD_NUMBER not in codes(prompt)


def test_more_than_a_still_carries_is_named_and_cut() -> None:
    directed = compile_prompt("zoom in by 1000%")
    finding = next(one for one in linted(directed).findings if one.code is Code.TOO_LARGE)
    assert "push in of about 11 %, not 1000 %" in finding.message
    assert directed.motion.strength == 1
    assert linted(directed).safe == "slow push in"
    assert codes("pan left 6 %") == {Code.TOO_LARGE}
    assert codes("zoom in by 11.5%") == set()


@pytest.mark.parametrize("prompt", ["zoom in x10", "zoom 10x", "push in 3 times"])
def test_a_factor_is_more_than_a_still_carries(prompt: str) -> None:
    assert Code.TOO_LARGE in codes(prompt)


def test_what_an_angle_was_cut_to_is_told() -> None:
    told = {one.text: one.meaning for one in account_of(compile_prompt("arc of 10 degrees, then push 4 %"))}
    assert told["10 degrees"] == "made 4.5°, the most that a still carries"
    assert told["4 %"] == ""


def test_per_cent_beside_an_air_are_its_amount() -> None:
    motion = compile_prompt("slow push, 30 % haze").motion
    assert [(air.kind, air.amount) for air in motion.airs] == [(Atmosphere.MIST, 0.3)]
    assert motion.strength == 0.5


@pytest.mark.parametrize(
    "prompt",
    [
        "camera spins 360",
        "the camera does a 360",
        "360 view of the shoe",
        "spin the camera around",
        "camera spins",
        "camera does a full 360",
    ],
)
def test_a_camera_that_spins_is_an_arc_that_no_still_carries(prompt: str) -> None:
    directed = compile_prompt(prompt)
    assert [phase.move for phase in directed.motion.phases] == [CameraMove.ORBIT]
    assert Code.TOO_LARGE in codes(prompt)
    assert linted(directed).safe == "slow arc to the right"


def test_a_product_that_turns_is_no_move_of_the_camera() -> None:
    assert [phase.move for phase in compile_prompt("rotate the bottle 360").motion.phases] == [CameraMove.LOCKED]


@pytest.mark.parametrize(
    ("prompt", "airs"),
    [
        ("golden sparkles in the air", [Atmosphere.DUST]),
        ("some sparkles drifting", [Atmosphere.DUST]),
        ("the sea sparkles", [Atmosphere.LIGHT_SWEEP]),
        ("sparkling chrome", [Atmosphere.LIGHT_SWEEP]),
        ("zoom zoom 🔥🔥", []),
        ("🕯️ slow push", [Atmosphere.FLICKER]),
    ],
)
def test_sparkles_float_and_things_sparkle(prompt: str, airs: list[Atmosphere]) -> None:
    assert [air.kind for air in compile_prompt(prompt).motion.airs] == airs
