"""What is wrong with a brief, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from firstframe.core.errors import InvalidInput


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and what to do about it."""

    line: int
    """From 1; 0 when the whole file is meant."""
    field: str
    """Path in the file, for example `heroes[1].photo`; empty when the whole file is meant."""
    message: str

    def text(self, file: Path) -> str:
        """The problem on one line, with file, line and field."""
        place = f"{file}:{self.line}" if self.line else str(file)
        return ": ".join(part for part in (place, self.field, self.message) if part)


class BriefRejected(InvalidInput):
    """A brief that cannot be used; `problems` has everything that was found, in the order of the file."""

    default_reason = "BRIEF_REJECTED"

    def __init__(self, file: Path, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(item.text(file) for item in self.problems))


def one_of(names: Iterable[str]) -> str:
    """`use one of a, b`, or `use a` when there is but one."""
    known = list(names)
    return f"use {known[0]}" if len(known) == 1 else f"use one of {', '.join(known)}"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint that names the nearest of `known`, or all of them when none is near."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else one_of(known)
