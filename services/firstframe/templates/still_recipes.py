"""Recipes of stills: a look that was found good, by name and version, to be had again on other products."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StillRecipe:
    """A look: what is not the product's own. Seed and staging fix camera, light and dressing: same numbers, same picture."""

    name: str
    version: int
    """From 1; a look that changes gets a new one, and the old stays."""
    scene: str
    palette: str
    seed: int
    about: str = ""
    staging: int = 0
    """Which way the seed is staged."""

    @property
    def reference(self) -> str:
        """How a brief names exactly this version."""
        return f"{self.name}@{self.version}"

    def looks_like(self, other: StillRecipe) -> bool:
        """Whether both give the same picture."""
        mine, others = ((item.scene, item.palette, item.seed, item.staging) for item in (self, other))
        return mine == others


def chosen(recipes: Iterable[StillRecipe], name: str, version: int | None) -> StillRecipe | None:
    """The recipe of that name and version; the newest when none is named."""
    named = [recipe for recipe in recipes if recipe.name == name and version in (None, recipe.version)]
    return max(named, key=lambda recipe: recipe.version, default=None)
