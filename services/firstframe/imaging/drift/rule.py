"""What a rule is: how one measure is made of a clip's figures, and by which limits it is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from firstframe.core.motion import Air, Atmosphere
from firstframe.core.verdict import Judged, Limits
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.figures import Figures
from firstframe.imaging.drift.moving import LIGHTS, Moving

OF_FRAME = "% of the frame"
LESS_MOTION = "use less motion"
SLACK = {
    Atmosphere.DUST: 0.5,
    Atmosphere.MIST: 6.0,
    Atmosphere.RAIN: 3.0,
    Atmosphere.SNOW: 6.0,
    Atmosphere.LIGHT_SWEEP: 3.0,
    Atmosphere.FLICKER: 1.0,
    Atmosphere.CAUSTICS: 14.0,
}
"""How much wider limits of motion are under the most of each air; measured, see docs/drift.md."""
PLACE, CAMERA = 1.0, 0.1
"""How much of that holds for what is looked for place by place, and for the camera."""
ANOTHER_SEED = "use less motion, then another seed"


Measure = Judged
"""One measure of a clip."""


@dataclass(frozen=True, slots=True)
class Case:
    """A clip's figures with what was asked of it."""

    figures: Figures
    asked: Asked
    moving: Moving

    @property
    def rested(self) -> bool:
        """Whether the camera was asked to stand still."""
        return self.figures.way.asked_reach < 0.05

    @property
    def slack(self) -> float:
        """By how much what was asked to be in the air widens limits."""
        return slack_of(self.asked.airs)

    def airs(self, kinds: frozenset[Atmosphere]) -> bool:
        """Whether one of some airs was asked for."""
        return any(air.kind in kinds for air in self.asked.airs)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one measure is made of the figures."""

    name: str
    title: str
    exact: Limits
    """For engines whose every pose is known."""
    learned: Limits
    """For learned models, which redraw each frame and follow a direction rather than poses: a guess, none were at hand."""
    number: Callable[[Case], float | None]
    says: str
    """What was found; `{number}`, `{time}` and `{side}` are put in."""
    advice: str
    skipped: Callable[[Case], str]
    """Why it is not made; empty when it is."""
    time: Callable[[Case], float | None] | None = None
    """When it was worst."""
    slackens: float = 0.0
    """How much its limits widen where light or things in the air pass over the picture, which look like motion: 1 for what is
    looked for place by place, less for the camera, which many places tell of."""
    filmed: Limits | None = None
    """For sets that are filmed, whose things are not flat as the layers are; None for those of `exact`."""

    def limits(self, case: Case) -> Limits:
        """What a clip is judged by."""
        return widened(self._plain(case.asked), 1 + self.slackens * (case.slack - 1))

    def _plain(self, asked: Asked) -> Limits:
        if not asked.exact:
            return self.learned
        return self.filmed or self.exact if asked.solid else self.exact


def slack_of(airs: Sequence[Air]) -> float:
    """By how much what is asked to be in the air widens limits; 1 where nothing is."""
    return 1 + sum(SLACK.get(air.kind, 0.0) * air.amount for air in airs)


def widened(limits: Limits, slack: float) -> Limits:
    """Limits that are wider by a factor."""
    if slack == 1:
        return limits
    best = 100.0 if limits.higher_is_better else 0.0
    good, bad = (round(best + slack * (limit - best), 4) for limit in (limits.good, limits.bad))
    return replace(limits, good=good, bad=bad)


def changing_light(airs: Sequence[Air]) -> str:
    """Why light is not judged; empty where it was asked to be even."""
    lights = [air.kind.value.replace("_", " ") for air in airs if air.kind in LIGHTS]
    return f"Light was asked to change: {', '.join(lights)}" if lights else ""
