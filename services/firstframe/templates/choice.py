"""Which of all combinations of a template's axes are made: as different from each other as they can be.

Not the first N of the product, which would be one scene in every palette: a sequence in which every value of an axis comes up
as often as every other, then every pair of values. It depends on the values and a key alone, so that the same template gives
the same sequence everywhere, and a longer one begins with the shorter.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput

MAX_COMBINATIONS = 200_000
"""Combinations of all axes; each pick looks at all of them."""

Combination = tuple[str, ...]
"""One value of each axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that varies."""

    name: str
    values: tuple[str, ...]
    weight: int = 1
    """How much a change of it changes the picture: pairs of heavy axes are balanced first."""


def combinations_of(axes: Sequence[Axis]) -> int:
    """How many combinations there are."""
    return math.prod(len(axis.values) for axis in axes)


def choices(
    axes: Sequence[Axis], key: str, *, allowed: Callable[[Combination], bool] = lambda _: True
) -> Iterator[Combination]:
    """All combinations that are allowed, in the order in which they are made.

    Each is the one whose values came up least so far; of those, the one whose pairs did; of those, the one that comes first
    by a hash of its values and the key.

    Args:
        axes: What varies. None gives one empty combination.
        key: Whose choice it is, for example the name of a product: other keys begin elsewhere.
        allowed: Leaves combinations out.

    Raises:
        InvalidInput: There are more than MAX_COMBINATIONS.
    """
    total = combinations_of(axes)
    if total > MAX_COMBINATIONS:
        fix = f"shorten a list; at most {MAX_COMBINATIONS} can be chosen from"
        raise InvalidInput.at("vary", f"comes to {total} combinations", fix)
    shape = tuple(len(axis.values) for axis in axes)
    tally, ties = _Tally(axes, shape), _ties(axes, key, shape)
    free = np.ones(shape, bool)
    while free.any():
        at = _best(tally.cost(), ties, free)
        free[at] = False
        made = tuple(axis.values[index] for axis, index in zip(axes, at, strict=True))
        if allowed(made):
            tally.add(at)
            yield made


def _best(cost: NDArray[np.int64], ties: NDArray[np.uint64], free: NDArray[np.bool_]) -> tuple[int, ...]:
    """Index of the cheapest that is free; the smallest hash decides among equals."""
    cheapest = np.flatnonzero((cost == cost[free].min()) & free)
    return tuple(int(index) for index in np.unravel_index(cheapest[ties.flat[cheapest].argmin()], free.shape))


class _Tally:
    """How often each value and each pair of values came up."""

    def __init__(self, axes: Sequence[Axis], shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._values: list[NDArray[np.int64]] = [np.zeros(count, np.int64) for count in shape]
        self._pairs: dict[tuple[int, int], NDArray[np.int64]] = {
            (one, other): np.zeros((shape[one], shape[other]), np.int64)
            for one, other in combinations(range(len(shape)), 2)
        }
        self._weights = {(one, other): axes[one].weight * axes[other].weight for one, other in self._pairs}
        # No sum of pairs reaches one value's worth.
        self._value_worth = 1 + math.prod(shape) * sum(self._weights.values())

    def add(self, at: tuple[int, ...]) -> None:
        for counts, index in zip(self._values, at, strict=True):
            counts[index] += 1
        for (one, other), pairs in self._pairs.items():
            pairs[at[one], at[other]] += 1

    def cost(self) -> NDArray[np.int64]:
        """For each combination, how worn its values are, then its pairs; of the axes' shape."""
        found = np.zeros(self._shape, np.int64)
        for axis, counts in enumerate(self._values):
            found += self._value_worth * self._spread(counts, (axis,))
        for axes, pairs in self._pairs.items():
            found += self._weights[axes] * self._spread(pairs, axes)
        return found

    def _spread(self, counts: NDArray[np.int64], axes: tuple[int, ...]) -> NDArray[np.int64]:
        """Counts along some axes, ready to be added to an array of all."""
        return counts.reshape([count if axis in axes else 1 for axis, count in enumerate(self._shape)])


def _ties(axes: Sequence[Axis], key: str, shape: tuple[int, ...]) -> NDArray[np.uint64]:
    """A hash of 64 bits for each combination: of its values and the key, whatever else the axes have."""
    mixed = np.full(shape, _hashed(key), np.uint64)
    for number, axis in enumerate(axes):
        hashes = np.array([_hashed(f"{axis.name}={value}") for value in axis.values], np.uint64)
        mixed = _mix(mixed ^ hashes.reshape([-1 if number == other else 1 for other in range(len(axes))]))
    return mixed


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014)."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
