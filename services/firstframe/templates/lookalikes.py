"""Takes of one product that look like others, and which of its sequence are made in their stead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from firstframe.templates.choice import Axis, Combination
from firstframe.templates.expansion import Swap, Take, spare

Measure = TypeVar("Measure")


@dataclass(frozen=True, slots=True)
class Lookalike(Generic[Measure]):
    """A take that looks like an earlier one."""

    take: Take
    like: str
    """Name of the earlier one."""
    measure: Measure
    """How alike they are."""
    swap: Swap | None
    """What is made in its stead; None when all combinations are in use."""


def lookalikes(
    takes: Sequence[Take],
    axes: Mapping[str, Sequence[Axis]],
    alike: Callable[[str, str], Measure | None],
    *,
    earlier: Mapping[str, Swap],
    tried: Mapping[str, set[int]],
    allowed: Callable[[Sequence[Axis]], Callable[[Combination], bool]] = lambda _: lambda _: True,
) -> list[Lookalike[Measure]]:
    """Each take that looks like one before it, with the next of its product's sequence that nobody uses.

    Replaced ones are looked at last, whatever their number.

    Args:
        takes: Those of a product one after the other, in their order.
        axes: By the name of the product.
        alike: How alike two takes are, by their names; None when they are not.
        earlier: Swaps that hold already, by the name of the take.
        tried: Places that looked like others before, by the name of the product; not given again.
        allowed: Makes the test of what a brand wants, for a product's axes.
    """
    found: list[Lookalike[Measure]] = []
    for base, group in groupby(takes, key=lambda take: take.base):
        members = list(group)
        free = spare(base, axes[base], _used(members, tried.get(base, set())), allowed=allowed(axes[base]))
        kept: list[str] = []
        # Those that were replaced give way to those that were not, or one replacement would drive out the next.
        for take in sorted(members, key=lambda take: take.name in earlier):
            like = _first_alike(take.name, kept, alike)
            if like is None:
                kept.append(take.name)
            else:
                found.append(Lookalike(take, *like, _swap(take, next(free, None), earlier)))
    return found


def _used(members: Sequence[Take], tried: set[int]) -> set[int]:
    """Places that are not to be given: those in use, those that a swap left, those that were tried."""
    return {take.place for take in members} | set(range(1, len(members) + 1)) | tried


def _first_alike(
    name: str, kept: Sequence[str], alike: Callable[[str, str], Measure | None]
) -> tuple[str, Measure] | None:
    for other in kept:
        measure = alike(other, name)
        if measure is not None:
            return other, measure
    return None


def _swap(take: Take, chosen: tuple[int, Combination] | None, earlier: Mapping[str, Swap]) -> Swap | None:
    if chosen is None:
        return None
    place, now = chosen
    before = earlier.get(take.name)
    return Swap(take.name, before.was if before else tuple(take.values.values()), place, now)
