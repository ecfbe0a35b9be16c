"""Names of people, written in more than one way."""

from __future__ import annotations

import pytest

from firstframe.core.persons import same_person_key


@pytest.mark.parametrize("other", ["anna berg", "Berg, Anna", "  ANNA   BERG ", "Ánna Berg", "Anna-Berg"])
def test_ways_to_write_one_name_are_one(other: str) -> None:
    assert same_person_key(other) == same_person_key("Anna Berg")


def test_other_names_are_others() -> None:
    keys = [same_person_key(name) for name in ("Anna Berg", "Anna Bergman", "Anna Berg, Oslo", "李", "王", "!", "?")]
    assert len(set(keys)) == len(keys)
