"""How long work will take, from how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PRIORS_S: Mapping[str, float] = {"imagegen": 60.0, "animation": 60.0, "upscaling": 60.0, "stitching": 30.0}
"""Seconds in one slot before anything was measured: a guess, gone after a few pieces of work."""
_OTHER_PRIOR_S = 60.0
_WEIGHT = 0.2
"""Of the newest piece of work: the mean follows a change of what campaigns ask for within about five pieces."""


class Estimates:
    """An exponentially weighted mean for each stage: `mean += 0.2 * (seconds - mean)`, from a prior."""

    def __init__(self) -> None:
        self._means: dict[str, float] = {}

    def took(self, stage: str, seconds: float) -> None:
        """Notes how long a slot was taken by one finished piece of work."""
        mean = self.mean_s(stage)
        self._means[stage] = mean + _WEIGHT * (seconds - mean)

    def mean_s(self, stage: str) -> float:
        """Seconds of one slot that a piece of work takes."""
        return self._means.get(stage, PRIORS_S.get(stage, _OTHER_PRIOR_S))

    def backlog_s(self, stage: str, waiting: int, running: Iterable[float]) -> float:
        """Seconds of one slot that are still to be worked.

        Args:
            stage: The stage.
            waiting: Pieces of work that have no slot.
            running: Shares that are done of those that have one, 0 to 1.
        """
        left = sum(1 - min(1.0, max(0.0, done)) for done in running)
        return self.mean_s(stage) * (waiting + left)
