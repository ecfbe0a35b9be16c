"""A brand's do-nots: what it never wants to be seen with, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Never:
    """One do-not. What it names has to come together: a scene and a palette are refused only as a pair."""

    scene: str = ""
    palette: str = ""
    word: str = ""
    """As a whole word or words, in any case."""
    why: str = ""

    @property
    def words(self) -> str:
        """What is refused, for a person."""
        parts = (f"the scene {self.scene}" if self.scene else "", f"the palette {self.palette}" if self.palette else "")
        named = " in ".join(part for part in parts if part)
        said = f"the word {self.word!r}" if self.word else ""
        return " with ".join(part for part in (named, said) if part)

    def holds(self, look: Mapping[str, str], texts: Iterable[str]) -> bool:
        """Whether it forbids a hero.

        Args:
            look: `scene` and `palette`, where the hero has them.
            texts: All that can be read on it, or that a model is told.
        """
        if any(wanted and look.get(name) != wanted for name, wanted in self._look):
            return False
        return not self.word or any(says(text, self.word) for text in texts)

    @property
    def _look(self) -> tuple[tuple[str, str], ...]:
        return (("scene", self.scene), ("palette", self.palette))

    @property
    def is_pair(self) -> bool:
        """Whether it is about a scene in a palette, and nothing else."""
        return bool(self.scene and self.palette and not self.word)


def says(text: str, word: str) -> bool:
    """Whether a text has a word, or several in a row, in any case; `cheap` is not in `cheaper`."""
    pattern = r"\s+".join(re.escape(part) for part in word.split())
    return re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None


def allows(rules: Sequence[Never], look: Mapping[str, str]) -> bool:
    """Whether a template may choose this combination: pairs that a brand never wants are passed over."""
    return not any(rule.is_pair and rule.holds(look, ()) for rule in rules)
