"""What people, animals and things are asked to do, whoever thought of it: who does what, and what it comes to."""

from __future__ import annotations

import pytest

from firstframe.core.motion import CameraMove
from firstframe.direction.actions import code_of, words_of
from firstframe.direction.codes import Code
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.grammar import actions_in
from firstframe.direction.lexicon.actions import Deed, Kind, kinds, verbs
from firstframe.direction.linter import lint
from firstframe.direction.stems import stems_of
from firstframe.direction.tokens import tokens_of
from firstframe.direction.word_forms import Form, is_plural, kind_of, singular, verb_of


def actions(prompt: str) -> list[tuple[str, str]]:
    """Verbs of a prompt with who does them."""
    found = actions_in(words_of(stems_of(tokens_of(prompt))))
    return [(action.lemma, action.doer.noun if action.doer else "") for action in found]


def named(prompt: str) -> dict[str, Code]:
    return {finding.text: finding.code for finding in lint(prompt).findings if finding.distorts}


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("the potter shapes the clay", [("shape", "potter")]),
        ("a girl in a red hat hops", [("hop", "girl")]),
        ("two foxes sprint", [("sprint", "fox")]),
        ("a nanny pours milk and stirs", [("pour", "nanny"), ("stir", "nanny")]),
        ("a clerk counts coins making a tower", [("count", "clerk"), ("make", "clerk")]),
        ("we follow the boy juggling", [("follow", "we"), ("juggle", "boy")]),
        ("make the kettle hop", [("make", ""), ("hop", "kettle")]),
        ("folding the napkin", [("fold", "")]),
        ("napkins being folded", [("fold", "napkin")]),
        ("barking puppies", [("bark", "puppy")]),
        ("the tailor starts to sew", [("sew", "tailor")]),
        ("the jar topples as steam curls", [("topple", "jar"), ("curl", "steam")]),
        ("a person is yodelling", [("yodelling", "person")]),
        ("the guide zorbs", [("zorbs", "guide")]),
        ("slicing onions", [("slice", "")]),
        ("a person is sweeping floor", [("sweep", "person")]),
        ("the jar, a vase and scissors", []),
        ("they juggle", [("juggle", "they")]),
        ("kids running through the park", [("run", "kid")]),
        ("foxes sprint fences", [("sprint", "fox")]),
        ("the foxes on the hill sprint", [("sprint", "fox")]),
        ("see, kettle hop", []),
        ("a potter sits. Spinning", [("sit", "potter"), ("spin", "")]),
    ],
)
def test_a_verb_is_found_with_who_does_it(prompt: str, found: list[tuple[str, str]]) -> None:
    assert [one for one in actions(prompt) if one[0] not in {"start"}] == found


@pytest.mark.parametrize(
    "prompt",
    [
        "the washing machine",
        "past neon signs",
        "sliced bread and folded shirts",
        "the playing cards",
        "a hiking boot for climbing",
        "autumn leaves",
        "two slices",
        "close to camera",
        "an oven and scissors",
        "stained glass panels",
        "steel bars with rivets",
    ],
)
def test_nouns_and_adjectives_are_no_verbs(prompt: str) -> None:
    assert actions(prompt) == []
    assert named(f"slow push in on {prompt}") == {}


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("the potter shapes the clay", Code.HAND_WORK),
        ("napkins being folded", Code.HAND_WORK),
        ("he fastens the harness", Code.HAND_WORK),
        ("a cellist plays a suite", Code.HAND_WORK),
        ("the thumb presses the switch", Code.HAND_WORK),
        ("sisters play tennis", Code.BODY_MOVES),
        ("an otter rolls about", Code.BODY_MOVES),
        ("his shoulders shrug", Code.BODY_MOVES),
        ("the guide shouts", Code.SPEECH),
        ("the parrot says hello", Code.SPEECH),
        ("the syrup spreads", Code.FLUID),
        ("the waiter spills wine", Code.FLUID),
        ("the biscuit crumbles", Code.FLUID),
        ("the candle shrinks", Code.MORPH),
        ("the parcel unfolds", Code.SHOWS_HIDDEN),
        ("the tram rumbles along", Code.UNPROVEN),
        ("marbles scurry", Code.UNPROVEN),
        ("the caption wobbles", Code.TEXT_MOVES),
        ("the second hand ticks around the dial", Code.UNPROVEN),
        ("spectators everywhere", Code.CROWD),
        ("the shuffling of cards", Code.HAND_WORK),
        ("spin the ring", Code.SHOWS_HIDDEN),
        ("squirting lotion", Code.FLUID),
        ("he slides the drawer", Code.HAND_WORK),
        ("she slides", Code.BODY_MOVES),
        ("she melts the butter", Code.HAND_WORK),
        ("the potter hardens", Code.BODY_MOVES),
        ("a truck drives off", Code.UNPROVEN),
    ],
)
def test_an_action_is_named_by_what_it_does_to_a_picture(prompt: str, code: Code) -> None:
    assert code in named(prompt).values()


@pytest.mark.parametrize(
    "prompt",
    [
        "the camera climbs as the curtain sways",
        "light plays over the chrome",
        "sequins catching the light",
        "the model catches the light",
        "she denies it",
        "the model sits and smiles",
        "a woman holding a cup, slow push in",
        "shelves surround the sofa",
        "improve the mood and avoid flicker",
        "use a steady dolly to create depth",
        "mist hugging the ground",
        "the portrait comes to life, one blink",
        "let nothing else move",
        "the camera closes in on the parked motorbike",
        "reveal the brand name as the camera pulls back",
    ],
)
def test_what_a_still_can_show_and_what_the_air_does_is_none(prompt: str) -> None:
    assert named(prompt) == {}


def test_an_action_that_is_denied_is_not_named() -> None:
    assert named("slow push in, the potter does not move and no juggling") == {}


def test_who_pushes_a_cart_is_not_the_camera() -> None:
    found = lint("a porter pushes the trolley")
    assert [finding.code for finding in found.findings if finding.distorts] == [Code.HAND_WORK]


def test_it_stands_for_the_animal_that_was_named() -> None:
    assert Code.BODY_MOVES in named("a kangaroo is resting, then it wades").values()


def test_of_a_crowd_only_the_crowd_is_told() -> None:
    assert set(named("commuters hurry along").values()) == {Code.CROWD}


@pytest.mark.parametrize(
    ("word", "base", "form"),
    [
        ("slices", "slice", Form.THIRD),
        ("carries", "carry", Form.THIRD),
        ("brushes", "brush", Form.THIRD),
        ("hopping", "hop", Form.ING),
        ("shaping", "shape", Form.ING),
        ("carried", "carry", Form.PAST),
        ("stir", "stir", Form.BASE),
    ],
)
def test_verbs_are_known_in_every_form(word: str, base: str, form: Form) -> None:
    assert verb_of(word) == (base, form)


def test_small_words_are_never_verbs() -> None:
    assert verb_of("up") is None
    assert verb_of("down") is None


@pytest.mark.parametrize(
    ("word", "one"), [("puppies", "puppy"), ("women", "woman"), ("boxes", "box"), ("glass", "glass")]
)
def test_nouns_are_known_in_the_singular(word: str, one: str) -> None:
    assert singular(word) == one


def test_plurals_are_told_from_other_words_that_end_in_s() -> None:
    assert [is_plural(word) for word in ("dogs", "people", "glass", "snail's", "bus")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_tables_hold_what_is_said_of_them() -> None:
    assert (verbs()["slice"].person, verbs()["roll"].thing) == (Deed.HAND, Deed.MOVE)
    assert verbs()["sign"].person is Deed.HAND  # corrected by hand
    assert [kind_of(word) for word in ("otters", "nurse", "headline", "thumb", "sofa")] == [
        Kind.ANIMAL,
        Kind.PERSON,
        Kind.SIGN,
        Kind.BODY,
        Kind.THING,
    ]
    assert len(verbs()) > 4000
    assert len(kinds()) > 6000


def test_a_truck_that_drives_is_no_move_of_the_camera() -> None:
    motion = compile_prompt("a truck drives off").motion
    assert [phase.move for phase in motion.phases] == [CameraMove.LOCKED]


def test_the_object_of_a_verb_ends_with_its_clause() -> None:
    texts = [finding.text for finding in lint("the potter hums, cups on a shelf").findings if finding.distorts]
    assert texts == ["hums"]


@pytest.mark.parametrize(
    ("prompt", "code"), [("trickle the honey", Code.FLUID), ("swivel the globe", Code.SHOWS_HIDDEN)]
)
def test_an_order_is_named_by_what_becomes_of_the_thing(prompt: str, code: Code) -> None:
    (action,) = actions_in(words_of(stems_of(tokens_of(prompt))))
    assert action.doer is None
    assert code_of(action) is code
