"""A little grammar: which words of a clause are verbs, in which form, and who or what does them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firstframe.direction.lexicon.actions import Deed, Dominance, Kind, Verb, kinds, verbs
from firstframe.direction.lexicon.closed import (
    ADVERBS,
    ASPECTS,
    AUXILIARIES,
    CAUSES,
    DETERMINERS,
    JOINTS,
    MODALS,
    OBJECTS,
    PARTICLES,
    PREPOSITIONS,
    RELATIVES,
    SMALL,
    SUBJECTS,
    WHILES,
)
from firstframe.direction.lexicon.entries import word_set
from firstframe.direction.word_forms import Form, is_plural, kind_of, singular, verb_of

LIVING = frozenset({Kind.PERSON, Kind.ANIMAL})
_REACH = 24
"""Words of a clause that are looked back over at most, so that a prompt takes time in proportion to its length."""
_NO_NOUNS = SMALL | SUBJECTS | OBJECTS


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a clause."""

    text: str
    """In lower case; corrected where it was misspelt. A mark that parts clauses is empty."""
    index: int
    """Of its stem."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who or what does something."""

    noun: str
    """In the singular."""
    kind: Kind
    index: int


@dataclass(frozen=True, slots=True)
class Action:
    """A verb where it stands."""

    lemma: str
    verb: Verb
    index: int
    doer: Doer | None
    """Nobody where it is an order, or nobody is named."""
    passive: bool = False
    end: int = 0
    """Index of the last word of what it is done to."""
    what: str = ""
    """To what it is done, in the singular; empty where there is no such noun."""


class Sentence(list[Word]):
    """Words of a prompt, with the places where verbs were found so far: from left to right."""

    def __init__(self, words: Sequence[Word]) -> None:
        super().__init__(words)
        self.verbs: set[int] = set()


def actions_in(prompt: Sequence[Word]) -> Iterator[Action]:
    """Verbs of a prompt that move something, each with who does it."""
    words = Sentence(prompt)
    last: Action | None = None
    for at, word in enumerate(words):
        if not word.text or word.text in WHILES:
            last = None
        found = _verb_at(words, at, last)
        if found is None:
            continue
        lemma, form, verb = found
        words.verbs.add(at)
        goes_on = last is not None and _before(words, at) in JOINTS
        who = last.doer if last is not None and goes_on else _who(words, at, form, verb)
        last = Action(lemma, verb, word.index, who, form is Form.PAST, *_object(words, at))
        yield last


def _verb_at(words: Sentence, at: int, last: Action | None) -> tuple[str, Form, Verb] | None:
    """The verb that stands at a place, if one does."""
    found = verb_of(words[at].text)
    if found is None:
        deed = Deed.HAND if _text(words, at + 1) in DETERMINERS | OBJECTS else Deed.BODY
        unknown = Verb(deed, Deed.MOVE, Dominance.OFTEN)
        form = Form.ING if words[at].text.endswith("ing") else Form.THIRD
        return (words[at].text, form, unknown) if _is_unknown_verb(words, at) else None
    lemma, form = found
    verb = verbs()[lemma]
    joined = form is Form.BASE and last is not None and _before(words, at) in JOINTS
    if _is_verb(words, at, form, verb.dominance) or (joined and verb.dominance is Dominance.OFTEN):
        return lemma, form, verb
    return None


def _is_unknown_verb(words: Sentence, at: int) -> bool:
    """Whether a word that no table has stands where what somebody does would: `the chef flambés the steak`."""
    text, noun, after = words[at].text, _before(words, at), _text(words, at + 1)
    if len(text) < 5 or text in SMALL or singular(text) in kinds():
        return False
    if text.endswith("ing"):
        return noun in AUXILIARIES or (_is_noun(noun) and kind_of(noun) in LIVING and not noun.endswith("'s"))
    living = _is_noun(noun) and kind_of(noun) in LIVING and not is_plural(noun) and not noun.endswith("'s")
    follows = not after or after in DETERMINERS | PREPOSITIONS | OBJECTS
    return living and follows and text.endswith("s") and not text.endswith("ss")


def _who(words: Sentence, at: int, form: Form, verb: Verb) -> Doer | None:
    """Who does it: before the verb, or after it where that stands like an adjective: `a laughing child`."""
    before, after = _before(words, at), _text(words, at + 1)
    if form is not Form.ING or _is_open(after) or after in DETERMINERS or before in AUXILIARIES or _is_noun(before):
        return doer(words, at)
    if verb.person is Deed.HAND and kind_of(after) is Kind.THING:
        return None  # `folding napkins`: what is handled
    return Doer(singular(after), kind_of(after), words[at + 1].index)


def is_attribute(words: Sequence[Word], at: int) -> bool:
    """Whether a participle stands like an adjective: `sliced bread`, `the playing cards`; but `the shuffling of cards`."""
    before, after = _text(words, at - 1), _text(words, at + 1)
    if after == "of" or before in AUXILIARIES:
        return False
    if (
        before in DETERMINERS
        and _text(words, at - 2) in WHILES | PREPOSITIONS
        and not words[at].text.endswith(("ing", "ed", "s"))
    ):
        return True  # `before the fight`
    if words[at].text.endswith("ed"):
        return not (_is_noun(before) or before in SUBJECTS)
    return words[at].text.endswith("ing") and before in DETERMINERS | PREPOSITIONS


def _is_verb(words: Sentence, at: int, form: Form, dominance: Dominance) -> bool:
    before, after = _text(words, at - 1), _text(words, at + 1)
    match form:
        case Form.ING:
            return _is_participle(before, after)
        case Form.PAST:
            passive = before in {"being", "get", "gets", "getting"} or (before in AUXILIARIES and after == "by")
            return passive or (after in {"into", "apart"} and _is_noun(before))
        case Form.THIRD:
            return _is_third(words, at, after, dominance)
        case Form.BASE:
            return _is_base(words, at, after, dominance)


def _is_participle(before: str, after: str) -> bool:
    """Not what stands before a noun like an adjective, `a washing machine`; but `a laughing child`."""
    if before in {"for", "by", "no", "without", "stop"}:
        return False
    if before in AUXILIARIES | ASPECTS:
        return True
    if _is_open(after) or after in DETERMINERS | OBJECTS:
        return before not in DETERMINERS
    living = kind_of(after) in LIVING
    if before in DETERMINERS or before in PREPOSITIONS:
        return living
    return living or is_plural(after) or kind_of(before) in LIVING


def _is_third(words: Sentence, at: int, after: str, dominance: Dominance) -> bool:
    """`the chef slices`, not `the slices`, `two slices` or `chefs slices`."""
    noun = _before(words, at)
    if noun in SUBJECTS:
        return True
    if words[at].text == "leaves" or not _may_be_done_by(words, at, noun):
        return False
    match dominance:
        case Dominance.OFTEN:
            return True
        case Dominance.BOTH:
            told = after in DETERMINERS | OBJECTS | _AWAY or (_text(words, at - 2) in DETERMINERS and _is_open(after))
            who = doer(words, at) if noun in JOINTS else None
            joined = who is not None and who.kind in LIVING and _is_open(after)
            return joined or (
                noun not in JOINTS and (told or kind_of(noun) in LIVING) and not _is_in_place(words, at, noun)
            )
        case Dominance.RARELY:
            return after in DETERMINERS | OBJECTS | PARTICLES and not _is_in_place(words, at, noun)


def _may_be_done_by(words: Sentence, at: int, noun: str) -> bool:
    """Whether one thing stands before a verb in the singular, or another verb that it goes on from."""
    if noun in JOINTS:
        return _goes_on(words, at)
    return noun in RELATIVES or (_is_noun(noun) and not is_plural(noun) and at - 1 not in words.verbs)


_AWAY = word_set(
    "up down off out away back over apart around round through across along past toward towards into onto from"
)
"""Where what moves goes; `of`, `with`, `on` and `in` stand behind nouns as often."""


def _goes_on(words: Sentence, at: int) -> bool:
    """Whether a verb went before in the clause, which another is joined to: `kneels and ties`, not `a vase and scissors`."""
    for before in _back_from(at - 2):
        if not words[before].text:
            return False
        if before in words.verbs:
            return True
    return False


def _is_in_place(words: Sequence[Word], at: int, noun: str) -> bool:
    """Whether a thing stands in a place, and is a part of a longer noun: `past neon signs`."""
    return _text(words, at - 2) in PREPOSITIONS and kind_of(noun) not in LIVING


def _is_base(words: Sentence, at: int, after: str, dominance: Dominance) -> bool:
    """`they slice`, `to slice`, `slice the bread`, `make the bottle dance`."""
    noun = _before(words, at)
    transitive = after in DETERMINERS - {"that", "this"} | OBJECTS or after in {"up", "down", "out", "off", "open"}
    if noun in MODALS:
        return (
            transitive
            or (dominance is Dominance.OFTEN and noun not in JOINTS and noun != "to")
            or _is_to(words, at, dominance)
        )
    if not noun:
        return transitive and dominance is not Dominance.RARELY
    if _is_of_several(words, at, noun):
        return dominance is Dominance.OFTEN or (dominance is Dominance.BOTH and _is_open(after)) or transitive
    return _is_caused(words, at) and dominance is not Dominance.RARELY and _is_noun(noun)


def _is_of_several(words: Sentence, at: int, noun: str) -> bool:
    """Whether several do it: `foxes sprint`, `the numbers on the screen roll`; but not `she shakes water`."""
    if noun in {"they", "you", "we", "everyone", "together"}:
        return True
    if not _is_noun(noun) or noun.endswith("ed") or at - 1 in words.verbs:
        return False
    if is_plural(noun):
        return True
    who = doer(words, at)
    heads = [word.text for word in words[:at] if who is not None and word.index == who.index]
    return bool(heads) and heads[0] != noun and is_plural(heads[0])


def _is_to(words: Sequence[Word], at: int, dominance: Dominance) -> bool:
    """`starts to sing`, not `close to camera`."""
    return _text(words, at - 1) == "to" and dominance is Dominance.OFTEN


def _is_caused(words: Sequence[Word], at: int) -> bool:
    """Whether something is made to do it, earlier in the clause."""
    for before in _back_from(at - 1):
        if not words[before].text:
            return False
        if words[before].text in CAUSES:
            return True
    return False


def _back_from(at: int) -> range:
    """Places before a word, the nearest first, as far as a clause goes."""
    return range(at, max(at - _REACH, -1), -1)


def _text(words: Sequence[Word], at: int) -> str:
    return words[at].text if 0 <= at < len(words) else ""


def _before(words: Sequence[Word], at: int) -> str:
    """The word before a verb, adverbs left out; empty at the beginning of a clause."""
    at -= 1
    while at >= 0 and (words[at].text in (ADVERBS | ASPECTS) - {"then"} or _is_adverb(words[at].text)):
        at -= 1
    return _text(words, at)


_NO_ADVERBS = word_set("dolly family butterfly lily jelly belly bully assembly supply reply firefly dragonfly anomaly")


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and len(word) > 4 and word not in _NO_ADVERBS


def _is_open(word: str) -> bool:
    """Whether what follows a verb may be its object, its place or nothing: no noun that it stands before."""
    return not word or word in SMALL | OBJECTS or _is_adverb(word) or not word[0].isalpha()


def _is_noun(word: str) -> bool:
    return bool(word) and word[0].isalpha() and word not in _NO_NOUNS and not _is_adverb(word)


def doer(words: Sentence, at: int) -> Doer | None:
    """Who does it: the noun before a verb that is no part of a place, or who does the verb before it.

    `The girl in the hat | waves`, `a barista pours milk into the cup | making art`; but `we follow the boy | running`.
    """
    found: Doer | None = None
    for before in _back_from(at - 1):
        text = words[before].text
        if not text or text in WHILES:
            break
        if text in SUBJECTS | {"we"}:
            return Doer(text, _kind_of_pronoun(words, before), words[before].index)
        if found is not None and (text in JOINTS or (found.kind in LIVING and found.index == words[at - 1].index)):
            break
        if text in PREPOSITIONS:
            found = None if _has_noun(words, before) else found
        elif _is_noun(text) and before in words.verbs:
            return doer(words, before) or found
        elif found is None and _is_noun(text):
            found = Doer(singular(text), _kind_at(words, before), words[before].index)
    return found


def _kind_of_pronoun(words: Sequence[Word], at: int) -> Kind:
    """What a pronoun stands for; `it` for an animal that was named before."""
    if words[at].text not in {"it", "that", "which"}:
        return Kind.PERSON
    animal = any(kind_of(word.text) is Kind.ANIMAL for word in words[max(0, at - _REACH) : at] if _is_noun(word.text))
    return Kind.ANIMAL if animal else Kind.THING


def _kind_at(words: Sequence[Word], at: int) -> Kind:
    """What the noun at a place names; the second hand of a watch is no hand."""
    clock = words[at].text in {"hand", "hands"} and _text(words, at - 1) in {
        "second",
        "minute",
        "hour",
        "clock",
        "watch",
    }
    return Kind.THING if clock else kind_of(words[at].text)


def _has_noun(words: Sequence[Word], at: int) -> bool:
    """Whether a noun stands before a place, in its clause."""
    for before in _back_from(at - 1):
        text = words[before].text
        if not text or text in WHILES:
            return False
        if _is_noun(text) or text in SUBJECTS:
            return True
    return False


def _object(words: Sequence[Word], at: int) -> tuple[int, str]:
    """Where what it is done to ends, and what that is: the first noun after it."""
    for after in range(at + 1, min(at + 5, len(words))):
        text = words[after].text
        if not text or text in JOINTS | WHILES:
            break
        if _is_noun(text):
            end = _last_of_noun(words, after)
            direct = not any(words[i].text in PREPOSITIONS for i in range(at + 1, after))
            return words[end].index, singular(words[end].text) if direct else ""
    return words[at].index, ""


def _last_of_noun(words: Sequence[Word], at: int) -> int:
    """Where a noun of two words ends: `mortgage papers`."""
    following = _text(words, at + 1)
    return at + 1 if _is_noun(following) and verb_of(following) is None else at
