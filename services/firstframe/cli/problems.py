"""What is wrong with a brief, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from firstframe.core.errors import InvalidInput
from firstframe.core.nearest import did_you_mean, nearest, one_of

__all__ = [
    "BriefRejected",
    "Problem",
    "clipped",
    "counted",
    "did_you_mean",
    "nearest",
    "one_of",
]

MOST_CHARACTERS = 400
"""Longest field and longest message; a file that is wrong may have values of any length."""


MOST_PROBLEMS = 200
"""What is told at once; a sheet may have thousands."""


def clipped(text: str, most: int = MOST_CHARACTERS) -> str:
    """`text`, cut when it is longer than `most`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what to do about it."""

    line: int
    """From 1; 0 when the whole file is meant."""
    field: str
    """Path in the file, for example `heroes[1].photo`; empty when the whole file is meant."""
    message: str
    file: str = ""
    """File that it stands in, where that is not the brief."""
    column: int = 0
    """Column of a sheet, from 1; 0 elsewhere."""

    def text(self, file: Path) -> str:
        """The problem on one line, with file, line and field."""
        numbers = (str(number) for number in (self.line, self.column) if number)
        place = ":".join((self.file or str(file), *numbers))
        return ": ".join(part for part in (place, self.field, self.message) if part)

    def clipped(self) -> Problem:
        """The same with words of bounded length."""
        return replace(self, field=clipped(self.field), message=clipped(self.message))

    @property
    def place(self) -> tuple[str, int, int, str, str]:
        """What problems are sorted by: those of the brief first."""
        return self.file, self.line, self.column, self.field, self.message


def _rest(number: int) -> tuple[Problem, ...]:
    return (Problem(0, "", f"and {counted(number, 'problem')} more"),) if number > 0 else ()


class BriefRejected(InvalidInput):
    """A brief that cannot be used; `problems` has everything that was found, in the order of the file."""

    default_reason = "BRIEF_REJECTED"

    def __init__(self, file: Path, problems: Iterable[Problem]) -> None:
        self.file = file
        found = sorted({item.clipped() for item in problems}, key=lambda item: item.place)
        self.problems = (*found[:MOST_PROBLEMS], *_rest(len(found) - MOST_PROBLEMS))
        super().__init__("\n".join(item.text(file) for item in self.problems))


_PLURALS = {"hero": "heroes"}


def counted(number: int, noun: str) -> str:
    """`1 lane`, `2 lanes`, `2 heroes`."""
    return f"{number} {noun if number == 1 else _PLURALS.get(noun, f'{noun}s')}"
