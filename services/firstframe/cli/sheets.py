"""Sheets of rows that a template is merged with: CSV or YAML."""

from __future__ import annotations

from pathlib import Path

from yaml.nodes import MappingNode, Node, ScalarNode

from firstframe.cli.problems import BriefRejected, Problem
from firstframe.cli.yaml_tree import entries, line_of, read_list, read_text
from firstframe.templates.rows import MAX_ROWS, Fault, Row, Sheet, read_csv

YAML_SUFFIXES = (".yaml", ".yml")


def read_sheet(file: Path) -> tuple[Sheet, list[Problem]]:
    """Reads a sheet; rows that are wrong are left out and told."""
    try:
        sheet = _yaml_sheet(file) if file.suffix.lower() in YAML_SUFFIXES else read_csv(read_text(file))
    except BriefRejected as error:
        return Sheet((), ()), [Problem(item.line, item.field, item.message, str(file)) for item in error.problems]
    return sheet, [Problem(fault.line, fault.name, fault.message, str(file), fault.column) for fault in sheet.faults]


def _yaml_sheet(file: Path) -> Sheet:
    """Rows of a YAML list; its columns are the keys that any row has, and a row without one has nothing there."""
    nodes = read_list(file).value
    faults = [fault for node in nodes for fault in _faults(node)]
    rows = [Row(line_of(node), _values(node)) for node in nodes if isinstance(node, MappingNode) and node.value]
    if len(rows) > MAX_ROWS:
        faults.append(
            Fault(1, 0, "", f"there are {len(rows)} rows; use at most {MAX_ROWS}, and make several campaigns")
        )
    if not nodes:
        faults.append(Fault(1, 0, "", "has no row; add one"))
    columns = tuple(dict.fromkeys(name for row in rows for name in row.values))
    whole = (Row(row.line, {name: row.values.get(name, "") for name in columns}) for row in rows)
    return Sheet(columns, tuple(whole), tuple(sorted(faults)))


def _values(node: MappingNode) -> dict[str, str]:
    return {name: str(value.value).strip() for name, _, value in entries(node) if isinstance(value, ScalarNode)}


def _faults(node: Node) -> list[Fault]:
    if not isinstance(node, MappingNode):
        return [Fault(line_of(node), 0, "", "must be entries such as `name: …`; indent them below the `-`")]
    if not node.value:
        return [Fault(line_of(node), 0, "", "is an empty row; take it away")]
    names = [name for name, _, _ in entries(node)]
    return [
        *(
            Fault(line_of(key), 0, name, "is there twice in this row; keep one of them")
            for at, (name, key, _) in enumerate(entries(node))
            if name in names[:at]
        ),
        *(
            Fault(line_of(value), 0, name, "must be text; write it on one line after the colon")
            for name, _, value in entries(node)
            if not isinstance(value, ScalarNode)
        ),
    ]
