"""Measures of the frames of a take, each with its limit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of the frames of a take: its worst value."""

    name: str
    """Stable, lower-case with hyphens."""
    title: str
    value: float
    limit: float
    """Floor, or ceiling where lower is better."""
    higher_is_better: bool
    unit: str = ""

    @property
    def passes(self) -> bool:
        """Whether the value is within its limit."""
        return self.value >= self.limit if self.higher_is_better else self.value <= self.limit

    @property
    def says(self) -> str:
        """One sentence."""
        word = "floor" if self.higher_is_better else "ceiling"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.title}: {self.value:.3f}{unit} at worst, {word} {self.limit:g}{unit}"
