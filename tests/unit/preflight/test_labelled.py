"""A part of the labelled stills, without renderer and models; `python -m benchmarks preflight` measures all of them."""

from __future__ import annotations

from collections import defaultdict

import pytest

from firstframe.preflight.run import examine
from firstframe.preflight.verdict import Verdict
from support.labelled import Labelled, sample

FLAGGED = (Verdict.WARN, Verdict.FAIL)
Counts = dict[tuple[str, bool, bool], list[str]]
"""Names of stills by check, whether they are labelled bad, and whether the check says so."""


@pytest.fixture(scope="module")
def items() -> list[Labelled]:
    return list(sample())


@pytest.fixture(scope="module")
def counts(items: list[Labelled]) -> Counts:
    found: Counts = defaultdict(list)
    for item in items:
        for check in examine(item.still, item.plan).checks:
            if check.name in (*item.good, *item.bad):
                found[check.name, check.name in item.bad, check.verdict in FLAGGED].append(item.name)
    return found


def test_names_are_distinct_and_no_still_is_both_good_and_bad(items: list[Labelled]) -> None:
    assert len({(item.name, item.family) for item in items}) == len(items) > 50
    assert not [item.name for item in items if set(item.good) & set(item.bad)]


@pytest.mark.parametrize("check", ["text", "safe-zones", "resolution", "noise", "sharpness"])
def test_what_is_bad_is_told_and_what_is_good_is_not(counts: Counts, check: str) -> None:
    assert counts[check, True, True]
    assert counts[check, False, False]
    assert counts[check, True, False] == []
    assert counts[check, False, True] == []
