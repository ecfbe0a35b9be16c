"""The motion recipes that come along, as files in `motions/`."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import yaml

from firstframe.core.errors import Internal, InvalidInput
from firstframe.core.nearest import did_you_mean
from firstframe.core.recipe_trees import Fault, recipe_of
from firstframe.core.recipes import Recipe, chosen, parse_reference
from firstframe.orchestrator.encode import content_digest

__all__ = ["RECIPES", "SHIPPED", "Recipe", "find_recipe", "recipe_named", "taken"]


def _shipped() -> tuple[Recipe, ...]:
    """All versions of all recipes, by name and version."""
    found = []
    for file in files(__package__).joinpath("motions").iterdir():
        faults: list[Fault] = []
        found.append(recipe_of(yaml.safe_load(file.read_text(encoding="utf-8")), faults))
        if faults:
            raise Internal(f"{file.name}: {faults[0].field}: {faults[0].message}")
    return tuple(sorted(found, key=lambda recipe: (recipe.name, recipe.version)))


SHIPPED = _shipped()
"""Every version of every recipe that comes along."""
RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in SHIPPED}
"""The newest of each name."""


def recipe_named(name: str, version: int = 0, *, field: str) -> Recipe:
    """The recipe that comes along by that name and version; the newest when the version is 0.

    Raises:
        InvalidInput: There is none; the message lists those that there are.
    """
    return find_recipe(SHIPPED, f"{name}@{version}" if version else name, field=field)


def find_recipe(recipes: Iterable[Recipe], words: str, *, field: str) -> Recipe:
    """The recipe of a reference, `name` or `name@2`.

    Raises:
        InvalidInput: There is none; the message names the nearest, or its versions.
    """
    known = list(recipes)
    named = parse_reference(words)
    if named and (recipe := chosen(known, *named)):
        return recipe
    if named and (versions := sorted(item.version for item in known if item.name == named[0])):
        raise InvalidInput.at(field, f"{named[0]} has no version {named[1]}", f"it has {', '.join(map(str, versions))}")
    names = list(dict.fromkeys(item.name for item in known))
    raise InvalidInput.at(field, f"{words!r} is not a recipe", did_you_mean(words.split("@", maxsplit=1)[0], names))


def taken(recipe: Recipe) -> str:
    """What to say of a recipe that is another motion than the one that comes along under its name and version; else empty."""
    same = [one for one in SHIPPED if one.reference == recipe.reference]
    if all(content_digest(one) == content_digest(recipe) for one in same):
        return ""
    newest = max(one.version for one in SHIPPED if one.name == recipe.name)
    return (
        f"{recipe.reference} comes along with firstframe and is another motion, and every brief that names it would move"
        f" otherwise; take another name, or raise the version to {newest + 1}"
    )
