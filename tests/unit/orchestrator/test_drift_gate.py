"""What is tried when clips drift, and what is told when nothing helps."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from firstframe.core.motion import Air, Atmosphere, CameraMove, Effect, EffectKind, Motion, single
from firstframe.orchestrator.drift_gate import Change, Tried, changed, next_change, report, seed_matters
from firstframe.orchestrator.plan import ClipSpec

PUSH = single(CameraMove.PUSH, 0.5)
DUSTY = single(CameraMove.PUSH, 0.5, Air(Atmosphere.DUST))
LOCKED = single(CameraMove.LOCKED, 0.0, Air(Atmosphere.DUST))


def tried(*changes: Change, failed: str = "wobble") -> list[Tried]:
    return [Tried(change, frozenset({failed})) for change in changes]


@pytest.mark.parametrize(
    ("motion", "engine", "changes"),
    [
        (PUSH, "previz", [Change.LESS_MOTION]),
        (DUSTY, "previz", [Change.LESS_MOTION, Change.ANOTHER_SEED]),
        (PUSH, "diffusers", [Change.LESS_MOTION, Change.ANOTHER_SEED]),
        (LOCKED, "previz", [Change.ANOTHER_SEED]),
        (single(CameraMove.LOCKED, 0.0), "previz", []),
        (single(CameraMove.HANDHELD, 0.3), "previz", [Change.LESS_MOTION, Change.ANOTHER_SEED]),
    ],
)
def test_less_motion_comes_before_another_seed_and_then_it_ends(
    motion: Motion, engine: str, changes: list[Change]
) -> None:
    done = [Change.PLANNED]
    while (change := next_change(tried(*done), motion, engine)) is not None:
        done.append(change)
    assert done[1:] == changes


@pytest.mark.parametrize("measure", ["motion-amount", "freeze", "rest", "first-frame"])
def test_less_motion_is_not_tried_where_it_cannot_help(measure: str) -> None:
    assert next_change(tried(Change.PLANNED, failed=measure), PUSH, "diffusers") is Change.ANOTHER_SEED
    both = [Tried(Change.PLANNED, frozenset({measure, "ghosting"}))]
    assert next_change(both, PUSH, "diffusers") is Change.LESS_MOTION


@pytest.mark.parametrize(
    ("move", "strength", "speed", "less"),
    [
        (CameraMove.PUSH, 0.0, 0.0, False),
        (CameraMove.PUSH, 0.4, 0.0, True),
        (CameraMove.PUSH, 0.0, 3.0, True),
        (CameraMove.LOCKED, 0.4, 0.0, False),
        (CameraMove.LOCKED, 0.0, 3.0, False),
    ],
)
def test_only_what_moves_can_move_less(move: CameraMove, strength: float, speed: float, *, less: bool) -> None:
    motion = replace(single(move, strength), speed=speed)
    assert (next_change(tried(Change.PLANNED), motion, "previz") is Change.LESS_MOTION) == less


def test_an_effect_draws_by_its_seed() -> None:
    assert seed_matters(replace(PUSH, effect=Effect(EffectKind.HERITAGE)), "previz")
    assert not seed_matters(PUSH, "scene")


def test_the_work_of_a_try() -> None:
    spec = ClipSpec("push", 1, replace(PUSH, speed=2.0), "", 90, Fraction(30), 7)
    assert changed(spec, [Change.PLANNED]) == spec
    calmer = changed(spec, [Change.PLANNED, Change.LESS_MOTION])
    assert (calmer.motion.strength, calmer.motion.speed, calmer.seed) == (pytest.approx(0.3), pytest.approx(1.2), 7)
    other = changed(spec, [Change.PLANNED, Change.LESS_MOTION, Change.ANOTHER_SEED])
    assert other.motion == calmer.motion
    assert other.seed != 7
    assert other == changed(spec, [Change.PLANNED, Change.LESS_MOTION, Change.ANOTHER_SEED])
    assert changed(spec, [Change.PLANNED, Change.ANOTHER_SEED]).motion == spec.motion


def test_durable_steps_have_names_of_their_own() -> None:
    names = [change.step("animation/1") for change in Change]
    assert names == ["animation/1", "animation/1/less-motion", "animation/1/another-seed"]


def test_the_report_names_measures_numbers_and_remedies_once() -> None:
    text = report(
        tried(Change.PLANNED, Change.LESS_MOTION),
        {"wobble": "Parts tremble by 0.08 % (at most 0.05 %)"},
        ["use less motion", "use less motion", "another hero"],
    )
    assert text == (
        "the clip drifts from its hero, as planned, then with 0.6 of the motion: wobble: Parts tremble by 0.08 % "
        "(at most 0.05 %). What to do: use less motion; another hero"
    )


def test_the_report_says_what_the_engine_left_out() -> None:
    text = report(
        tried(Change.PLANNED), {"air": "nothing lives"}, ["ask for more air"], ["rain is left out: no region"] * 2
    )
    assert text.endswith(
        "air: nothing lives. The engine says: rain is left out: no region. What to do: ask for more air"
    )
