"""YAML as a tree of nodes that know their lines, so that a message can point at them."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from firstframe.cli.problems import BriefRejected, Problem

MAX_BRIEF_BYTES = 1024 * 1024
ZIP_MAGIC = b"PK\x03\x04"
MAX_DEPTH = 16
"""Levels of lists and groups of keys, one in another; a brief needs five."""
NOT_A_BRIEF = "this is not a brief; start it with `campaign: a-name` (see docs/campaign-file.md)"

_PATH_PART = re.compile(r"[^.\[\]]+|\[\d+\]")
_QUOTED = re.compile(r"""(['"])(?!<)(?:\\.|(?!\1).){2,}\1""")


class _TooDeep(yaml.MarkedYAMLError):
    """More than MAX_DEPTH levels."""


class _Loader(yaml.SafeLoader):
    """Stops at MAX_DEPTH: each level of a file takes levels of Python's own stack."""

    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """The next node and all below it."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise _TooDeep(problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def line_of(node: Node) -> int:
    """Line on which a node starts, from 1."""
    return int(node.start_mark.line) + 1


def read_tree(file: Path, otherwise: str = NOT_A_BRIEF) -> MappingNode:
    """Reads a YAML file whose root is a mapping.

    Args:
        file: Which.
        otherwise: What is told of another root, and of an empty file.

    Raises:
        BriefRejected: It cannot be read, is not UTF-8, is not YAML, or is not a mapping.
    """
    root = _composed(file)
    if not isinstance(root, MappingNode):
        raise BriefRejected(file, [Problem(line_of(root) if root else 0, "", otherwise)])
    return root


def _composed(file: Path) -> Node | None:
    try:
        return yaml.compose(read_text(file), Loader=_Loader)
    except yaml.YAMLError as error:
        raise BriefRejected(file, [_syntax_problem(error)]) from None


def _bytes(file: Path) -> bytes:
    """What is in a file; only a regular one is opened, since a pipe would keep us waiting for its other end."""
    mode = file.stat().st_mode
    if stat.S_ISDIR(mode):
        raise BriefRejected(file, [Problem(0, "", "is a folder; give a file")])
    if not stat.S_ISREG(mode):
        raise BriefRejected(file, [Problem(0, "", "is not a regular file; give one")])
    with file.open("rb") as stream:
        return stream.read(MAX_BRIEF_BYTES + 1)


def read_text(file: Path) -> str:
    """The text of a file, without a byte order mark.

    Raises:
        BriefRejected: It is missing, larger than MAX_BRIEF_BYTES, a ZIP file, or not UTF-8.
    """
    try:
        data = _bytes(file)
    except FileNotFoundError:
        raise BriefRejected(file, [Problem(0, "", "there is no such file; check the path")]) from None
    except OSError as error:
        raise BriefRejected(file, [Problem(0, "", f"cannot be read: {error.strerror}; give another file")]) from None
    if data.startswith(ZIP_MAGIC):
        text = "is a workbook (Excel, Numbers, …) or another ZIP file; export the sheet as CSV in UTF-8"
        raise BriefRejected(file, [Problem(0, "", text)])
    if len(data) > MAX_BRIEF_BYTES:
        raise BriefRejected(file, [Problem(0, "", "is larger than 1 MiB; split the campaign")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BriefRejected(file, [Problem(line, "", "is not UTF-8 text; save it as UTF-8")]) from None


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    if isinstance(error, _TooDeep) and error.problem_mark is not None:
        place = f"at column {error.problem_mark.column + 1}; a brief has at most {MAX_DEPTH} levels"
        return Problem(error.problem_mark.line + 1, "", f"is nested too deeply {place}")
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        # The file may be a wrong one that has secrets: its words stay out of the message.
        words = _QUOTED.sub("…", ", ".join(part for part in (error.context, error.problem) if part))
        advice = "check the indentation, the colons and the quotes of this line and the one before"
        return Problem(error.problem_mark.line + 1, "", f"this is not valid YAML ({words}); {advice}")
    return Problem(0, "", f"this is not valid YAML ({error}); remove what is not plain text")


def entries(node: MappingNode) -> list[tuple[str, ScalarNode, Node]]:
    """Key, key node and value node of each entry whose key is a scalar, in the order of the file."""
    return [(key.value, key, value) for key, value in node.value if isinstance(key, ScalarNode)]


def read_list(file: Path) -> SequenceNode:
    """Reads a YAML file whose root is a list.

    Raises:
        BriefRejected: It cannot be read, is not UTF-8, is not YAML, or is not a list.
    """
    root = _composed(file)
    if not isinstance(root, SequenceNode):
        raise BriefRejected(
            file, [Problem(line_of(root) if root else 0, "", "must be a list; start each row with `- `")]
        )
    return root


def node_at(root: Node, path: str) -> Node | None:
    """The value at `path`, None when there is none."""
    node: Node = root
    for part in _PATH_PART.findall(path):
        found = _child(node, part)
        if found is None:
            return None
        _, node = found
    return node


def line_at(root: MappingNode, path: str) -> int:
    """Line of the entry at `path`, or of its nearest ancestor that is in the file."""
    node: Node = root
    line = line_of(root)
    for part in _PATH_PART.findall(path):
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: Node, part: str) -> tuple[int, Node] | None:
    if isinstance(node, SequenceNode) and part.startswith("["):
        index = int(part[1:-1])
        return (line_of(node.value[index]), node.value[index]) if index < len(node.value) else None
    if isinstance(node, MappingNode):
        return next(((line_of(key), value) for name, key, value in entries(node) if name == part), None)
    return None
