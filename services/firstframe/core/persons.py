"""Who is who: names of people, as somebody may write them twice."""

from __future__ import annotations

import unicodedata

_ACCENTS = 200
"""Least canonical combining class of marks above and below letters; what makes another syllable has a lower one."""
_POINTS = range(10, 37)
"""Those of vowel points, which Hebrew, Arabic and Syriac mostly leave out."""


def same_person_key(name: str) -> str:
    """What is the same for two ways to write one name: without case, accents, marks and order (`Berg, Anna`, `Anna  berg`).

    Signs that tell names apart in their script stay (`राम` is not `रीमा`), and what cannot be seen goes.
    Two people may have one name. Then who records them says more, such as a town.
    """
    plain = unicodedata.normalize("NFKD", "".join(filter(_counts, unicodedata.normalize("NFKD", name).casefold())))
    words = "".join(char if _in_word(char) else " " for char in plain).split()
    return " ".join(sorted(words)) or plain.strip()


def _counts(char: str) -> bool:
    """Whether a character tells names apart: no accent, and nothing without a shape."""
    mark = unicodedata.combining(char)
    return mark < _ACCENTS and mark not in _POINTS and unicodedata.category(char) != "Cf"


def _in_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")
