from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import pytest

from firstframe.core.canonical import canonical_json, digest_of


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: int
    y: int


@dataclass(frozen=True)
class Place:
    x: int
    y: int


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert canonical_json({"b": [1, None, True], "a": "é"}) == '{"a":"é","b":[1,null,true]}'.encode()


def test_values_have_one_form_each() -> None:
    assert canonical_json((Fraction(30000, 1001), Colour.RED)) == b'["30000/1001","red"]'


def test_a_dataclass_names_its_class() -> None:
    assert canonical_json(Point(1, 2)) == b'{"kind":"Point","x":1,"y":2}'
    assert digest_of(Point(1, 2)) != digest_of(Place(1, 2))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_has_not_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(value)


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no canonical form for bytes"):
        canonical_json(b"x")


def test_a_known_digest() -> None:
    assert digest_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
