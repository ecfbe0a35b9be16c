"""The table of errors in the design note is the one in the code."""

from __future__ import annotations

from pathlib import Path

from firstframe.runtime.status import CODES

NOTE = Path(__file__).parents[3] / "docs" / "design" / "0003-runtime.md"


def row(cells: str) -> list[str]:
    return [cell.strip().strip("`") for cell in cells.strip("|").split("|")]


def test_the_table_of_errors_is_true() -> None:
    lines = [line for line in NOTE.read_text().splitlines() if line.startswith("| `")]
    documented = {cells[0]: (cells[1].split("`")[0], *cells[2:]) for cells in map(row, lines)}
    retry = {kind: kind.default_retry_after_s for kind in CODES}
    assert documented == {
        kind.__name__: (code.name, kind.default_reason, "–" if retry[kind] is None else f"{retry[kind]:g} s")
        for kind, code in CODES.items()
    }
