from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstframe.orchestrator.fair_queue import FairQueue


def test_first_in_first_out_within_a_project() -> None:
    queue: FairQueue[str] = FairQueue()
    for name in ("a", "b", "c"):
        queue.put(name, project="p")
    assert [queue.take() for _ in range(3)] == ["a", "b", "c"]


def test_higher_priority_goes_first() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("late", project="p", priority=0)
    queue.put("urgent", project="p", priority=5)
    assert queue.take() == "urgent"


def test_empty_queue_raises() -> None:
    with pytest.raises(IndexError, match="empty"):
        FairQueue[int]().take()


def test_a_flood_of_one_project_does_not_starve_another() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(100):
        queue.put(f"flood-{number}", project="flood")
    queue.put("small", project="small")
    assert "small" in [queue.take() for _ in range(2)]


@given(heavy=st.integers(2, 5))
def test_shares_follow_weights(heavy: int) -> None:
    queue: FairQueue[str] = FairQueue({"heavy": heavy})
    for _ in range(200):
        queue.put("heavy", project="heavy")
        queue.put("light", project="light")
    taken = Counter(queue.take() for _ in range(10 * (heavy + 1)))
    assert abs(taken["heavy"] - 10 * heavy) <= 1


def test_an_idle_project_gains_no_credit() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("early", project="idle")
    assert queue.take() == "early"
    for number in range(50):
        queue.put(f"busy-{number}", project="busy")
    for _ in range(40):
        queue.take()
    for number in range(10):
        queue.put(f"idle-{number}", project="idle")
    assert sum(queue.take().startswith("idle") for _ in range(10)) in (5, 6)


def test_put_back_goes_first_and_gives_the_turn_back() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("a1", project="a")
    queue.put("a2", project="a")
    queue.put("b1", project="b")
    first = queue.take()
    queue.put_back(first, project="a")
    assert [queue.take(), queue.take()] == ["a1", "b1"]


def test_discard_takes_out_that_item_alone() -> None:
    queue: FairQueue[str] = FairQueue()
    for name in ("a", "b", "c"):
        queue.put(name, project="p")
    assert queue.discard("b")
    assert not queue.discard("b")
    assert [queue.take() for _ in range(len(queue))] == ["a", "c"]


@given(priorities=st.lists(st.integers(0, 3), min_size=1, max_size=30), gone=st.sets(st.integers(0, 29)))
def test_what_is_left_comes_in_its_order_whatever_was_taken_out(priorities: list[int], gone: set[int]) -> None:
    queue: FairQueue[tuple[int, int]] = FairQueue()
    items = [(-priority, number) for number, priority in enumerate(priorities)]
    for item in items:
        queue.put(item, project="p", priority=-item[0])
    for number in gone & set(range(len(items))):
        assert queue.discard(items[number])
    left = sorted(item for item in items if item[1] not in gone)
    assert [queue.take() for _ in left] == left
    assert len(queue) == 0
