"""How long work will take."""

from __future__ import annotations

import pytest

from firstframe.orchestrator.estimates import PRIORS_S, Estimates
from firstframe.orchestrator.plan import Stage


def test_every_stage_has_a_prior() -> None:
    assert set(PRIORS_S) == {stage.value for stage in Stage}
    assert Estimates().mean_s("imagegen") == PRIORS_S["imagegen"]


def test_the_mean_follows_what_work_takes() -> None:
    estimates = Estimates()
    estimates.took("imagegen", 10)
    assert estimates.mean_s("imagegen") == pytest.approx(60 - 0.2 * 50)
    for _ in range(30):
        estimates.took("imagegen", 10)
    assert estimates.mean_s("imagegen") == pytest.approx(10, rel=0.02)
    assert estimates.mean_s("stitching") == PRIORS_S["stitching"]


def test_shares_beyond_their_range_count_as_its_ends() -> None:
    assert Estimates().backlog_s("stitching", 1, [-1, 0.5, 2]) == pytest.approx(30 * (1 + 1 + 0.5 + 0))
