from __future__ import annotations

import time

from firstframe.runtime import deadline


def test_there_is_none_outside_of_a_call() -> None:
    assert deadline.end_s() is None


def test_the_inner_one_counts_and_the_outer_one_comes_back() -> None:
    with deadline.bound(1000):
        outer = deadline.end_s()
        assert outer is not None
        assert outer > time.monotonic()
        with deadline.bound(None):
            assert deadline.end_s() is None
        assert deadline.end_s() == outer
    assert deadline.end_s() is None
