"""The choice among a template's combinations."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from firstframe.core.errors import InvalidInput
from firstframe.templates.choice import Axis, choices, combinations_of

AXES = (
    Axis("scene", ("studio", "stone", "wood", "water", "dune", "room"), 4),
    Axis("palette", ("day", "tint", "night", "dusk", "dawn", "noon", "ink"), 3),
    Axis("copy", ("a", "b", "c")),
    Axis("seed", ("1", "2", "3", "4")),
)


def first(count: int, axes: tuple[Axis, ...] = AXES, key: str = "serum") -> list[tuple[str, ...]]:
    return list(islice(choices(axes, key), count))


@pytest.mark.parametrize("count", [7, 12, 50, 84, 300])
def test_every_value_comes_up_as_often_as_every_other(count: int) -> None:
    made = first(count)
    for index, axis in enumerate(AXES):
        counts = Counter(choice[index] for choice in made)
        used = [counts[value] for value in axis.values]
        assert max(used) - min(used) <= 1, axis.name


def test_pairs_of_heavy_axes_are_balanced_first() -> None:
    pairs = Counter(choice[:2] for choice in first(42))
    assert len(pairs) >= 38, "nearly all of the 42 pairs of a scene and a palette"
    assert max(pairs.values()) <= 2


def test_no_combination_comes_twice_and_all_come() -> None:
    made = first(10_000)
    assert len(made) == len(set(made)) == combinations_of(AXES) == 504


def test_a_longer_choice_begins_with_the_shorter() -> None:
    assert first(60)[:50] == first(50)


def test_the_order_in_which_values_are_listed_does_not_count() -> None:
    turned = tuple(Axis(axis.name, axis.values[::-1], axis.weight) for axis in AXES)
    assert first(50, turned) == first(50)


def test_the_choice_never_moves() -> None:
    assert first(3) == [("stone", "dusk", "a", "4"), ("water", "tint", "c", "1"), ("wood", "day", "b", "2")]


def test_every_product_has_its_own_beginning() -> None:
    beginnings = Counter(first(1, key=f"p-{number}")[0][0] for number in range(600))
    assert len(beginnings) == 6
    assert min(beginnings.values()) > 60


def test_what_is_not_allowed_is_passed_over_and_not_counted() -> None:
    made = list(islice(choices(AXES, "serum", allowed=lambda one: one[:2] != ("studio", "ink")), 504))
    assert len(made) == 504 - 12
    assert ("studio", "ink") not in {one[:2] for one in made}


def test_without_axes_there_is_one() -> None:
    assert list(choices((), "serum")) == [()]


def test_too_many_combinations_are_refused() -> None:
    axis = Axis("a", tuple(map(str, range(500))))
    with pytest.raises(InvalidInput, match="comes to 250000 combinations; shorten a list; at most 200000"):
        next(choices((axis, Axis("b", axis.values)), "serum"))
