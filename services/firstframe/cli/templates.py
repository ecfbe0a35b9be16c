"""The `template:` of a brief: one hero with merge fields and axes, of which many heroes are made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yaml.nodes import MappingNode, Node, ScalarNode

from firstframe.cli.fields import Fields
from firstframe.cli.photo_heroes import PHOTO_KEYS
from firstframe.cli.photographs import is_there
from firstframe.cli.problems import Problem, counted, did_you_mean
from firstframe.cli.sheets import read_sheet
from firstframe.cli.template_nodes import Cells, MadeHero, Place, PlacedNode, mapping, merged_node
from firstframe.cli.yaml_tree import entries, line_of
from firstframe.core.errors import InvalidInput
from firstframe.core.seeds import MAX_SEED, variation_seed
from firstframe.templates.choice import Axis, Combination, combinations_of
from firstframe.templates.expansion import WEIGHTS, StaleSwap, Swap, Take, swap_staging, takes_of
from firstframe.templates.merging import as_name, loose_braces, merge_fields, merged
from firstframe.templates.never import Never, allows
from firstframe.templates.rows import MAX_ROWS, Row, Sheet

SOURCES = ("set", "photo", "prompt")
HERO_PARTS = ("seed", *SOURCES, *PHOTO_KEYS)
KEYS = ("name", "rows", "vary", "count", *HERO_PARTS)
MAX_COUNT = 1000
_COLUMN = re.compile(r"[\w -]{1,40}")
MAX_SEEDS = 1000
UNASKED_COUNT = 100
"""Most takes of a product that come without being counted."""


@dataclass(slots=True)
class Product:
    """What one row (or a template without rows) is made of."""

    base: str
    cells: Cells
    axes: list[Axis] = field(default_factory=list)
    values: dict[tuple[str, str], PlacedNode] = field(default_factory=dict)
    """Where each value of each axis comes from."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A template, expanded."""

    heroes: tuple[MadeHero, ...] = ()
    takes: tuple[Take, ...] = ()
    """The same as takes, in the same order."""
    axes: Mapping[str, tuple[Axis, ...]] = field(default_factory=dict)
    """By the name of the product."""


def expanded(
    fields: Fields,
    folder: Path,
    seed: int,
    *,
    axis_keys: Mapping[str, Sequence[str]],
    swaps: Mapping[str, Swap],
    never: Sequence[Never],
) -> Expansion:
    """The heroes of a template. What is wrong is noted in the fields' problems.

    Args:
        fields: The entries under `template`.
        folder: What the path of a sheet counts from.
        seed: The campaign's.
        axis_keys: What may vary, by the name of the source.
        swaps: Near-duplicates that were replaced, by the name of the take.
        never: A brand's do-nots; pairs of a scene and a palette are passed over.
    """
    return _Template(fields, folder, seed, axis_keys, swaps, never).expanded()


class _Template:
    def __init__(
        self,
        fields: Fields,
        folder: Path,
        seed: int,
        axis_keys: Mapping[str, Sequence[str]],
        swaps: Mapping[str, Swap],
        never: Sequence[Never],
    ) -> None:
        self._fields = fields
        self._folder = folder
        self._seed = seed
        self._axis_keys = axis_keys
        self._swaps = swaps
        self._never = never
        self._parts = {name: value for name, _, value in entries(fields.node) if name in HERO_PARTS}
        self._source = next((name for name in SOURCES if name in self._parts), "set")

    def expanded(self) -> Expansion:
        name = self._fields.text("name", required='name the heroes, for example `name: serum` or `name: "{{sku}}"`')
        file, sheet = self._sheet()
        if not name or not self._merge_fields_are_known(file, sheet):
            return Expansion()
        count = self._fields.integer("count", least=1, most=MAX_COUNT)
        products = self._distinct(self._product(name, cells) for cells in _rows(file, sheet))
        if not self._is_within_bounds(products, count):
            return Expansion()
        heroes, takes = [], []
        for product in products:
            for take in self._takes(product, count):
                takes.append(take)
                heroes.append(self._hero(product, take))
        return Expansion(tuple(heroes), tuple(takes), {item.base: tuple(item.axes) for item in products})

    def _is_within_bounds(self, products: Sequence[Product], count: int) -> bool:
        """Whether a campaign can have so many heroes; asked before any is made."""
        wanted = sum(min(count or UNASKED_COUNT, combinations_of(product.axes)) for product in products)
        if wanted > MAX_ROWS:
            fix = f"a campaign has at most {MAX_ROWS}: say a lower count, or make several campaigns"
            self._fields.problem("count", f"{len(products)} products come to {wanted} heroes; {fix}")
        return wanted <= MAX_ROWS

    def _sheet(self) -> tuple[Path | None, Sheet]:
        words = self._fields.text("rows") if self._fields.has("rows") else ""
        if not words:
            return None, Sheet((), ())
        file = self._folder / words
        if not is_there(self._fields, "rows", self._folder, words):
            return file, Sheet((), ())
        sheet, problems = read_sheet(file)
        self._fields.problems.extend(problems)
        return file, sheet

    def _merge_fields_are_known(self, file: Path | None, sheet: Sheet) -> bool:
        found = list(_wrong_merge_fields(self._fields.node, "template", file, sheet))
        if file is None or sheet.columns:
            self._fields.problems.extend(found)
        return not found

    def _product(self, name: str, cells: Cells) -> Product | None:
        """A row; None when it has no name, which is noted."""
        base = as_name(merged(name, cells.row.values))
        if base and base[0].isalpha():
            product = Product(base, cells)
            self._add_axes(product)
            return product
        place = cells.place(name, Place(self._fields.line("name"), "template.name"))
        fix = 'begin with a letter, for example `name: "p-{{sku}}"` in the template'
        self._fields.problems.append(place.problem(f"makes the name {base!r}; {fix}"))
        return None

    def _distinct(self, products: Iterator[Product | None]) -> list[Product]:
        found: dict[str, Product] = {}
        for product in products:
            if product is None:
                continue
            first = found.setdefault(product.base, product)
            if first is not product:
                self._note_same_name(product, first)
        return list(found.values())

    def _note_same_name(self, product: Product, first: Product) -> None:
        words = self._fields.text("name")
        place = product.cells.place(words, product.cells.whole or Place(self._fields.line("name"), "template.name"))
        message = f"makes the name {product.base!r}, as line {first.cells.row.line} does; names have to differ"
        self._fields.problems.append(place.problem(message))

    def _add_axes(self, product: Product) -> None:
        vary = next((value for name, _, value in entries(self._fields.node) if name == "vary"), None)
        if vary is None:
            return
        known = (*self._axis_keys.get(self._source, ()), "seeds")
        words = self._fields.section("vary", known)
        if words is None:
            return
        for name in known:
            if words.has(name):
                self._add_axis(product, words, name)

    def _add_axis(self, product: Product, words: Fields, name: str) -> None:
        source = self._parts.get(self._source)
        if isinstance(source, MappingNode) and any(name == key for key, _, _ in entries(source)):
            words.problem(name, f"is in `{self._source}` as well; keep one of them")
            return
        nodes = self._seeds(words) if name == "seeds" else self._listed(product, words, name)
        values = {node.value: node for node in nodes}
        if not values:
            return
        axis = "seed" if name == "seeds" else name
        product.axes.append(Axis(axis, tuple(values), WEIGHTS.get(axis, 1)))
        product.values |= {(axis, value): node for value, node in values.items()}

    def _listed(self, product: Product, words: Fields, name: str) -> list[PlacedNode]:
        made = []
        for path, node in words.items(name):
            place = Place(line_of(node), path)
            if not isinstance(node, ScalarNode):
                words.problem(name, "must be a list of texts")
                continue
            text = merged(str(node.value), product.cells.row.values)
            if text.strip():
                made.append(PlacedNode(text, product.cells.place(str(node.value), place), node))
        return made

    def _seeds(self, words: Fields) -> list[PlacedNode]:
        node = next(value for name, _, value in entries(words.node) if name == "seeds")
        place = Place(words.line("seeds"), words.at("seeds"))
        if isinstance(node, ScalarNode):
            number = words.integer("seeds", least=1, most=MAX_SEEDS)
            return [PlacedNode(str(variation_seed(self._seed, take)), place, node) for take in range(1, number + 1)]
        found = []
        for path, line, text in words.texts("seeds"):
            if text.isdecimal() and int(text) <= MAX_SEED:
                found.append(PlacedNode(str(int(text)), Place(line, path), node))
            else:
                self._fields.problems.append(Problem(line, path, f"{text!r} is not a seed; use 0 to {MAX_SEED}"))
        return found

    def _takes(self, product: Product, count: int) -> list[Take]:
        total = combinations_of(product.axes)
        if not count and total > UNASKED_COUNT:
            fix = f"say how many you want, for example `count: {UNASKED_COUNT // 2}`"
            self._fields.problem("vary", f"has {total} combinations; {fix}")
            return []
        try:
            takes = takes_of(
                product.base, product.axes, count or total, swaps=self._swaps, allowed=self._allowed(product.axes)
            )
        except InvalidInput as error:
            self._fields.problem("vary", error.message.removeprefix("vary: "))
            return []
        except StaleSwap as error:
            self._note_stale(error.swap)
            return []
        if len(takes) < count:
            self._note_too_few(product, len(takes), count)
        return takes

    def _allowed(self, axes: Sequence[Axis]) -> Allowed:
        names = tuple(axis.name for axis in axes)
        return Allowed(names, tuple(self._never))

    def _note_stale(self, swap: Swap) -> None:
        fix = "run `firstframe stills` on the brief again, or delete the file of picks beside it"
        self._fields.problem("", f"{swap.name} was replaced when the template was another; {fix}")

    def _note_too_few(self, product: Product, found: int, count: int) -> None:
        fix = "give `vary` more values or seeds, or lower the count"
        self._fields.problem("count", f"{product.base} comes to {counted(found, 'combination')}, not to {count}; {fix}")

    def _hero(self, product: Product, take: Take) -> MadeHero:
        emptied: dict[str, Place] = {}
        like = self._fields.node
        parts = {
            name: merged_node(value, product.cells, Place(line_of(value), f"template.{name}"), emptied, f".{name}")
            for name, value in self._parts.items()
        }
        self._put_axes(product, take, parts, like)
        self._put_staging(take, parts, like)
        name_place = product.cells.place(self._fields.text("name"), Place(self._fields.line("name"), "template.name"))
        named = ("name", PlacedNode(take.name, name_place, like))
        kept = [(name, node) for name, node in parts.items() if node is not None]
        return MadeHero(take.name, mapping([named, *kept], like), like, emptied)

    def _put_axes(self, product: Product, take: Take, parts: dict[str, Node | None], like: MappingNode) -> None:
        nodes = {axis: product.values[axis, value] for axis, value in take.values.items()}
        if "seed" in nodes:
            parts["seed"] = nodes.pop("seed")
        if nodes:
            own = parts.get(self._source)
            before = [(key.value, value) for key, value in own.value] if isinstance(own, MappingNode) else []
            parts[self._source] = mapping([*before, *nodes.items()], like)

    def _put_staging(self, take: Take, parts: dict[str, Node | None], like: MappingNode) -> None:
        """Stages a set anew that replaces one which looked like another, unless the template stages its sets itself."""
        own = parts.get("set")
        if take.name not in self._swaps or not isinstance(own, MappingNode):
            return
        before = [(key.value, value) for key, value in own.value]
        if not any(key in ("staging", "recipe") for key, _ in before):
            way = PlacedNode(str(swap_staging(take.place)), Place(line_of(like), "template.set.staging"), like)
            parts["set"] = mapping([*before, ("staging", way)], like)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Passes over the pairs of a scene and a palette that a brand never wants."""

    names: tuple[str, ...]
    never: tuple[Never, ...]

    def __call__(self, made: Combination) -> bool:
        """Whether a combination may be made."""
        return allows(self.never, dict(zip(self.names, made, strict=True)))


def _rows(file: Path | None, sheet: Sheet) -> Iterator[Cells]:
    if file is None:
        yield Cells(None, sheet, Row(0, {}))
    for row in sheet.rows:
        yield Cells(file, sheet, row)


def _wrong_merge_fields(node: Node, path: str, file: Path | None, sheet: Sheet) -> Iterator[Problem]:
    """Every text below a node whose merge fields are no columns."""
    if isinstance(node, ScalarNode):
        yield from _wrong_text(node, path, file, sheet)
    elif isinstance(node, MappingNode):
        for name, _, value in entries(node):
            yield from _wrong_merge_fields(value, f"{path}.{name}", file, sheet)
    else:
        for index, value in enumerate(node.value):
            yield from _wrong_merge_fields(value, f"{path}[{index}]", file, sheet)


def _wrong_text(node: ScalarNode, path: str, file: Path | None, sheet: Sheet) -> Iterator[Problem]:
    text, line = str(node.value), line_of(node)
    if loose_braces(text):
        yield Problem(line, path, "has a merge field that is not closed; write it as {{column}}")
    for name in merge_fields(text):
        if file is None and name:
            yield Problem(line, path, f"has the merge field {{{{{name}}}}}, but the template has no `rows`")
        elif name and name not in sheet.columns:
            yield Problem(line, path, f"{file.name if file else ''} has no column {name!r}; {_columns(name, sheet)}")


def _columns(name: str, sheet: Sheet) -> str:
    """Which columns there are; a first row that is none may be of a wrong file with secrets, and is not told."""
    if all(_COLUMN.fullmatch(column) for column in sheet.columns):
        return did_you_mean(name, list(sheet.columns))
    return "check that it is the right file, and that its first row has the names of the columns"
