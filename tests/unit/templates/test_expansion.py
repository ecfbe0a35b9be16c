"""Takes, swaps, and what of them stays when something else changes."""

from __future__ import annotations

from itertools import islice

import pytest

from firstframe.templates.choice import Axis, choices
from firstframe.templates.expansion import StaleSwap, Swap, Take, takes_of
from firstframe.templates.lookalikes import lookalikes

AXES = (Axis("scene", ("studio", "stone"), 4), Axis("seed", ("1", "2", "3", "4", "5")))
SEQUENCE = list(islice(choices(AXES, "serum"), 10))


def swap(place: int = 9, name: str = "serum-002") -> Swap:
    return Swap(name, SEQUENCE[1], place, SEQUENCE[place - 1])


def test_takes_have_names_places_and_values() -> None:
    takes = takes_of("serum", AXES, 4)
    assert [take.name for take in takes] == ["serum-001", "serum-002", "serum-003", "serum-004"]
    assert [tuple(take.values.values()) for take in takes] == SEQUENCE[:4]
    assert [take.place for take in takes] == [1, 2, 3, 4]


def test_one_take_has_no_number() -> None:
    assert [take.name for take in takes_of("serum", AXES, 1)] == ["serum"]


def test_there_are_no_more_takes_than_combinations() -> None:
    assert len(takes_of("serum", AXES, 50)) == 10


def test_a_swap_changes_its_take_and_no_other() -> None:
    plain, swapped = takes_of("serum", AXES, 4), takes_of("serum", AXES, 4, swaps={"serum-002": swap()})
    assert swapped[1] == Take("serum-002", "serum", 9, dict(zip(("scene", "seed"), SEQUENCE[8], strict=True)))
    assert swapped[::2] == plain[::2]
    assert swapped[3] == plain[3]


@pytest.mark.parametrize(
    "stale",
    [
        Swap("serum-002", SEQUENCE[2], 9, SEQUENCE[8]),
        Swap("serum-002", SEQUENCE[1], 9, SEQUENCE[7]),
        Swap("serum-002", SEQUENCE[1], 99, SEQUENCE[8]),
    ],
)
def test_a_swap_of_another_template_is_told(stale: Swap) -> None:
    with pytest.raises(StaleSwap) as caught:
        takes_of("serum", AXES, 4, swaps={"serum-002": stale})
    assert caught.value.swap is stale


def alike(*pairs: tuple[str, str]) -> object:
    return lambda one, other: "alike" if (one, other) in pairs else None


def test_a_lookalike_gets_the_next_that_nobody_uses() -> None:
    takes = takes_of("serum", AXES, 4)
    (found,) = lookalikes(
        takes,
        {"serum": AXES},
        alike(("serum-001", "serum-003")),
        earlier={},
        tried={},  # type: ignore[arg-type]
    )
    assert (found.take.name, found.like, found.measure) == ("serum-003", "serum-001", "alike")
    assert found.swap == Swap("serum-003", SEQUENCE[2], 5, SEQUENCE[4])


def test_what_was_tried_before_is_not_given_again_and_the_first_choice_is_remembered() -> None:
    first = swap(5)
    takes = takes_of("serum", AXES, 4, swaps={"serum-002": first})
    (found,) = lookalikes(
        takes,
        {"serum": AXES},
        alike(("serum-001", "serum-002")),  # type: ignore[arg-type]
        earlier={"serum-002": first},
        tried={"serum": {5}},
    )
    assert found.swap == Swap("serum-002", SEQUENCE[1], 6, SEQUENCE[5])


def test_two_lookalikes_get_two_and_one_that_was_replaced_is_no_model() -> None:
    pairs = (("serum-001", "serum-002"), ("serum-001", "serum-003"), ("serum-002", "serum-004"))
    takes = takes_of("serum", AXES, 4)
    found = lookalikes(takes, {"serum": AXES}, alike(*pairs), earlier={}, tried={})  # type: ignore[arg-type]
    assert [(item.take.name, item.swap.place if item.swap else 0) for item in found] == [
        ("serum-002", 5),
        ("serum-003", 6),
    ]


def test_a_replacement_gives_way_to_what_was_there_before() -> None:
    first = swap(5)
    takes = takes_of("serum", AXES, 4, swaps={"serum-002": first})
    (found,) = lookalikes(
        takes,
        {"serum": AXES},
        lambda one, other: "alike" if {one, other} == {"serum-002", "serum-004"} else None,
        earlier={"serum-002": first},
        tried={"serum": {2}},
    )
    assert (found.take.name, found.like) == ("serum-002", "serum-004")


def test_products_are_not_compared_with_each_other() -> None:
    takes = [*takes_of("a", AXES, 2), *takes_of("b", AXES, 2)]
    seen: list[tuple[str, str]] = []

    def note(one: str, other: str) -> None:
        seen.append((one, other))

    assert lookalikes(takes, {"a": AXES, "b": AXES}, note, earlier={}, tried={}) == []
    assert seen == [("a-001", "a-002"), ("b-001", "b-002")]


def test_when_all_are_in_use_it_is_said() -> None:
    takes = takes_of("serum", AXES, 10)
    (found,) = lookalikes(
        takes,
        {"serum": AXES},
        alike(("serum-001", "serum-010")),
        earlier={},
        tried={},  # type: ignore[arg-type]
    )
    assert found.swap is None
