"""Motions in English: as a person reads them, and as learned engines do."""

from __future__ import annotations

import dataclasses

import pytest

from firstframe.core.motion import Air, Atmosphere, CameraMove, CameraPhase, Ease, Motion, Repeat, single
from firstframe.direction import scale
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.families import FAMILIES, motion_bucket, physics_prompt
from firstframe.direction.linter import lint
from firstframe.direction.words import camera_line, physics, safe_prompt, strength_of
from firstframe.imaging import moves


@pytest.mark.parametrize("move", CameraMove)
@pytest.mark.parametrize("strength", [0.2, 0.4, 0.5, 0.7, 0.9])
def test_every_move_is_read_back_from_its_words(move: CameraMove, strength: float) -> None:
    words = safe_prompt(single(move, strength))
    back = compile_prompt(words).motion
    assert back.phases == (CameraPhase(move),)
    if move not in scale.RESTING:
        assert back.strength == pytest.approx(strength)
    assert lint(words).findings == ()


@pytest.mark.parametrize("kind", Atmosphere)
@pytest.mark.parametrize("region", ["", "background", "subject"])
@pytest.mark.parametrize("amount", [0.25, 0.5, 0.9])
def test_every_air_is_read_back_from_its_words(kind: Atmosphere, region: str, amount: float) -> None:
    if kind is Atmosphere.CLOUDS and region:
        return
    motion = single(CameraMove.PUSH, 0.5, Air(kind, amount, None, region))
    assert compile_prompt(safe_prompt(motion)).motion == motion
    locked = safe_prompt(single(CameraMove.LOCKED, 0.0, *motion.airs))
    assert lint(safe_prompt(motion)).findings == lint(locked).findings == ()


@pytest.mark.parametrize("repeat", Repeat)
def test_loops_chains_and_speeds_are_read_back(repeat: Repeat) -> None:
    phases = (CameraPhase(CameraMove.PUSH, share=0.75), CameraPhase(CameraMove.LOCKED, share=0.25))
    motion = Motion(phases, 0.0, repeat=repeat, speed=1.5)
    assert compile_prompt(safe_prompt(motion)).motion == motion


def test_every_move_and_air_is_told_to_models_in_its_own_words() -> None:
    assert len({physics(single(move, 0.5)) for move in CameraMove}) == len(CameraMove)
    assert len({physics(single(CameraMove.PUSH, 0.5, Air(kind))) for kind in Atmosphere}) == len(Atmosphere)


def test_a_model_is_told_how_much() -> None:
    told = [physics(single(CameraMove.PUSH, strength)) for strength in (0.2, 0.5, 0.7, 1.0)]
    assert told == [
        "The camera very slowly pushes in.",
        "The camera slowly pushes in.",
        "The camera pushes in.",
        "The camera clearly pushes in.",
    ]
    eased = Motion(
        (CameraPhase(CameraMove.PULL, ease=Ease.OUT),), 0.7, (Air(Atmosphere.RAIN, 0.9, None, "background"),)
    )
    assert physics(eased) == "The camera pulls back, coming to rest. Heavily, rain falls in the background."


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("a young woman in a red dress, slow push in", "The camera slowly pushes in."),
        ("slow push in, her hair blows in the wind", "The camera slowly pushes in. Her hair blows in the wind."),
        ("slow push in, zorpling about", "The camera slowly pushes in. Zorpling about."),
        ("no dust, slow push in, no rack focus", "The camera slowly pushes in."),
        ("push in, then hold, 4k, bokeh", "The camera pushes in; then it stays still."),
        ("slow push in, hands tying the laces", "The camera slowly pushes in. Hands tying the laces."),
        ("push in, a woman smiles at the camera", "The camera pushes in. The subject smiles at the camera."),
        ("push in and zorpling the", "The camera pushes in. Zorpling."),
        ("whip pan left", "The camera pans to the left."),
    ],
)
def test_a_model_is_told_what_moves_and_not_what_is_seen(prompt: str, told: str) -> None:
    assert physics_prompt(compile_prompt(prompt)) == told


def test_the_camera_of_the_motion_counts_and_the_air_of_both() -> None:
    told = physics_prompt(compile_prompt("pan left, snow"), single(CameraMove.PUSH, 0.5, Air(Atmosphere.DUST)))
    assert told == "The camera slowly pushes in. Fine dust drifts in the light. Snow falls."


def test_families_read_what_they_can() -> None:
    told = {family.name: family.reads(single(CameraMove.PUSH, 0.5)) for family in FAMILIES}
    assert told["svd"] == "no words, motion bucket 128 and the frame rate"
    assert told["hunyuan"] == "the prompt"
    assert told["wan"] == "the prompt and the negative prompt"
    assert (motion_bucket(0.0), motion_bucket(1.0)) == (1, 255)


def test_largest_moves_are_those_of_the_camera() -> None:
    assert (scale.GROWTH, scale.SLIDE, scale.ORBIT_DEG) == (moves.PUSH_SCALE, moves.SLIDE, moves.ORBIT_DEG)


def test_moves_are_told_in_numbers() -> None:
    motion = single(CameraMove.PAN_LEFT, 0.5)
    assert camera_line(motion.phases[0], motion, 4.0) == (
        "pan left, 0.9 % of the frame per second at its fastest, over 4.0 s"
    )
    linear = dataclasses.replace(motion, phases=(CameraPhase(CameraMove.PUSH, ease=Ease.LINEAR),), strength=1.0)
    assert camera_line(linear.phases[0], linear, 4.0).startswith("push in, 2.8 %")
    arc = single(CameraMove.ORBIT, 0.5)
    assert camera_line(arc.phases[0], arc, 4.0) == "arc to the right, 2.2°, over 4.0 s"
    fast = Motion((CameraPhase(CameraMove.PUSH),), 0.0, speed=2.0)
    assert camera_line(fast.phases[0], fast, 4.0).startswith("push in, 2 % of the frame per second,")


def test_a_speed_has_the_strength_that_it_comes_to() -> None:
    fast = Motion((CameraPhase(CameraMove.PUSH),), 0.0, speed=scale.percent_per_second(CameraMove.PUSH, 0.6, 4.0))
    assert strength_of(fast, 4.0) == pytest.approx(0.6)
    assert strength_of(dataclasses.replace(fast, speed=20.0), 4.0) == 1.0
    assert strength_of(single(CameraMove.PAN_LEFT, 0.3)) == 0.3
