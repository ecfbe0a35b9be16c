"""Files of motion recipes: those of a project, in `recipes/motion/` beside its briefs, and those that come along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node

from firstframe.cli.problems import BriefRejected, Problem
from firstframe.cli.still_recipes import own_folder
from firstframe.cli.yaml_tree import line_at, read_tree
from firstframe.core.recipe_trees import Fault, recipe_of, tree_of
from firstframe.core.recipes import Recipe
from firstframe.orchestrator.recipes import SHIPPED, taken

FOLDER = "motion"
NOT_A_RECIPE = "is empty, or no recipe; start it with `recipe: a-name` (see docs/recipes.md)"


def motion_folder(beside: Path) -> Path:
    """Where the motion recipes of a project are whose briefs are in the folder `beside`."""
    return own_folder(beside) / FOLDER


def own_recipes(beside: Path) -> list[Recipe]:
    """The project's own, by name and version.

    Raises:
        BriefRejected: A file is not a recipe.
    """
    folder = motion_folder(beside)
    found = [read_recipe(file) for file in folder.glob("*.yaml")] if folder.is_dir() else []
    return sorted(found, key=lambda recipe: (recipe.name, recipe.version))


def all_recipes(own: list[Recipe]) -> list[Recipe]:
    """All that a brief may name: a project's own, and those that come along."""
    mine = {recipe.reference for recipe in own}
    return [*own, *(recipe for recipe in SHIPPED if recipe.reference not in mine)]


def read_recipe(file: Path) -> Recipe:
    """Reads one recipe.

    Raises:
        BriefRejected: It is not one; with everything that is wrong.
    """
    root = read_tree(file, NOT_A_RECIPE)
    faults: list[Fault] = []
    recipe = recipe_of(plain(root), faults)
    if not faults and file.name != file_name(recipe):
        faults.append(Fault("recipe", f"is {recipe.reference}; name the file {file_name(recipe)}"))
    if not faults and (problem := taken(recipe)):
        faults.append(Fault("recipe", problem))
    if faults:
        raise BriefRejected(file, problems_of(faults, root))
    return recipe


def comes_along(recipe: Recipe) -> bool:
    """Whether it is one of those that come along."""
    return any(one.reference == recipe.reference for one in SHIPPED)


def problems_of(faults: list[Fault], root: MappingNode) -> list[Problem]:
    """Faults with the lines that they are on."""
    return [Problem(line_at(root, fault.field), fault.field, fault.message) for fault in faults]


def plain(node: Node) -> Any:  # noqa: ANN401  (whatever YAML has)
    """What a node says, as words, numbers, lists and groups of keys."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError):
        return None
    finally:
        loader.dispose()


def file_name(recipe: Recipe) -> str:
    """Name of a recipe's file; each version has its own."""
    return f"{recipe.name}.{recipe.version}.yaml"


def recipe_text(recipe: Recipe) -> str:
    """A recipe as its file says it."""
    return "".join(f"{key}:{_value_text(value)}\n" for key, value in tree_of(recipe).items())


def _value_text(value: object) -> str:
    if isinstance(value, list):
        return "".join(f"\n  - {_flow(item)}" for item in value)
    return f" {_flow(value)}"


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=True, width=1000, allow_unicode=True)
    return str(text).removesuffix("\n").removesuffix("\n...")
