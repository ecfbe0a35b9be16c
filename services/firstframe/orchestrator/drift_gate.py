"""What becomes of clips that drift from their hero: less motion, then another seed, then a report.

All clips of a lane are made again together, since they join: one with less motion beside one with more would jump.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from firstframe.core.motion import CameraMove, Motion
from firstframe.core.seeds import MAX_SEED
from firstframe.orchestrator.plan import ClipSpec

LESS = 0.6
"""Share of the motion that is left when less of it is tried."""
NOT_EASED = frozenset(
    {"first-frame", "framing", "motion-amount", "motion-direction", "rest", "air", "freeze", "flicker", "seam-colour"}
)
"""Measures that less motion cannot mend."""
ENGINES_WITHOUT_CHANCE = frozenset({"previz", "scene", ""})
"""Engines in which a seed decides about the air and the hand that holds the camera alone."""


class Change(Enum):
    """What is otherwise in a try; the values are part of the names of durable steps."""

    PLANNED = "planned"
    LESS_MOTION = "less-motion"
    ANOTHER_SEED = "another-seed"

    def step(self, name: str) -> str:
        """Name of the durable step in which a step of the plan is tried this way."""
        return name if self is Change.PLANNED else f"{name}/{self.value}"


WORDS = {
    Change.PLANNED: "as planned",
    Change.LESS_MOTION: f"with {LESS:g} of the motion",
    Change.ANOTHER_SEED: "with another seed",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """A try whose clips drifted."""

    change: Change
    failed: frozenset[str]
    """Measures that failed in any of its clips."""


def next_change(tried: Sequence[Tried], motion: Motion, engine: str) -> Change | None:
    """What to try next; None when all that may help was tried.

    Args:
        tried: What drifted so far, in order; at least one.
        motion: As planned.
        engine: What made the clips.
    """
    done = {item.change for item in tried}
    if Change.LESS_MOTION not in done and _can_move_less(motion) and tried[-1].failed - NOT_EASED:
        return Change.LESS_MOTION
    if Change.ANOTHER_SEED not in done and seed_matters(motion, engine):
        return Change.ANOTHER_SEED
    return None


def changed(spec: ClipSpec, changes: Sequence[Change]) -> ClipSpec:
    """The work of a try.

    Args:
        spec: As planned.
        changes: That of the try, and those of the tries before it: another seed goes on with less motion where that was tried.
    """
    if Change.LESS_MOTION in changes:
        motion = replace(spec.motion, strength=LESS * spec.motion.strength, speed=LESS * spec.motion.speed)
        spec = replace(spec, motion=motion)
    return replace(spec, seed=_other(spec.seed)) if Change.ANOTHER_SEED in changes else spec


def seed_matters(motion: Motion, engine: str) -> bool:
    """Whether another seed makes another clip."""
    drawn = bool(motion.airs) or any(phase.move is CameraMove.HANDHELD for phase in motion.phases)
    return drawn or motion.effect is not None or engine not in ENGINES_WITHOUT_CHANCE


def report(
    tried: Sequence[Tried], found: Mapping[str, str], remedies: Sequence[str], warnings: Sequence[str] = ()
) -> str:
    """What a person is told of a lane whose clips drift.

    Args:
        tried: All tries.
        found: What each measure that failed in the last one says.
        remedies: What to do, the first first.
        warnings: What the engine left out, which may well be why.
    """
    ways = ", then ".join(WORDS[item.change] for item in tried)
    what = "; ".join(f"{name}: {words}" for name, words in found.items())
    todo = "; ".join(dict.fromkeys(remedies)) or "use less motion"
    told = f" The engine says: {'; '.join(dict.fromkeys(warnings))}." if warnings else ""
    return f"the clip drifts from its hero, {ways}: {what}.{told} What to do: {todo}"


def _can_move_less(motion: Motion) -> bool:
    moves = any(phase.move is not CameraMove.LOCKED for phase in motion.phases)
    return moves and (motion.strength > 0 or motion.speed > 0)


def _other(seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/drift".encode()).digest()[:4]) & MAX_SEED
