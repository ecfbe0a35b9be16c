"""Rows of a sheet: what a template is merged with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MAX_ROWS = 4000
"""As many as a campaign has lanes."""
MAX_COLUMNS = 100
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong in a sheet, and what to do about it."""

    line: int
    """From 1."""
    column: int
    """Number of the column, from 1; 0 when the whole row is meant."""
    name: str
    """Name of the column; empty when the whole row is meant."""
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    line: int
    """Where it begins in the file, from 1."""
    values: Mapping[str, str]
    """By the name of the column, without spaces around them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with the same columns."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = field(default=())

    def number(self, column: str) -> int:
        """Number of a column, from 1; 0 when there is no such column."""
        return self.columns.index(column) + 1 if column in self.columns else 0


def read_csv(text: str) -> Sheet:
    """Reads a sheet as spreadsheets export it: RFC 4180, the first row has the names of the columns.

    Commas, semicolons or tabs part the columns, whichever the first row has most of. All that is wrong is told at once, in
    `faults`; rows that are wrong are left out.

    Args:
        text: The file, without a byte order mark.
    """
    records = _Records(text)
    header = next(records, None)
    if header is None:
        return Sheet((), (), records.faults or (Fault(1, 0, "", "is empty; begin with a row of column names"),))
    line, names = header
    columns = tuple(name.strip() for name in names)
    faults = list(_wrong_columns(line, columns))
    rows = []
    for at, values in records:
        row = _row(at, columns, [value.strip() for value in values], faults)
        if row is not None:
            rows.append(row)
    faults += records.faults
    return Sheet(columns, tuple(rows), (*sorted(faults), *_wrong_number(line, len(rows), bool(faults))))


def _row(line: int, columns: Sequence[str], values: list[str], faults: list[Fault]) -> Row | None:
    if not any(values):
        faults.append(Fault(line, 0, "", "is an empty row; take it away"))
    elif len(values) != len(columns):
        faults.append(Fault(line, 0, "", _wrong_width(len(values), len(columns))))
    else:
        return Row(line, dict(zip(columns, values, strict=True)))
    return None


def _wrong_width(found: int, wanted: int) -> str:
    fix = "put text that has a delimiter in it into double quotes" if found > wanted else "add what is missing"
    return f"has {found} column{'' if found == 1 else 's'}, the first row has {wanted}; {fix}"


def _wrong_columns(line: int, columns: Sequence[str]) -> Iterator[Fault]:
    if len(columns) > MAX_COLUMNS:
        yield Fault(line, 0, "", f"has {len(columns)} columns; use at most {MAX_COLUMNS}")
    for number, name in enumerate(columns, start=1):
        first = columns.index(name) + 1
        if not name:
            yield Fault(line, number, "", "has no name; give every column one, or take the column away")
        elif first != number:
            yield Fault(line, number, name, f"is the name of column {first} as well; rename one of them")
        elif "{" in name or "}" in name:
            yield Fault(line, number, name, "has braces in its name; rename it")


def _wrong_number(line: int, rows: int, other_faults: bool) -> tuple[Fault, ...]:
    if rows > MAX_ROWS:
        return (Fault(line, 0, "", f"there are {rows} rows; use at most {MAX_ROWS}, and make several campaigns"),)
    if rows == 0 and not other_faults:
        return (Fault(line, 0, "", "has column names but no row; add one"),)
    return ()


class _Records:
    """Records with the line on which each begins; a record that cannot be read ends them, and is a fault."""

    def __init__(self, text: str) -> None:
        first, _, _ = text.partition("\n")
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first), strict=True)
        self._last = len(text.rstrip("\r\n \t").splitlines())
        self.faults: tuple[Fault, ...] = ()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        line = self._reader.line_num + 1
        try:
            record = next(self._reader)
        except csv.Error as error:
            self.faults = (Fault(line, 0, "", _wrong_quotes(error)),)
            raise StopIteration from None
        if not record and line > self._last:
            raise StopIteration
        return line, record


def _delimiter(first: str) -> str:
    return max(_DELIMITERS, key=first.count)


def _wrong_quotes(error: csv.Error) -> str:
    rule = 'write a text with quotes in it as "he said ""yes""", and close every quote'
    if "unexpected end" in str(error):
        return f"has a double quote that is not closed; {rule}"
    if "field larger" in str(error):
        return f"has a text of more than {csv.field_size_limit()} characters, or a quote that is not closed; {rule}"
    return f"has a double quote in the wrong place ({error}); {rule}"
