"""Sheets as spreadsheets export them, and every way in which they can be wrong."""

from __future__ import annotations

import pytest

from firstframe.templates.rows import Fault, read_csv


def faults(text: str) -> list[tuple[int, int, str, str]]:
    return [(item.line, item.column, item.name, item.message) for item in read_csv(text).faults]


def test_rows_are_read_with_their_lines() -> None:
    sheet = read_csv('sku,title\r\nA-1,"First, Light"\r\nB-2,"two\r\nlines"\r\nC-3," ""quoted"" "\r\n')
    assert sheet.columns == ("sku", "title")
    assert [(row.line, row.values["title"]) for row in sheet.rows] == [
        (2, "First, Light"),
        (3, "two\r\nlines"),
        (5, '"quoted"'),
    ]
    assert sheet.faults == ()
    assert (sheet.number("title"), sheet.number("price")) == (2, 0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_of_the_first_row(delimiter: str) -> None:
    sheet = read_csv(delimiter.join(["sku", "title"]) + "\n" + delimiter.join(["A", "B"]) + "\n")
    assert dict(sheet.rows[0].values) == {"sku": "A", "title": "B"}


def test_empty_lines_at_the_end_are_no_rows() -> None:
    sheet = read_csv("sku\nA\n\n\n")
    assert (len(sheet.rows), sheet.faults) == (1, ())


def test_two_thousand_rows_keep_their_order() -> None:
    sheet = read_csv("sku\n" + "".join(f"A{number}\n" for number in range(2000)))
    assert [row.values["sku"] for row in sheet.rows] == [f"A{number}" for number in range(2000)]
    assert sheet.rows[-1].line == 2001


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 0, "is empty; begin with a row of column names"),
        ("sku,title\n", 1, 0, "has column names but no row"),
        ("sku,\nA,B\n", 1, 2, "has no name"),
        ("sku,sku\nA,B\n", 1, 2, "is the name of column 1 as well"),
        ("sku,{{x}}\nA,B\n", 1, 2, "has braces in its name"),
        ("sku,title\nA,B\n\nC,D\n", 3, 0, "is an empty row; take it away"),
        ("sku,title\nA,B\n , \nC,D\n", 3, 0, "is an empty row"),
        ("sku,title\nA\nC,D\n", 2, 0, "has 1 column, the first row has 2; add what is missing"),
        ("sku,title\nA,First, Light\n", 2, 0, "has 3 columns, the first row has 2; put text that has a delimiter"),
        ('sku,title\nA,"B\nC,D\n', 2, 0, "a double quote that is not closed"),
        ('sku,title\nA,B\nC,"D"x\n', 3, 0, "a double quote in the wrong place"),
        ("sku\n" + "A\n" * 4001, 1, 0, "there are 4001 rows; use at most 4000"),
        (",".join(f"c{number}" for number in range(101)) + "\n" + "," * 100 + "x\n", 1, 0, "has 101 columns"),
    ],
)
def test_each_fault_has_its_line_its_column_and_the_fix(text: str, line: int, column: int, words: str) -> None:
    found = faults(text)
    assert [(one[0], one[1]) for one in found] == [(line, column)]
    assert words in found[0][3]


def test_all_that_is_wrong_is_told_at_once_and_the_good_rows_are_kept() -> None:
    sheet = read_csv('sku,title\nA\n\nB,b\nC,c,c\nD,"d\n')
    assert [item.line for item in sheet.faults] == [2, 3, 5, 6]
    assert [row.values["sku"] for row in sheet.rows] == ["B"]


def test_a_text_without_end_is_told() -> None:
    assert "of more than" in faults("sku\n" + "x" * 140_000 + "\n")[0][3]


def test_faults_are_in_the_order_of_the_file() -> None:
    assert sorted([Fault(3, 0, "", "b"), Fault(2, 5, "", "a")])[0].line == 2
