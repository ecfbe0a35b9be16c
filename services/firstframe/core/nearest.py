"""Hints for a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def one_of(names: Iterable[str]) -> str:
    """`use one of a, b`, or `use a` when there is but one."""
    known = list(names)
    return f"use {known[0]}" if len(known) == 1 else f"use one of {', '.join(known)}"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint that names the nearest of `known`, or all of them when none is near."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else one_of(known)


def nearest(word: str, known: Sequence[str]) -> str:
    """The one of `known` that is most like the word; empty when none is like it."""
    return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=0.6)), "")
