"""Recipes as a person writes them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firstframe.core.motion import (
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Ease,
    Effect,
    EffectKind,
    FlickerLight,
    Heritage,
    Keyframe,
    Motion,
    Repeat,
)
from firstframe.core.recipe_trees import Fault, airs_of, recipe_of, tree_of
from firstframe.core.recipes import Recipe, chosen, parse_reference

FULL = """
recipe: reveal
version: 3
about: pushes in, then settles
camera:
  - {move: push, share: 0.7, ease: out}
  - {move: dolly-zoom, amount: 0.4, share: 0.3, keys: [[0, 0], [0.5, -0.2], [1, 1]]}
speed: 2.5
airs: [dust, {kind: light-sweep, amount: 0.25, direction: 90, region: subject}, {kind: flicker, light: neon}]
loop: ping-pong
effect: {kind: heritage, blinks: 2, turn: -3, tilt: 1.5, breath: 0.25, restore: true}
seed: 11
"""


def read(tree: Any) -> tuple[Recipe, list[tuple[str, str]]]:
    faults: list[Fault] = []
    recipe = recipe_of(tree, faults)
    return recipe, [(fault.field, fault.message) for fault in faults]


def changed(**changes: Any) -> dict[str, Any]:
    tree = {"recipe": "a", "version": 1, "camera": "push", "strength": 0.5} | changes
    return {key: value for key, value in tree.items() if value is not None}


def test_the_whole_vocabulary_is_read() -> None:
    recipe, faults = read(yaml.safe_load(FULL))
    assert faults == []
    assert recipe == Recipe(
        name="reveal",
        version=3,
        motion=Motion(
            phases=(
                CameraPhase(CameraMove.PUSH, share=0.7, ease=Ease.OUT),
                CameraPhase(
                    CameraMove.DOLLY_ZOOM, 0.4, 0.3, keys=(Keyframe(0, 0), Keyframe(0.5, -0.2), Keyframe(1, 1))
                ),
            ),
            strength=0.0,
            airs=(
                Air(Atmosphere.DUST),
                Air(Atmosphere.LIGHT_SWEEP, 0.25, 90, "subject"),
                Air(Atmosphere.FLICKER, light=FlickerLight.NEON),
            ),
            repeat=Repeat.PING_PONG,
            effect=Effect(EffectKind.HERITAGE, Heritage(2, -3, 1.5, 0.25, restore=True)),
            speed=2.5,
        ),
        words="pushes in, then settles",
        seed=11,
    )


def test_what_is_left_out_has_its_default() -> None:
    recipe, faults = read({"recipe": "a", "version": 1, "camera": ["pan-left", "pan-right"], "airs": "snow"})
    assert faults == []
    assert recipe.motion == Motion(
        (CameraPhase(CameraMove.PAN_LEFT, share=0.5), CameraPhase(CameraMove.PAN_RIGHT, share=0.5)),
        strength=0.5,
        airs=(Air(Atmosphere.SNOW),),
    )
    assert recipe.seed is None


@pytest.mark.parametrize(
    ("loop", "repeat"), [(True, Repeat.LOOP), (False, Repeat.ONCE), ("ping-pong", Repeat.PING_PONG)]
)
def test_loops_are_said_in_words(loop: object, repeat: Repeat) -> None:
    assert read(changed(loop=loop))[0].motion.repeat is repeat


@pytest.mark.parametrize(
    ("tree", "field", "words"),
    [
        ([], "", "must be entries such as `recipe: …`, not a list"),
        (changed(recipe=None), "recipe", "is missing; give the recipe a name"),
        (changed(recipe="A b"), "recipe", "'A b' is not a name; use lower-case letters"),
        (changed(recipe="a@2"), "recipe", "'a@2' is not a name"),
        (changed(version=None), "version", "is missing; write it as a whole number, from 1"),
        (changed(version=True), "version", "True will not do; use a whole number from 1 to 999999"),
        (changed(version=1.5), "version", "1.5 will not do"),
        (changed(camera=None), "camera", "is missing; name one of locked, push,"),
        (changed(camera=[]), "camera", "is empty; give at least one, or leave it out"),
        (changed(camera="puhs"), "camera.move", "'puhs' is not known; did you mean `push`?"),
        (changed(camera=["push"] * 9), "camera", "has 9 items; give at most 8"),
        (changed(camera=["push", {"amount": 1}]), "camera[1].move", "is missing; name one of locked"),
        (
            changed(camera=[{"move": "push", "amount": 2}]),
            "camera[0].amount",
            "2 will not do; use a number from 0 to 1",
        ),
        (changed(camera=[{"move": "push", "share": 0}]), "camera[0].share", "use more than 0 and at most 1"),
        (changed(camera=[{"move": "push", "share": 0.5}, "pull"]), "camera", "give one to all, or to none"),
        (changed(camera=[{"move": "push", "share": 0.5}]), "camera", "the shares come to 0.5; let them come to 1"),
        (changed(camera=[{"move": "push", "easy": "in"}]), "camera[0].easy", "did you mean `ease`?"),
        (changed(camera={"move": "push", "ease": "in", "keys": [[0, 1]]}), "camera.ease", "stands beside keys"),
        (changed(camera={"move": "push", "keys": [[0, 1], [0, 1]]}), "camera.keys[1]", "is at 0, not after 0; order"),
        (changed(camera={"move": "push", "keys": [[0, 2]]}), "camera.keys[0]", "a way from -1 to 1"),
        (changed(camera={"move": "push", "keys": [[0, "a"]]}), "camera.keys[0]", "must be two numbers"),
        (changed(camera={"move": "push", "keys": [3]}), "camera.keys[0]", "must be two numbers"),
        (changed(speed=2), "speed", "stands beside strength; keep one of them"),
        (changed(strength=float("nan")), "strength", "nan will not do; use a number from 0 to 1"),
        (changed(strength=None, speed=21), "speed", "use a number from 0 to 20"),
        (changed(airs="dusk"), "airs.kind", "'dusk' is not known; did you mean `dust`?"),
        (changed(airs=["dust"] * 5), "airs", "has 5 items; give at most 4"),
        (changed(airs=[{"kind": "rain", "light": "neon"}]), "airs[0].light", "has no place in rain; leave it out"),
        (changed(airs=[{"kind": "flicker", "light": "neno"}]), "airs[0].light", "did you mean `neon`?"),
        (changed(airs=[{"kind": "rain", "region": 3}]), "airs[0].region", "must be one line of text, not 3"),
        (changed(airs=[{"kind": "rain", "region": "x" * 64}]), "airs[0].region", "has 64 characters; use at most 63"),
        (changed(loop="sometimes"), "loop", "'sometimes' is not known; use one of false, true, ping-pong"),
        (changed(effect="waltz"), "effect.kind", "use one of heritage, dance, kiss, hug"),
        (changed(effect={"kind": "kiss", "blinks": 1}), "effect.blinks", "has no place in kiss; leave it out"),
        (changed(effect={"kind": "heritage", "track": "a"}), "effect.track", "has no place in heritage"),
        (changed(effect={"kind": "heritage", "turn": 50}), "effect.turn", "use a number from -45 to 45"),
        (changed(seed=-1), "seed", "use a whole number from 0 to 4294967295"),
        (changed(about="two\nlines"), "about", "must be one line of text"),
        (changed(colour="red"), "colour", "is not a key of a recipe here"),
    ],
)
def test_each_fault_has_its_field_and_the_fix(tree: object, field: str, words: str) -> None:
    _, faults = read(tree)
    assert [found for found in faults if found[0] == field and words in found[1]], faults


def test_all_faults_are_told_at_once() -> None:
    fields = [field for field, _ in read(changed(version=0, camera=["a", "push"], strength=2, seed="x"))[1]]
    assert fields == ["version", "camera[0].move", "strength", "seed"]


def test_airs_stand_at_the_path_that_they_are_given() -> None:
    faults: list[Fault] = []
    assert airs_of(["mist", "nope"], "motion.airs", faults) == (Air(Atmosphere.MIST),)
    assert faults[0].field == "motion.airs[1].kind"


_share = st.floats(0, 1).map(lambda value: round(value, 3))
_keys = st.lists(st.tuples(_share, st.floats(-1, 1)), unique_by=lambda key: key[0], max_size=4).map(sorted)
_phases = st.builds(
    lambda move, amount, ease, keys: CameraPhase(
        move, amount, ease=Ease.SMOOTH if keys else ease, keys=tuple(Keyframe(*key) for key in keys)
    ),
    st.sampled_from(CameraMove),
    _share,
    st.sampled_from(Ease),
    _keys,
)
_airs = st.builds(
    Air, st.sampled_from(Atmosphere), _share, st.none() | st.floats(-360, 360), st.sampled_from(["", "sky", "subject"])
)
_heritage = st.builds(Heritage, st.integers(0, 3), st.floats(-45, 45), st.floats(-45, 45), _share, st.booleans())
_effects = (
    st.builds(Effect, st.just(EffectKind.HERITAGE), _heritage)
    | st.builds(Effect, st.just(EffectKind.DANCE), st.none(), st.sampled_from(["", "sway"]))
    | st.just(Effect(EffectKind.KISS))
)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    phases = draw(st.lists(_phases, min_size=1, max_size=4))
    share = 1 / len(phases)
    speed = draw(st.just(0.0) | st.floats(0.01, 20))
    motion = Motion(
        phases=tuple(CameraPhase(item.move, item.amount, share, item.ease, item.keys) for item in phases),
        strength=0.0 if speed else draw(_share),
        airs=tuple(draw(st.lists(_airs, max_size=4))),
        repeat=draw(st.sampled_from(Repeat)),
        effect=draw(st.none() | _effects),
        speed=speed,
    )
    return Recipe(
        "a-name", draw(st.integers(1, 9)), motion, "what it does", draw(st.none() | st.integers(0, 2**32 - 1))
    )


@given(recipes())
def test_a_recipe_that_is_written_is_read_again(recipe: Recipe) -> None:
    again, faults = read(yaml.safe_load(yaml.safe_dump(tree_of(recipe))))
    assert faults == []
    assert again == recipe


def test_references_name_a_version_or_the_newest() -> None:
    versions = [Recipe("a", number, Motion((CameraPhase(CameraMove.PUSH),), 1), "") for number in (1, 3, 2)]
    assert parse_reference("a@2") == ("a", 2)
    assert chosen(versions, "a", None) is versions[1]
    assert chosen(versions, "a", 2) is versions[2]
    assert chosen(versions, "b", None) is None
    assert versions[1].reference == "a@3"
