"""Reads typed fields out of YAML nodes and collects every problem instead of stopping at the first."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from firstframe.cli.problems import Problem, did_you_mean
from firstframe.cli.yaml_tree import entries, line_of

Value = TypeVar("Value")

_NULL = "tag:yaml.org,2002:null"
_INTEGER = re.compile(r"[+-]?[0-9][0-9_]{0,30}")
_OCTAL = re.compile(r"([+-]?)0[0_]*([0-9][0-9_]*)")


class Fields:
    """The entries of one mapping of a brief.

    A reading method gives nothing (None, 0, "" or []) when the entry is absent or wrong, and notes why.

    Args:
        node: The mapping.
        path: Where it stands, for example `heroes[0].set`; empty for the root.
        known: Keys that it may have.
        problems: Where problems go.
    """

    def __init__(self, node: MappingNode, path: str, known: Sequence[str], problems: list[Problem]) -> None:
        self.node = node
        self.path = path
        self.problems = problems
        self._known = known
        self._values: dict[str, tuple[ScalarNode, Node]] = {}
        self._index(node)

    def _index(self, node: MappingNode) -> None:
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                self.note(line_of(key), self.path, "a key must be a plain word; take the brackets away")
        for name, key, value in entries(node):
            self._index_entry(name, key, value)

    def _index_entry(self, name: str, key: ScalarNode, value: Node) -> None:
        if name not in self._known:
            cut = isinstance(value, ScalarNode) and value.tag == _NULL and self.node.flow_style and " " in name.strip()
            hint = "put a text with a comma between quotation marks" if cut else did_you_mean(name, self._known)
            self.note(line_of(key), self.at(name), f"is not a key of a brief here; {hint}")
        elif name in self._values:
            first = line_of(self._values[name][0])
            self.note(line_of(key), self.at(name), f"is there twice, first on line {first}; keep one of them")
        else:
            self._values[name] = (key, value)

    def note(self, line: int, field: str, message: str) -> None:
        """Notes a problem of a place in the file."""
        self.problems.append(Problem(line, field, message))

    def at(self, name: str) -> str:
        """Path of an entry."""
        return f"{self.path}.{name}" if self.path else name

    def line(self, name: str) -> int:
        """Line of an entry, or of the mapping when there is no such entry."""
        return line_of(self._values[name][0]) if name in self._values else line_of(self.node)

    def has(self, name: str) -> bool:
        """Whether there is such an entry."""
        return name in self._values

    def problem(self, name: str, message: str) -> None:
        """Notes a problem of an entry, or of the mapping itself when `name` is empty."""
        self.note(self.line(name), self.at(name) if name else self.path, message)

    def node_of(self, name: str) -> Node:
        """The value of an entry that is there."""
        return self._values[name][1]

    def _value(self, name: str, required: str) -> Node | None:
        if name in self._values:
            return self._values[name][1]
        if required:
            self.problem(name, f"is missing; {required}")
        return None

    def text(self, name: str, *, required: str = "") -> str:
        """A word or a line of text. Numbers and the like are taken as they are written."""
        return self._words(name, "text", required) or ""

    def _words(self, name: str, kind: str, required: str = "") -> str | None:
        node = self._value(name, required)
        return None if node is None else self._scalar(node, self.at(name), self.line(name), kind)

    def _scalar(self, node: Node, path: str, line: int, kind: str) -> str | None:
        if not isinstance(node, ScalarNode):
            self.note(line, path, f"must be {kind}, not {_kind(node)}; write it on one line after the colon")
        elif node.tag == _NULL:
            self.note(line, path, f"is empty; give it {kind} or take the key away")
        else:
            return str(node.value)
        return None

    def integer(self, name: str, *, least: int, most: int, rule: str = "") -> int:
        """A whole number; `rule` says what is allowed where the range does not."""
        words = self._words(name, "a whole number")
        if words is None:
            return 0
        if not _INTEGER.fullmatch(words):
            self.problem(name, f"must be a whole number, not {words!r}; use {rule or f'{least} to {most}'}")
            return 0
        if octal := _OCTAL.fullmatch(words):
            self.problem(name, f"{words} is octal to some readers of YAML; write {octal[1]}{octal[2]}")
            return 0
        if not least <= int(words) <= most:
            self.problem(name, f"{words} is out of range; use {rule or f'a whole number from {least} to {most}'}")
            return 0
        return int(words)

    def number(self, name: str, *, rule: str) -> float:
        """A number above zero; `rule` says what is allowed."""
        words = self._words(name, "a number")
        if words is None:
            return 0
        value = as_number(words)
        if value is None or value <= 0:
            self.problem(name, f"{words!r} will not do; use {rule}")
            return 0
        return value

    def choice(self, name: str, choices: Mapping[str, Value]) -> Value | None:
        """One of a few words."""
        words = self._words(name, "a word")
        if words is None:
            return None
        if words not in choices:
            self.problem(name, f"{words!r} is not known; {did_you_mean(words, list(choices))}")
            return None
        return choices[words]

    def name(self, name: str, known: Collection[str]) -> str:
        """One name, of a key that is called as what it names."""
        words = self.text(name, required=f"name one of {', '.join(known)}")
        if words:
            self.check(words, name, known, self.at(name), self.line(name))
        return words

    def names(self, name: str, noun: str, known: Collection[str]) -> list[str]:
        """A list of names; all that are not known are told at once."""
        found = self.texts(name, required=f"list one or more of {', '.join(known)}")
        for path, line, words in found:
            self.check(words, noun, known, path, line)
        return [words for _, _, words in found]

    def check(self, words: str, noun: str, known: Collection[str], path: str, line: int) -> None:
        """Notes a name that is not known."""
        if words not in known:
            self.note(line, path, f"{words!r} is not a {noun}; {did_you_mean(words, list(known))}")

    def items(self, name: str, *, required: str = "") -> list[tuple[str, Node]]:
        """Path and node of each item of a list."""
        node = self._value(name, required)
        if node is None:
            return []
        if not isinstance(node, SequenceNode):
            self.problem(name, f"must be a list, not {_kind(node)}; start each item with `- ` or write [one, two]")
            return []
        return [(f"{self.at(name)}[{index}]", item) for index, item in enumerate(node.value)]

    def texts(self, name: str, *, required: str = "") -> list[tuple[str, int, str]]:
        """Path, line and words of each item of a list of words."""
        found = []
        for path, node in self.items(name, required=required):
            words = self._scalar(node, path, line_of(node), "text")
            if words is not None:
                found.append((path, line_of(node), words))
        return found

    def section(self, name: str, known: Sequence[str], *, required: str = "") -> Fields | None:
        """The mapping under a key."""
        node = self._value(name, required)
        return None if node is None else as_fields(node, self.at(name), known, self.problems, self.line(name))


def as_fields(
    node: Node, path: str, known: Sequence[str], problems: list[Problem], line: int | None = None
) -> Fields | None:
    """The entries of a mapping node; notes a problem and gives None when it is something else."""
    if isinstance(node, MappingNode):
        return Fields(node, path, known, problems)
    message = f"must be entries such as `{known[0]}: …`, not {_kind(node)}; {'put them below, indented'}"
    problems.append(Problem(line or line_of(node), path, message))
    return None


def as_number(words: str) -> float | None:
    """A finite number, or None."""
    try:
        value = float(words)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _kind(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "nothing" if node.tag == _NULL else f"{node.value!r}"
    return "a list" if isinstance(node, SequenceNode) else "a group of keys"
