from __future__ import annotations

import pytest

from firstframe.templates.merging import as_name, loose_braces, merge_fields, merged


def test_fields_are_found_and_filled() -> None:
    text = "{{title}} by {{ house }} {not one}"
    assert merge_fields(text) == ["title", "house"]
    assert merged(text, {"title": "Dew", "house": "Aurora"}) == "Dew by Aurora {not one}"


def test_what_a_row_has_is_not_merged_again() -> None:
    assert merged("{{a}}", {"a": "{{b}}", "b": "x"}) == "{{b}}"


@pytest.mark.parametrize("text", ["{{title", "title}}", "{{}}", "{{ }}", "{{a}} {{b"])
def test_braces_that_make_no_field(text: str) -> None:
    assert loose_braces(text)


@pytest.mark.parametrize("text", ["plain", "{{a}}", "{a} }", "{{a}}{{b}}"])
def test_braces_that_are_well(text: str) -> None:
    assert not loose_braces(text)


@pytest.mark.parametrize(
    ("text", "name"), [("Crème No. 5", "creme-no-5"), ("p-A_1", "p-a-1"), ("--a  b--", "a-b"), ("光", ""), ("9a", "9a")]
)
def test_names(text: str, name: str) -> None:
    assert as_name(text) == name
