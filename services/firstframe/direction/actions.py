"""What people, animals and things are asked to do: whatever it is, nobody has shown that it holds.

Tables of risky phrases know what was thought of. This knows what a sentence is: a verb that moves something, done by
somebody or something that is neither the camera nor in the air. What the verb does to a picture follows from WordNet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firstframe.direction.codes import Code
from firstframe.direction.grammar import LIVING, Action, Doer, Word, actions_in
from firstframe.direction.lexicon.actions import Deed, Kind
from firstframe.direction.lexicon.entries import Tag, word_set
from firstframe.direction.lexicon.safe import (
    AIRY,
    CROWDS,
    FACES,
    GAMES,
    HANDLED,
    HANDS,
    LIGHT_VERBS,
    LIQUIDS,
    OF_LIGHT,
    OF_PERSONS,
    OF_THINGS,
    SAFE,
    SEEN_BY_CAMERA,
)
from firstframe.direction.stems import Stem
from firstframe.direction.word_forms import kind_of

_TAKEN = frozenset(
    {Tag.MOVE, Tag.AIR, Tag.EFFECT, Tag.LOCKED, Tag.HOLD, Tag.LEARNED, Tag.EASE, Tag.REPEAT, Tag.DEGREE, Tag.TIME}
)


def words_of(stems: Sequence[Stem]) -> list[Word]:
    """The words of a prompt as they are written, misspelt ones corrected; marks part clauses."""
    return [
        Word(stem.corrected or stem.token.text if stem.token.is_word else "", index) for index, stem in enumerate(stems)
    ]


def action_codes(stems: Sequence[Stem], owners: Sequence[Tag | None]) -> Iterator[tuple[Code, int, int]]:
    """What each action of a prompt comes to, with its first and its last stem.

    Args:
        stems: Of the prompt.
        owners: For each stem the tag of what took it.
    """
    words = words_of(stems)
    for action in actions_in(words):
        if action.lemma == "come" and words[action.end].text in {"life", "alive"}:
            continue
        if action.lemma == "do" and (not action.what or words[action.index + 1].text == "not"):
            continue
        if _is_taken(action, owners[action.index]) or (action.doer is not None and action.doer.noun in CROWDS):
            continue
        code = code_of(action)
        if code is not None:
            yield code, action.index, max(action.index, action.end)


def _is_taken(action: Action, owner: Tag | None) -> bool:
    """Whether a word is of camera, air or degree; `sweeping` is none where a person sweeps."""
    living = action.doer is not None and action.doer.kind in LIVING
    return owner in _TAKEN and not (living and owner is Tag.DEGREE)


def others(stems: Sequence[Stem]) -> Iterator[int]:
    """Stems that would direct the camera or the air, were it not somebody else who does them: `she pushes the cart`."""
    for action in actions_in(words_of(stems)):
        who = action.doer
        if who is None or who.noun in SEEN_BY_CAMERA | AIRY:
            continue
        lives = who.kind in LIVING and who.noun not in {"you", "one"}
        pulls_in = who.index == action.index - 1 and who.noun != "it" and action.lemma in _RUNS
        rains = who.noun in LIQUIDS - {"water"} and action.lemma in {"drizzle", "rain"}
        if (
            pulls_in
            or rains
            or action.lemma in _PACED
            or (lives and (action.lemma not in _OF_CAMERA or bool(action.what)))
        ):
            yield action.index
        if who.noun == "truck":
            yield who.index


_OF_CAMERA = word_set("push pull zoom pan tilt dolly truck track crane orbit arc circle rack hold settle lock stop")
_RUNS = frozenset({"pull", "push", "track", "slide", "roll"})
_PACED = frozenset({"accelerate", "decelerate"})


def code_of(action: Action) -> Code | None:
    """What an action comes to; None for what a still can show, and for camera and air."""
    who = action.doer
    states = OF_PERSONS if who is not None and who.kind in LIVING else OF_THINGS
    if action.lemma in states or (who is not None and who.noun in SEEN_BY_CAMERA | AIRY):
        return None
    if action.what in AIRY and (action.lemma in OF_LIGHT or (states is OF_THINGS and action.lemma in SAFE)):
        return None  # what drifts in `heavy drifting clouds` is the clouds
    if who is None or (who.noun == "it" and who.kind is Kind.THING and action.lemma in SAFE):
        return None if action.lemma in SAFE | LIGHT_VERBS else _ordered(action)
    if action.passive and action.verb.thing is not Deed.FLOW:
        return _CODES.get(action.verb.person, Code.UNPROVEN) if action.lemma not in SAFE else None
    return _done_by(who, action)


def _ordered(action: Action) -> Code | None:
    """An order, or what nobody in particular does: `fold the napkin`."""
    if action.verb.thing in {Deed.FLOW, Deed.TURN}:
        return _CODES[action.verb.thing]
    return _CODES.get(action.verb.person)


def _done_by(who: Doer, action: Action) -> Code | None:
    verb = action.verb
    match who.kind:
        case Kind.SIGN:
            return Code.TEXT_MOVES
        case Kind.BODY:
            return None if who.noun in FACES else Code.HAND_WORK if who.noun in HANDS else Code.BODY_MOVES
        case Kind.ANIMAL:
            return Code.SPEECH if verb.person is Deed.SPEECH else Code.BODY_MOVES
        case Kind.PERSON:
            return _of_person(action)
        case _:
            return _of_thing(who, action)


def _of_person(action: Action) -> Code | None:
    """A person handles what is named, or moves."""
    verb = action.verb
    if action.lemma == "play":
        return Code.BODY_MOVES if not action.what or action.what in GAMES else Code.HAND_WORK
    if action.lemma in HANDLED and action.what and kind_of(action.what) is Kind.THING:
        return Code.HAND_WORK
    if verb.thing is Deed.FLOW and action.what:
        return Code.FLUID
    if verb.person in {Deed.CHANGE, Deed.SIGN} and not (verb.person is Deed.CHANGE and action.what):
        return Code.BODY_MOVES if verb.person is Deed.CHANGE else None
    return Code.HAND_WORK if verb.person is Deed.CHANGE else _CODES.get(verb.person)


def _of_thing(who: Doer, action: Action) -> Code | None:
    deed = action.verb.thing
    if who.noun in LIQUIDS and deed is not Deed.STILL:
        return Code.FLUID
    if deed is Deed.STILL:
        return Code.UNPROVEN if action.verb.person in {Deed.HAND, Deed.BODY} and action.lemma not in SAFE else None
    return _CODES.get(deed)


_CODES = {
    Deed.HAND: Code.HAND_WORK,
    Deed.BODY: Code.BODY_MOVES,
    Deed.SPEECH: Code.SPEECH,
    Deed.CHANGE: Code.MORPH,
    Deed.MOVE: Code.UNPROVEN,
    Deed.FLOW: Code.FLUID,
    Deed.TURN: Code.SHOWS_HIDDEN,
}
