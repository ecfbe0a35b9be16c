"""Weighted fair sharing of a stage's slots between projects: pure bookkeeping, no I/O.

Stride scheduling (Waldspurger and Weihl, 1995): each project has a pass that grows by the cost of its work divided by
its weight; the project with the smallest pass goes next. A project that was idle starts at the current pass, so it gains no
credit by waiting. Within a project the higher priority goes first, then the older.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(slots=True)
class _Share(Generic[Item]):
    weight: float
    passed: float
    heap: list[tuple[int, int, Item]] = field(default_factory=list)


class FairQueue(Generic[Item]):
    """A queue that serves projects in proportion to their weights.

    Args:
        weights: Weight of each project, > 0; 1 for those that are not named.
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self._weights = dict(weights or {})
        self._shares: dict[str, _Share[Item]] = {}
        self._order = itertools.count()
        self._front = itertools.count(-1, -1)
        self._clock = 0.0

    def __len__(self) -> int:
        return sum(len(share.heap) for share in self._shares.values())

    def put(self, item: Item, *, project: str, priority: int = 0) -> None:
        """Adds an item behind those of the same project and priority."""
        heapq.heappush(self._share(project).heap, (-priority, next(self._order), item))

    def put_back(self, item: Item, *, project: str, priority: int = 0) -> None:
        """Returns an item that was taken but not served: it goes first among its like, and its cost is given back."""
        share = self._share(project)
        share.passed = max(0.0, share.passed - 1 / share.weight)
        heapq.heappush(share.heap, (-priority, next(self._front), item))

    def take(self) -> Item:
        """Removes the item that is next.

        Raises:
            IndexError: The queue is empty.
        """
        waiting = [(share.passed, project) for project, share in self._shares.items() if share.heap]
        if not waiting:
            raise IndexError("the queue is empty")
        _, project = min(waiting)
        share = self._shares[project]
        self._clock = share.passed
        share.passed += 1 / share.weight
        return heapq.heappop(share.heap)[2]

    def discard(self, item: Item) -> bool:
        """Removes an item wherever it stands; False when it is not there."""
        for share in self._shares.values():
            for entry in share.heap:
                if entry[2] is item:
                    share.heap.remove(entry)
                    heapq.heapify(share.heap)
                    return True
        return False

    def _share(self, project: str) -> _Share[Item]:
        share = self._shares.get(project)
        if share is None:
            share = self._shares[project] = _Share(self._weights.get(project, 1.0), self._clock)
        if not share.heap:
            share.passed = max(share.passed, self._clock)
        return share
