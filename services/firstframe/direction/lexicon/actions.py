"""What verbs do to a picture, and what kind of thing nouns name: facts of WordNet, see `actions.txt`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files

from firstframe.direction.lexicon.entries import word_set
from firstframe.direction.lexicon.subject import PERSONS, PRODUCTS, PRONOUNS, THINGS


class Deed(Enum):
    """What a verb does to a picture."""

    HAND = "hand"
    """Handles, makes, cuts, eats, gives."""
    BODY = "body"
    """Moves a whole body, or a part of it."""
    SPEECH = "speech"
    SIGN = "sign"
    """Says something without speaking of it: counts, shows."""
    CHANGE = "change"
    """Becomes another."""
    MOVE = "move"
    """A thing goes somewhere, or works."""
    FLOW = "flow"
    """A liquid, or what bursts."""
    TURN = "turn"
    """Turns or opens, so that another side is seen."""
    STILL = "still"


class Kind(Enum):
    """What a noun names."""

    PERSON = "person"
    ANIMAL = "animal"
    BODY = "body"
    """A part of one."""
    SIGN = "sign"
    """Words, numbers, pictures that mean something."""
    THING = "thing"


class Dominance(Enum):
    """How often a word is a verb where it might be a noun."""

    OFTEN = "often"
    BOTH = "both"
    RARELY = "rarely"


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb does when a person does it, and when a thing does."""

    person: Deed
    thing: Deed
    dominance: Dominance


@cache
def verbs() -> Mapping[str, Verb]:
    """All verbs that move something, by their base form."""
    found: dict[str, Verb] = {}
    for head, lemmas in _lines():
        if head[0] == "verb":
            found.update(dict.fromkeys(lemmas, Verb(Deed(head[1]), Deed(head[2]), Dominance(head[3]))))
    for (person, thing), words in _SEEN.items():
        for lemma in words.split():
            known = found.get(lemma)
            found[lemma] = Verb(person, thing, known.dominance if known else Dominance.OFTEN)
    return found


@cache
def kinds() -> Mapping[str, Kind]:
    """What nouns name, in the singular; those that are missing name a thing. What our own lexicon knows goes first."""
    found = {word: Kind(head[1]) for head, words in _lines() if head[0] == "noun" for word in words}
    found.update(dict.fromkeys(_words(PRODUCTS) + _words(THINGS), Kind.THING))
    found.update(dict.fromkeys(_words(PERSONS) + _words(PRONOUNS), Kind.PERSON))
    found.update(
        {"cat": Kind.ANIMAL, "dog": Kind.ANIMAL, "puppy": Kind.ANIMAL, "kitten": Kind.ANIMAL, "bird": Kind.ANIMAL}
    )
    found.update({"horse": Kind.ANIMAL, "fish": Kind.ANIMAL, "butterfly": Kind.ANIMAL, "animal": Kind.ANIMAL})
    found.update(dict.fromkeys(_PEOPLE, Kind.PERSON))
    return found | dict.fromkeys(_SIGNS, Kind.SIGN) | dict.fromkeys(_NO_SIGNS | _NOBODY, Kind.THING)


_SEEN: Mapping[tuple[Deed, Deed], str] = {
    (
        Deed.HAND,
        Deed.MOVE,
    ): "shift clink crank wiggle sign raise push pull drag stir snip knead whisk scroll "
    "swipe count type dial photograph braid uncork unbox juggle shuffle",
    (Deed.HAND, Deed.FLOW): "drizzle",
    (Deed.HAND, Deed.TURN): "unscrew unroll unwrap unzip",
    (Deed.BODY, Deed.FLOW): "fizz overflow ooze trickle gush dribble erupt bubble",
    (Deed.BODY, Deed.TURN): "twist swivel",
    (
        Deed.BODY,
        Deed.MOVE,
    ): "reverse rev thump rattle whirr swish cheer clap applaud salute tee deadlift whizz sniff do "
    "accelerate decelerate whoosh swoosh zoom",
    (Deed.SPEECH, Deed.STILL): "repeat greet welcome toast",
}
"""Verbs whose most usual sense in print is not the one that a picture shows."""
_SIGNS = word_set(
    "banner text letter word slogan logo label title headline tagline number digit price tag ticker chart graph "
    "bar menu caption subtitle copy wordmark notification message ui app interface website page screen display "
    "font emoji icon"
)
"""What means something, however WordNet files it."""
_PEOPLE = word_set(
    "grandad granddad gran granny nan grandson granddaughter crowd audience team crew band everyone everybody "
    "commuter passerby teen youngster newborn barista influencer youtuber gamer vlogger customer model people"
)
"""People that WordNet does not know, or files elsewhere."""
_NOBODY = word_set(
    "domino closer classic speaker server monitor printer receiver tier hood honey ham wing egg mount hide drone bug "
    "mouse wells waters fields banks mills bridges browser starter hunt amazon apple nike trailer carrier fly "
    "chat rod skate feather diesel lodge lounger recliner toaster blender mixer cooker cooler heater charger "
    "tracker"
)
"""Words that a brief uses of things, though they name people and animals as well."""
_NO_SIGNS = word_set(
    "portrait photograph painting poster film movie music song voice sound story scene shot sequence video clip "
    "picture image photo film drama action light touch motion movement loop speed effect style look feel focus "
    "angle line top mask tip offer record book letterbox"
)


def _words(pattern: str) -> list[str]:
    return pattern.removeprefix("(?:").removesuffix(")").split("|")


def _lines() -> Iterator[tuple[list[str], list[str]]]:
    """Heads of the file with the words below them."""
    head: list[str] = []
    for line in files("firstframe.direction.lexicon").joinpath("actions.txt").read_text("utf-8").splitlines():
        if line.startswith(" "):
            yield head, line.split()
        elif not line.startswith("#"):
            head = line.removesuffix(":").split()
