"""Words of a prompt, each with where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CHARACTERS = 2000
"""Of a prompt that are read; a brief takes 500."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)?|\S", re.UNICODE)
_QUOTED = re.compile(r"[\"“„][^\"“”„]{1,200}[\"”“]|(?<![^\s(:])['‘][^'’\n]{1,200}['’](?![^\s.,;:!?)])")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the prompt, in characters."""

    begin: int
    end: int
    """Not included."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a mark."""

    text: str
    """In lower case, with plain apostrophes."""
    span: Span

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.text[0].isalpha()


def tokens_of(text: str) -> list[Token]:
    """Words, numbers and marks of the first `MAX_CHARACTERS`, without those of quoted passages."""
    read = text[:MAX_CHARACTERS]
    quoted = quotes_of(text)
    found = [Token(match[0].lower().replace("’", "'"), Span(*match.span())) for match in _TOKEN.finditer(read)]
    kept = [token for token in found if not any(q.begin <= token.span.begin < q.end for q in quoted)]
    return [token for token in kept if not _is_hyphen(read, token.span)]


def _is_hyphen(text: str, span: Span) -> bool:
    """Whether a mark joins two words, as in `push-in`; a dash between spaces parts them."""
    if text[span.begin : span.end] not in {"-", "‑"}:
        return False
    return text[span.begin - 1 : span.begin].isalnum() and text[span.end : span.end + 1].isalnum()


def quotes_of(text: str) -> list[Span]:
    """Passages between quotation marks: what is said or written, not what moves."""
    return [Span(*match.span()) for match in _QUOTED.finditer(text[:MAX_CHARACTERS])]
