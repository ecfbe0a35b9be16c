"""From prompts to motions: order, time, degrees, numbers, air."""

from __future__ import annotations

import pytest

from firstframe.core.motion import Air, Atmosphere, CameraMove, CameraPhase, Ease, EffectKind, Heritage, Motion
from firstframe.direction.account import account_of, lines_of
from firstframe.direction.compiler import compile_prompt


def motion(prompt: str, seconds: float = 4.0) -> Motion:
    return compile_prompt(prompt, seconds).motion


def chain(prompt: str, seconds: float = 4.0) -> list[tuple[str, float]]:
    return [(phase.move.value, round(phase.share, 3)) for phase in motion(prompt, seconds).phases]


@pytest.mark.parametrize(
    ("prompt", "phases"),
    [
        ("push in then settle", [("push", 0.75), ("locked", 0.25)]),
        ("start locked, then push in", [("locked", 0.25), ("push", 0.75)]),
        ("pan left and right", [("pan_left", 0.5), ("pan_right", 0.5)]),
        ("push in for 1 second, then pan left", [("push", 0.25), ("pan_left", 0.75)]),
        ("push in over 2 seconds", [("push", 0.5), ("locked", 0.5)]),
        ("push in over 4 seconds", [("push", 1.0)]),
        ("push in, push in closer", [("push", 1.0)]),
        ("move the camera to the left", [("pan_left", 1.0)]),
        ("push in and pull back at the same time", [("push", 1.0)]),
        ("handheld push in", [("push", 1.0)]),
        ("hold", [("locked", 1.0)]),
    ],
)
def test_moves_come_in_order_and_share_the_time(prompt: str, phases: list[tuple[str, float]]) -> None:
    assert chain(prompt) == phases


def test_moves_of_a_chain_have_their_own_degree() -> None:
    made = motion("fast pan left, then a slow push in")
    assert made.strength == 1.0
    assert [phase.amount for phase in made.phases] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("prompt", "strength"),
    [
        ("push in", 0.7),
        ("slow push in", 0.5),
        ("push in, slowly", 0.5),
        ("push in. Very slow.", 0.35),
        ("slow dramatic push in", 0.5),
        ("not too fast, push in", 0.5),
        ("barely push in", 0.2),
        ("a subtle, slow push", 0.2),
        ("dramatic push in", 0.9),
        ("10 % zoom in", 0.9091),
        ("arc of 2 degrees", 0.4444),
        ("arc of 30 degrees", 1.0),
        ("heavy snow, push in", 0.7),
    ],
)
def test_degrees_and_numbers_become_strength(prompt: str, strength: float) -> None:
    assert motion(prompt).strength == pytest.approx(strength, abs=1e-4)


def test_a_speed_stands_instead_of_a_strength() -> None:
    assert (motion("pan left 2% per second").speed, motion("pan left 2% per second").strength) == (2.0, 0.0)
    assert motion("2% per second").speed == 0.0


@pytest.mark.parametrize(
    ("prompt", "ease"),
    [
        ("push in, linear", Ease.LINEAR),
        ("push in, accelerating", Ease.IN),
        ("push in, ease out", Ease.OUT),
        ("push in, ease in and out", Ease.SMOOTH),
    ],
)
def test_eases_belong_to_the_move(prompt: str, ease: Ease) -> None:
    assert motion(prompt).phases == (CameraPhase(CameraMove.PUSH, ease=ease),)


def test_an_ease_alone_is_a_move() -> None:
    assert motion("ease in, slowly").phases == (CameraPhase(CameraMove.PUSH),)
    assert motion("ease in, slowly").strength == 0.5


@pytest.mark.parametrize(
    ("prompt", "air"),
    [
        ("a bit of haze", Air(Atmosphere.MIST, 0.25)),
        ("thick fog in the background", Air(Atmosphere.MIST, 0.9, None, "background")),
        ("dust drifting to the left", Air(Atmosphere.DUST, 0.5, 180.0)),
        ("rain from the left", Air(Atmosphere.RAIN, 0.5, 0.0)),
        ("light sweeping over the bottle", Air(Atmosphere.LIGHT_SWEEP, 0.5)),
        ("drifting clouds in the sky", Air(Atmosphere.CLOUDS, 0.5)),
    ],
)
def test_air_has_amount_heading_and_region(prompt: str, air: Air) -> None:
    assert motion(prompt).airs == (air,)


def test_a_kind_of_air_is_there_once() -> None:
    assert motion("fog, then more fog, heavy fog").airs == (Air(Atmosphere.MIST, 0.9),)


@pytest.mark.parametrize(
    ("prompt", "heritage"),
    [
        ("he blinks", Heritage(blinks=1, breath=0.0)),
        ("blinks twice and breathes", Heritage(blinks=2, breath=0.5)),
        ("slight tilt of the head", Heritage(blinks=0, tilt_deg=2.0, breath=0.0)),
        ("turns his head", Heritage(blinks=0, turn_deg=3.0, breath=0.0)),
        ("heritage", Heritage(blinks=1, breath=0.5)),
    ],
)
def test_portraits_do_what_is_said(prompt: str, heritage: Heritage) -> None:
    effect = motion(prompt).effect
    assert effect is not None
    assert (effect.kind, effect.heritage) == (EffectKind.HERITAGE, heritage)


def test_the_account_says_what_each_word_was_taken_for() -> None:
    account = [
        (one.text, one.kind, one.meaning) for one in account_of(compile_prompt("slow pan, no dust, zorp, the cup"))
    ]
    assert account == [
        ("slow", "degree", ""),
        ("pan", "camera", "pan right; to the right, since no side was said"),
        ("dust", "air", "no dust"),
        ("zorp", "not understood", ""),
        ("the cup", "subject", ""),
    ]


def test_lines_are_words_and_numbers() -> None:
    assert lines_of(compile_prompt("dust drifting to the left")) == [
        "camera: locked, since nothing is said of it",
        "air: dust, amount 0.50, towards 180°",
    ]
    assert lines_of(compile_prompt("static, loop, she blinks")) == [
        "camera: locked camera",
        "repeat: loop",
        "effect: heritage",
    ]
