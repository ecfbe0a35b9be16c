"""Heroes by `set:`: a generated set, its look from a recipe or in words of its own, in a brand's colours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.brand_kits import BrandKit
from firstframe.cli.fields import Fields
from firstframe.cli.photographs import Photograph
from firstframe.cli.problems import BriefRejected
from firstframe.cli.product_files import ProductFiles
from firstframe.cli.products import PRODUCT_KEYS, has_product, note_without, read_product
from firstframe.cli.still_recipes import find_recipe, read_recipes
from firstframe.core.errors import InvalidInput
from firstframe.core.sets import MAX_STAGING
from firstframe.sets.brands import BRAND_PALETTES
from firstframe.sets.palettes import PALETTES
from firstframe.sets.scenes import SCENES
from firstframe.templates.never import says
from firstframe.templates.still_recipes import StillRecipe

SET_KEYS = ("recipe", "scene", "palette", "copy", "tagline", "staging", *PRODUCT_KEYS)

_ANY = imagegen_pb2.ProductSet(scene=next(iter(SCENES)), palette=next(iter(PALETTES)), copy="a")
_ANY_BRAND = imagegen_pb2.Brand(ground="#FFFFFF", product="#000000", accent="#000000", paper="#FFFFFF", ink="#000000")
"""What is wrong is told; nothing follows from these."""


class SetReader:
    """Reads the sets of one brief.

    Args:
        folder: Where the brief is; its recipes are below.
        brand: Whose products they are.
        palettes: Names that a palette may have.
    """

    def __init__(self, folder: Path, brand: BrandKit | None, palettes: Collection[str]) -> None:
        self._folder = folder
        self.products = ProductFiles(folder)
        self._brand = brand
        self._palettes = palettes
        self._recipes: list[StillRecipe] | None = None

    def read(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> list[Photograph]:
        """Reads the `set` of a hero and gives the product's file that has to be in the store; what is wrong is noted."""
        words = fields.section("set", SET_KEYS, required="give the hero a `set`, a `photo` or a `prompt`")
        if words is None:
            return []
        recipe = self._recipe(words, hero)
        if recipe is None and words.has("recipe"):
            hero.set.CopyFrom(_ANY)
            return []
        hero.set.CopyFrom(self._message(words, recipe))
        look = {"scene": hero.set.scene, "palette": hero.set.palette}
        note_never(words, self._brand, look, {"copy": hero.set.copy, "tagline": hero.set.tagline})
        if has_product(words):
            return read_product(words, self.products, hero.set)
        note_without(words)
        return []

    def _message(self, words: Fields, recipe: StillRecipe | None) -> imagegen_pb2.ProductSet:
        needed = "" if has_product(words) else "give the words of the label, for example `copy: First Light`"
        copy = words.text("copy", required=needed) if needed else ""
        tagline = words.text("tagline") if needed else ""
        _note_letters(words, copy=copy, tagline=tagline)
        palette = _looked_up(words, "palette", self._palettes, recipe)
        return imagegen_pb2.ProductSet(
            scene=_looked_up(words, "scene", SCENES, recipe),
            palette=palette,
            copy=copy,
            tagline=tagline,
            brand=self._house(palette),
            staging=_staging(words, recipe),
        )

    def _house(self, palette: str) -> imagegen_pb2.Brand | None:
        """Whose colours the set has; a kit that is wrong leaves a palette of brands without any."""
        if self._brand is not None:
            return self._brand.message
        return _ANY_BRAND if palette in BRAND_PALETTES else None

    def _recipe(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> StillRecipe | None:
        """The look that a set takes over; its seed is the hero's, where that has none of its own."""
        words = fields.text("recipe")
        if not words:
            return None
        try:
            recipe = find_recipe(self._known(), words, field="recipe")
        except BriefRejected as error:
            fields.problems.extend(replace(item, file=item.file or str(error.file)) for item in error.problems)
            return None
        except InvalidInput as error:
            fields.problem("recipe", error.message.removeprefix("recipe: "))
            return None
        if not hero.HasField("seed"):
            hero.seed = recipe.seed
        return recipe

    def _known(self) -> list[StillRecipe]:
        if self._recipes is None:
            self._recipes = read_recipes(self._folder)
        return self._recipes


def _staging(fields: Fields, recipe: StillRecipe | None) -> int:
    """Which way the set is staged: its own word, else that of its recipe, unless the look is otherwise."""
    if fields.has("staging") or recipe is None:
        return fields.integer("staging", least=0, most=MAX_STAGING)
    return recipe.staging


def _looked_up(fields: Fields, name: str, known: Collection[str], recipe: StillRecipe | None) -> str:
    """A scene or a palette: the set's own word, else that of its recipe."""
    own = recipe is None or fields.has(name)
    words = fields.text(name, required=f"name one of {', '.join(known)}") if own else str(getattr(recipe, name))
    at = name if own else "recipe"
    if words in BRAND_PALETTES and words not in known:
        fields.problem(at, f"{words!r} is made of a brand's colours; give the brief a `brand`, or use another palette")
    elif words:
        fields.check(words, name, known, fields.at(at), fields.line(at))
    return words


def _note_letters(fields: Fields, **texts: str) -> None:
    """Notes a text whose letters no typeface has; its length is checked with the rest of the brief."""
    from firstframe.sets.label import check_text

    for name, text in texts.items():
        try:
            check_text(text, field=name, limit=len(text))
        except InvalidInput as error:
            fields.problem(name, error.message.removeprefix(f"{name}: "))


def note_never(fields: Fields, brand: BrandKit | None, look: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """Notes what a brand never wants.

    Args:
        fields: Where the hero's words stand.
        brand: Whose do-nots they are.
        look: `scene` and `palette`, where the hero has them.
        texts: By the name of the entry, all that can be read on the hero or that a model is told.
    """
    for rule in brand.never if brand else ():
        if rule.holds(look, texts.values()):
            said = (name for name, text in texts.items() if rule.word and says(text, rule.word))
            name = next(said, "scene" if rule.scene else "palette")
            why = f": {rule.why}" if rule.why else ""
            owner = brand.name if brand else ""
            fields.problem(name, f"{owner} never wants {rule.words}{why}; change it, or the brand kit")
