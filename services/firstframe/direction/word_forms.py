"""Forms of words: which verb a word may be and in which form, what a noun is in the singular, and what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache

from firstframe.direction.lexicon.actions import Deed, Kind, kinds, verbs
from firstframe.direction.lexicon.closed import PARTICLES, SMALL
from firstframe.direction.lexicon.entries import word_set

_DOUBLED = re.compile(r"([bdfgklmnprtvz])\1$")


class Form(Enum):
    """Form of a verb."""

    BASE = "base"
    THIRD = "third"
    ING = "ing"
    PAST = "past"


@cache
def verb_of(word: str) -> tuple[str, Form] | None:
    """The base form of what may be a verb, and the form it is in."""
    if word in SMALL | PARTICLES:
        return None
    return next(((lemma, form) for lemma, form in _bases(word) if lemma in verbs()), None)


def _bases(word: str) -> Iterator[tuple[str, Form]]:
    if word.endswith(("ing", "in'")) and len(word) > 4:
        yield from ((root, Form.ING) for root in _roots(word[:-3]))
    if word.endswith("ed") and len(word) > 4:
        yield from ((root, Form.PAST) for root in _roots(word[:-2]))
        yield word[:-3] + "y", Form.PAST
    if word.endswith("s") and len(word) > 3 and not word.endswith("ss"):
        yield from ((root, Form.THIRD) for root in _singulars(word))
    yield word, Form.BASE


def _roots(bare: str) -> tuple[str, ...]:
    return bare + "e", bare, _DOUBLED.sub(r"\1", bare)


def _singulars(word: str) -> tuple[str, ...]:
    if word.endswith("ies"):
        return (word[:-3] + "y", word[:-1])
    if word.endswith(("ches", "shes", "sses", "xes", "zzes", "oes")):
        return (word[:-2], word[:-1])
    return (word[:-1],)


_PLURALS = word_set("people couple men women children kids feet mice geese teeth they we police leaves")
_SINGULARS = {"men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse"}


def is_plural(word: str) -> bool:
    """Whether a word is a noun of several."""
    return word in _PLURALS or (word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and len(word) > 3)


def singular(word: str) -> str:
    """A noun in the singular."""
    bare = word.removesuffix("'s").removesuffix("'")
    if bare in _SINGULARS or bare in kinds():
        return _SINGULARS.get(bare, bare)
    if not is_plural(bare):
        return bare
    return next((one for one in _singulars(bare) if one in kinds()), _singulars(bare)[-1])


def is_common(word: str) -> bool:
    """Whether a word is a verb or a noun that is known, and so no slip for another."""
    return verb_of(word) is not None or singular(word) in kinds()


def kind_of(word: str) -> Kind:
    """What a noun names; who snorkels is a snorkeller."""
    one = singular(word)
    return kinds().get(one) or (Kind.PERSON if _is_agent(one) else Kind.THING)


def _is_agent(noun: str) -> bool:
    roots = (root for root in _roots(noun.removesuffix("er")) if noun.endswith("er") and root in verbs())
    return any(verbs()[root].person is Deed.BODY for root in roots)
