"""From a word as written to the word that the lexicon knows: endings, contractions, slips of the finger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from firstframe.direction.confusables import CONFUSABLES
from firstframe.direction.emoji import EMOJI, is_decoration
from firstframe.direction.lexicon.all import DIRECTING, VOCABULARY
from firstframe.direction.lexicon.entries import REDUCED
from firstframe.direction.tokens import Token
from firstframe.direction.word_forms import is_common

MIN_TYPO_CHARACTERS = 4
LONG_WORD = 8
"""From this length on two slips are forgiven."""
MAX_WORD_CHARACTERS = 24

_IRREGULAR: Mapping[str, str] = {
    "don't": "not",
    "dont": "not",
    "doesn't": "not",
    "doesnt": "not",
    "isn't": "not",
    "won't": "not",
    "shouldn't": "not",
    "can't": "not",
    "cant": "not",
    "cannot": "not",
    "mustn't": "not",
    "aren't": "not",
    "w/o": "without",
    "leaves": "leaf",
    "flew": "fly",
    "flies": "fly",
    "rose": "rise",
    "held": "hold",
    "came": "come",
    "went": "go",
    "ran": "run",
    "spun": "spin",
    "sang": "sing",
    "spoke": "speak",
    "drank": "drink",
    "eating": "eat",
    "tying": "tie",
    "ties": "tie",
    "tied": "tie",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "fell": "fall",
    "fallen": "fall",
    "blew": "blow",
    "swung": "swing",
    "crept": "creep",
    "swept": "sweep",
    "slid": "slide",
    "shook": "shake",
    "wore": "wear",
    "became": "become",
    "rly": "really",
    "vid": "video",
    "goes": "go",
    "does": "do",
}
_LONG = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1$")


@dataclass(frozen=True, slots=True)
class Stem:
    """A word of the lexicon where a word of the prompt stands."""

    text: str
    token: Token
    corrected: str = ""
    """The word that was taken for a misspelt one; empty where it was none."""
    known: bool = True


def stems_of(tokens: Iterable[Token]) -> list[Stem]:
    """The stems of a prompt; decoration is left out, and what people leave out is put in."""
    stems = [stem for token in tokens for stem in _stems(token)]
    return _with_repeated_verbs(_without_cameras(stems))


_VERBS = frozenset(
    {
        "push",
        "pull",
        "pan",
        "tilt",
        "zoom",
        "dolly",
        "truck",
        "track",
        "crane",
        "jib",
        "orbit",
        "arc",
        "slide",
        "move",
        "drift",
    }
    | {"glide", "swing", "shift", "boom", "bring", "ease"}
)
_CAMERAS = frozenset({"camera", "cam", "frame", "shot", "view"})
_ARTICLES = frozenset({"the", "our", "your", "a"})
_DIRECTIONS = frozenset({"left", "right", "up", "down", "in", "out", "back", "forward"})
_JOINTS = frozenset({"and", "then", ",", "or"})


def _without_cameras(stems: list[Stem]) -> list[Stem]:
    """`move the camera left` says what `move left` says."""
    kept: list[Stem] = []
    skip = 0
    for index, one in enumerate(stems):
        if skip:
            skip -= 1
            continue
        kept.append(one)
        following = [stem.text for stem in stems[index + 1 : index + 3]]
        if one.text in _VERBS and len(following) == 2 and following[0] in _ARTICLES and following[1] in _CAMERAS:
            skip = 2
    return kept


def _with_repeated_verbs(stems: list[Stem]) -> list[Stem]:
    """`pan left and right` says `pan left and pan right`."""
    verb, said = "", list[Stem]()
    for index, one in enumerate(stems):
        before = [stem.text for stem in stems[max(0, index - 3) : index]]
        if one.text in _VERBS:
            verb = one.text
        if verb and one.text in _DIRECTIONS and _goes_on(before):
            said.append(Stem(verb, one.token))
        said.append(one)
    return said


def _goes_on(before: list[str]) -> bool:
    """Whether a way follows another, with a joint between them."""
    while len(before) > 1 and before[-1] in _JOINTS and before[-2] in _JOINTS:
        before = before[:-1]
    return len(before) > 1 and before[-1] in _JOINTS and before[-2] in _DIRECTIONS


def _stems(token: Token) -> Iterator[Stem]:
    if token.is_word:
        yield _word(token)
    elif token.text in EMOJI:
        yield from (Stem(text, token) for text in EMOJI[token.text].split())
    elif not is_decoration(token.text):
        yield Stem(token.text, token)


def _word(token: Token) -> Stem:
    found = stem(token.text)
    if found is not None:
        return Stem(found, token)
    corrected = correction(token.text) if len(token.text) <= MAX_WORD_CHARACTERS else None
    if corrected is not None:
        return Stem(stem(corrected) or corrected, token, corrected)
    return Stem(token.text.replace("'", ""), token, known=False)


@cache
def stem(word: str) -> str | None:
    """The stem of a word that the lexicon knows; None for others."""
    return next((form for form in _forms(word) if form in VOCABULARY or form == "not"), None)


def _forms(word: str) -> Iterator[str]:
    """A word, and what it may be a form of."""
    if word in REDUCED or word in _IRREGULAR:
        yield REDUCED.get(word) or _IRREGULAR[word]
    yield word
    short = _LONG.sub(r"\1", word)
    yield from (short, _LONG.sub(r"\1\1", word))
    yield from _stripped(word.removesuffix("'s").removesuffix("'"))
    if short != word:
        yield from _stripped(short)


def _stripped(word: str) -> Iterator[str]:
    yield word
    for ending in ("ing", "ed", "es", "s", "er", "ly", "ness", "in'"):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            root = word.removesuffix(ending)
            yield from (root, root + "e", _DOUBLED.sub(r"\1", root))
    if word.endswith(("ies", "ied", "ily")):
        yield word[:-3] + "y"
    if word.endswith("ly"):
        yield word[:-1] + "e"  # gently, gentle
    if word.endswith("ically"):
        yield word[:-4]
    if word.endswith("ings"):
        yield from _stripped(word[:-1])


@cache
def correction(word: str) -> str | None:
    """The one word of direction that a misspelt word is nearest to; None when none is near, or several are."""
    if len(word) < MIN_TYPO_CHARACTERS or not word.isascii() or word in CONFUSABLES or is_common(word):
        return None
    most = 2 if len(word) >= LONG_WORD else 1
    near = [(distance, form) for form in _candidates(word, most) if (distance := slips(word, form, most)) <= most]
    if not near:
        return None
    least = min(distance for distance, _ in near)
    stems = {stem(form) for distance, form in near if distance == least}
    return min(form for distance, form in near if distance == least) if len(stems) == 1 else None


def _candidates(word: str, most: int) -> Iterator[str]:
    """Forms with the same first letter, which people seldom miss, and about as many letters."""
    lengths = range(len(word) - most, len(word) + most + 1)
    return (form for length in lengths for form in _by_start().get((word[0], length), ()))


@cache
def _by_start() -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Forms of the directing words, by their first letter and length."""
    found: dict[tuple[str, int], list[str]] = {}
    for form in sorted({form for word in DIRECTING if len(word) >= MIN_TYPO_CHARACTERS for form in _written(word)}):
        found.setdefault((form[0], len(form)), []).append(form)
    return {key: tuple(forms) for key, forms in found.items()}


def _written(word: str) -> Iterator[str]:
    bare = word.removesuffix("e")
    yield from (word, word + "s", bare + "ing", bare + "ed", word + "ly")
    if _DOUBLED.search(word + word[-1]):
        yield from (word + word[-1] + "ing", word + word[-1] + "ed")


def slips(one: str, other: str, most: int) -> int:
    """Letters to change, add, drop or swap with their neighbour to come from one word to the other; `most` + 1 for more.

    Optimal string alignment, after Damerau (1964).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        new = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return min(row[-1], most + 1)
