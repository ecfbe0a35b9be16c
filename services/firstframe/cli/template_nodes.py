"""Heroes of a template as nodes of YAML, which know the cell or the line that each value comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from firstframe.cli.problems import Problem
from firstframe.cli.yaml_tree import line_at, line_of, node_at
from firstframe.templates.merging import merge_fields, merged
from firstframe.templates.rows import Row, Sheet

_TEXT = "tag:yaml.org,2002:str"
_MAP = "tag:yaml.org,2002:map"
_LIST = "tag:yaml.org,2002:seq"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value comes from."""

    line: int
    field: str
    file: str = ""
    """Empty for the brief."""
    column: int = 0

    def problem(self, message: str) -> Problem:
        """A problem that stands there."""
        return Problem(self.line, self.field, message, self.file, self.column)


class PlacedNode(ScalarNode):
    """A text that comes from somewhere else than where it is read."""

    def __init__(self, value: str, place: Place, like: Node) -> None:
        super().__init__(_TEXT, value, like.start_mark, like.end_mark)
        self.place = place


@dataclass(frozen=True, slots=True)
class Cells:
    """One row, and where it stands."""

    file: Path | None
    """None for a template without rows."""
    sheet: Sheet
    row: Row

    def place(self, text: str, otherwise: Place) -> Place:
        """Where the first merge field of a text comes from."""
        names = [name for name in merge_fields(text) if name in self.row.values]
        if not names or self.file is None:
            return otherwise
        column = 0 if self.file.suffix.lower() in (".yaml", ".yml") else self.sheet.number(names[0])
        return Place(self.row.line, names[0], str(self.file), column)

    @property
    def whole(self) -> Place | None:
        """The row itself."""
        return None if self.file is None else Place(self.row.line, "", str(self.file))


@dataclass(frozen=True, slots=True)
class MadeHero:
    """A hero of a template."""

    name: str
    node: MappingNode
    template: MappingNode
    """What is below `template:` in the brief."""
    emptied: Mapping[str, Place]
    """Where those entries come from that have no text in this row, by their path below the hero."""

    def place(self, path: str) -> Place:
        """Where the value at a path below the hero comes from, for example `.set.copy`."""
        if path in self.emptied:
            return self.emptied[path]
        node = node_at(self.node, path)
        if isinstance(node, PlacedNode):
            return node.place
        return Place(line_at(self.template, path), f"template{path}")


def merged_node(node: Node, cells: Cells, place: Place, emptied: dict[str, Place], below: str = "") -> Node | None:
    """A copy of a node with the texts of a row; None when nothing is left of a text.

    Args:
        node: Below the template.
        cells: The row.
        place: Where the node stands.
        emptied: Takes up where texts come from of which nothing is left.
        below: Path of the node below the hero.
    """
    if isinstance(node, ScalarNode):
        return _merged_text(node, cells, place, emptied, below)
    if isinstance(node, SequenceNode):
        items = [
            merged_node(item, cells, _at(place, item, f"[{index}]"), emptied, f"{below}[{index}]")
            for index, item in enumerate(node.value)
        ]
        return SequenceNode(_LIST, [item for item in items if item is not None], node.start_mark, node.end_mark)
    made = []
    for key, value in node.value:
        part = f".{key.value}" if isinstance(key, ScalarNode) else ""
        found = merged_node(value, cells, _at(place, key, part), emptied, below + part)
        if found is not None:
            made.append((key, found))
    return MappingNode(_MAP, made, node.start_mark, node.end_mark)


def _at(place: Place, node: Node, part: str) -> Place:
    return replace(place, line=line_of(node), field=place.field + part)


def _merged_text(
    node: ScalarNode, cells: Cells, place: Place, emptied: dict[str, Place], below: str
) -> ScalarNode | None:
    text = str(node.value)
    if not merge_fields(text):
        return node
    made, origin = merged(text, cells.row.values), cells.place(text, place)
    if made.strip():
        return PlacedNode(made, origin, node)
    emptied[below] = origin
    return None


def mapping(entries: Iterable[tuple[str, Node]], like: Node) -> MappingNode:
    """A mapping of entries that stand where `like` does."""
    pairs = [(ScalarNode(_TEXT, name, value.start_mark, value.end_mark), value) for name, value in entries]
    return MappingNode(_MAP, pairs, like.start_mark, like.end_mark)
