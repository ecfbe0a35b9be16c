"""Files of still recipes: those that come along, and those of a project, in `recipes/` beside its briefs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from firstframe.cli.fields import Fields
from firstframe.cli.problems import BriefRejected, Problem, did_you_mean
from firstframe.cli.yaml_tree import read_tree
from firstframe.core.errors import InvalidInput
from firstframe.core.recipes import MAX_VERSION, parse_reference
from firstframe.core.seeds import MAX_SEED
from firstframe.core.sets import MAX_STAGING
from firstframe.sets.brands import BRAND_PALETTES
from firstframe.sets.palettes import PALETTES
from firstframe.sets.scenes import SCENES
from firstframe.templates.still_recipes import StillRecipe, chosen

SHIPPED = Path(__file__).parent / "recipes"
FOLDER = "recipes"
NOT_A_RECIPE = "is empty, or no recipe; start it with `recipe: a-name` (see docs/templates.md)"
KEYS = ("recipe", "version", "about", "scene", "palette", "seed", "staging")


def own_folder(beside: Path) -> Path:
    """Where the recipes of a project are whose briefs are in the folder `beside`."""
    return beside / FOLDER


def read_recipes(beside: Path) -> list[StillRecipe]:
    """All recipes that a brief in the folder may name: the project's own, then those that come along, by name and version.

    Raises:
        BriefRejected: A file is not a recipe.
    """
    own = _folder(own_folder(beside))
    names = {recipe.name for recipe in own}
    return [*own, *(recipe for recipe in _folder(SHIPPED) if recipe.name not in names)]


def _folder(folder: Path) -> list[StillRecipe]:
    found = [read_recipe(file) for file in folder.glob("*.yaml")] if folder.is_dir() else []
    return sorted(found, key=lambda recipe: (recipe.name, recipe.version))


def read_recipe(file: Path) -> StillRecipe:
    """Reads one recipe.

    Raises:
        BriefRejected: It is not one; with everything that is wrong.
    """
    problems: list[Problem] = []
    fields = Fields(read_tree(file, NOT_A_RECIPE), "", KEYS, problems)
    recipe = StillRecipe(
        name=fields.text("recipe", required="give the recipe a name"),
        version=fields.integer("version", least=1, most=MAX_VERSION),
        scene=_known(fields, "scene", tuple(SCENES)),
        palette=_known(fields, "palette", (*BRAND_PALETTES, *PALETTES)),
        seed=fields.integer("seed", least=0, most=MAX_SEED),
        about=fields.text("about"),
        staging=fields.integer("staging", least=0, most=MAX_STAGING),
    )
    for name in ("version", "seed"):
        if not fields.has(name):
            fields.problem(name, "is missing; write it as a whole number")
    if not problems and file.name != file_name(recipe):
        fields.problem("recipe", f"is {recipe.reference}; name the file {file_name(recipe)}")
    if problems:
        raise BriefRejected(file, problems)
    return recipe


def _known(fields: Fields, name: str, known: tuple[str, ...]) -> str:
    words = fields.text(name, required=f"name one of {', '.join(known)}")
    if words and words not in known:
        fields.problem(name, f"{words!r} is not a {name}; {did_you_mean(words, known)}")
    return words


def file_name(recipe: StillRecipe) -> str:
    """Name of a recipe's file; each version has its own."""
    return f"{recipe.name}.{recipe.version}.yaml"


def find_recipe(recipes: list[StillRecipe], words: str, *, field: str) -> StillRecipe:
    """The recipe of a reference, `name` or `name@2`.

    Raises:
        InvalidInput: There is none; the message names the nearest, or its versions.
    """
    named = parse_reference(words)
    recipe = chosen(recipes, *named) if named else None
    if recipe is not None:
        return recipe
    versions = [str(item.version) for item in recipes if named and item.name == named[0]]
    if named and versions:
        raise InvalidInput.at(field, f"{named[0]} has no version {named[1]}", f"it has {', '.join(versions)}")
    names = sorted({item.name for item in recipes})
    raise InvalidInput.at(
        field, f"{words!r} is not a recipe of stills", did_you_mean(words.split("@", maxsplit=1)[0], names)
    )


def save_recipe(recipe: StillRecipe, folder: Path) -> tuple[StillRecipe, Path, bool]:
    """Writes a recipe as its next version, and tells whether it is new: one that looks the same is not written again.

    Args:
        recipe: Its version does not count.
        folder: The project's recipes.

    Raises:
        BriefRejected: A recipe that is there is not one.
    """
    latest = chosen(_folder(folder), recipe.name, None)
    if latest is not None and latest.looks_like(recipe):
        return latest, folder / file_name(latest), False
    new = replace(recipe, version=latest.version + 1 if latest else 1)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / file_name(new)
    whole = file.with_suffix(".part")
    whole.write_text(_text(new), encoding="utf-8")
    whole.replace(file)
    return new, file, True


def _text(recipe: StillRecipe) -> str:
    body = {
        "recipe": recipe.name,
        "version": recipe.version,
        "about": recipe.about,
        "scene": recipe.scene,
        "palette": recipe.palette,
        "seed": recipe.seed,
    }
    if recipe.staging:
        body["staging"] = recipe.staging
    return str(yaml.safe_dump({key: value for key, value in body.items() if value != ""}, sort_keys=False))


def check_name(name: str) -> str:
    """The name, when a recipe may have it.

    Raises:
        InvalidInput: It is not a name.
    """
    named = parse_reference(name)
    if named is None or named[1] is not None:
        rule = "use 1 to 63 lower-case letters, digits and hyphens, starting with a letter"
        raise InvalidInput.at("NAME", f"{name!r} is not a name", rule)
    return name
