"""From a template and its rows to the heroes that are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from firstframe.templates.choice import Axis, Combination, choices

WEIGHTS: Mapping[str, int] = {"scene": 4, "palette": 3, "recipe": 4, "staging": 2, "seed": 1}
"""How much an axis changes the picture; others count 1."""
NUMBER_DIGITS = 3
STAGINGS = 6
"""Ways to stage a set that look different from each other; a test holds it to the image stage's."""


@dataclass(frozen=True, slots=True)
class Take:
    """One hero of a template."""

    name: str
    base: str
    """Name of its product: what its near-duplicates are looked for among."""
    place: int
    """Which of the product's sequence it is, from 1."""
    values: Mapping[str, str]
    """Value of each axis."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A take that looks like another, and what is made in its stead."""

    name: str
    was: Combination
    place: int
    """Which of the product's sequence takes its place, from 1."""
    now: Combination


class StaleSwap(ValueError):
    """A swap that is not of this template: its axes have changed since."""

    def __init__(self, swap: Swap) -> None:
        super().__init__(swap.name)
        self.swap = swap


def swap_staging(place: int) -> int:
    """Which way a set is staged that takes the place of one which looks like another: never the first, each in turn."""
    return 1 + (place - 1) % STAGINGS


def take_name(base: str, number: int, *, numbered: bool) -> str:
    """Name of a take; products with one have no number."""
    return f"{base}-{number:0{NUMBER_DIGITS}d}" if numbered else base


def takes_of(
    base: str,
    axes: Sequence[Axis],
    count: int,
    *,
    swaps: Mapping[str, Swap] | None = None,
    allowed: Callable[[Combination], bool] = lambda _: True,
) -> list[Take]:
    """The takes of one product.

    Args:
        base: Its name; the choice follows from it and the axes, and from nothing else that the campaign has.
        axes: What varies.
        count: How many are wanted; fewer come when there are no more combinations.
        swaps: By the name of the take that they replace.
        allowed: Leaves combinations out.

    Raises:
        StaleSwap: A swap speaks of other combinations than these axes give.
    """
    sequence = list(islice(choices(axes, base, allowed=allowed), _furthest(base, count, swaps or {})))
    numbered = count > 1
    return [
        _take(base, axes, sequence, number, (swaps or {}).get(take_name(base, number, numbered=numbered)), numbered)
        for number in range(1, min(count, len(sequence)) + 1)
    ]


def _furthest(base: str, count: int, swaps: Mapping[str, Swap]) -> int:
    return max([count, *(swap.place for swap in swaps.values() if swap.name.startswith(f"{base}-"))])


def _take(
    base: str, axes: Sequence[Axis], sequence: Sequence[Combination], number: int, swap: Swap | None, numbered: bool
) -> Take:
    place = number if swap is None else swap.place
    if swap is not None and not _fits(swap, sequence, number):
        raise StaleSwap(swap)
    names = (axis.name for axis in axes)
    return Take(
        take_name(base, number, numbered=numbered), base, place, dict(zip(names, sequence[place - 1], strict=True))
    )


def _fits(swap: Swap, sequence: Sequence[Combination], number: int) -> bool:
    return swap.place <= len(sequence) and swap.was == sequence[number - 1] and swap.now == sequence[swap.place - 1]


def spare(
    base: str, axes: Sequence[Axis], used: set[int], *, allowed: Callable[[Combination], bool] = lambda _: True
) -> Iterator[tuple[int, Combination]]:
    """Place and combination of those of a product's sequence that are not used, in its order."""
    sequence = enumerate(choices(axes, base, allowed=allowed), start=1)
    return ((place, made) for place, made in sequence if place not in used)
