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


@pytest.mark.parametrize(
    ("one", "other"),
    [("राम", "रीमा"), ("किरण", "करण"), ("はな", "ばな"), ("สม", "สุม"), ("Søren", "Sven")],
)
def test_signs_that_make_another_name_are_kept(one: str, other: str) -> None:
    assert same_person_key(one) != same_person_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("An\u200bna Be\u00adrg", "Anna Berg"),
        ("राम\u200d कुमार", "कुमार राम"),
        ("שָׂרָה", "שרה"),
        ("İpek", "ipek"),
        ("STRASSE", "Straße"),
        ("ﬁnn", "FINN"),
    ],
)
def test_what_cannot_be_seen_or_is_mostly_left_out_makes_no_other_person(one: str, other: str) -> None:
    assert same_person_key(one) == same_person_key(other)
