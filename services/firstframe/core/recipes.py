"""Motion recipes: named, versioned motions that give the same feel on every hero."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from firstframe.core.motion import Motion

MAX_VERSION = 999_999
_REFERENCE = re.compile(r"([a-z][a-z0-9-]{0,62})(?:@([1-9][0-9]{0,5}))?")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A motion that can be had again."""

    name: str
    version: int
    """From 1. Raised whenever the motion or the seed changes; part of the plan and so of every approval."""
    motion: Motion
    words: str
    """What it looks like, for a person."""
    seed: int | None = None
    """Of hand shake and air: the feel's own. None takes that of the brief."""

    @property
    def reference(self) -> str:
        """How a brief names exactly this version."""
        return f"{self.name}@{self.version}"


def parse_reference(text: str) -> tuple[str, int | None] | None:
    """Name and version of `name` or `name@2`; None when it is neither."""
    found = _REFERENCE.fullmatch(text)
    return (found[1], int(found[2]) if found[2] else None) if found else None


def chosen(recipes: Iterable[Recipe], name: str, version: int | None) -> Recipe | None:
    """The recipe of that name and version; the newest when none is named."""
    named = [recipe for recipe in recipes if recipe.name == name and version in (None, recipe.version)]
    return max(named, key=lambda recipe: recipe.version, default=None)
