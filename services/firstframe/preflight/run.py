"""All checks on one still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstframe.core.media import Finding, HeroPicture, PixelRect
from firstframe.preflight import looks, people, pixels
from firstframe.preflight.covered import safe_zones
from firstframe.preflight.framing import camera_move, edge_room, rehearsed
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.still import NOBODY_LOOKED, Faces, Still, still_of_hero, without_impossible_faces
from firstframe.preflight.verdict import Check, Verdict, worst


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What the checks found."""

    still: Still
    plan: ShotPlan
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """That of the gravest check."""
        return worst(check.verdict for check in self.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """For the hero; what passed is left out."""
        return tuple(finding for check in self.checks if (finding := check.finding()) is not None)


def examine(still: Still, plan: ShotPlan) -> Report:
    """Makes all checks, in the order in which a director looks: framing, light, pixels, people."""
    still = without_impossible_faces(still)
    move = rehearsed(still, plan)
    checks = (
        edge_room(still, plan, move),
        camera_move(still, plan, move),
        safe_zones(still, plan, move),
        looks.contrast(still),
        looks.light(still),
        looks.depth(still),
        pixels.sharpness(still),
        pixels.noisiness(still),
        pixels.bands(still),
        people.text(still),
        people.faces(still, plan, move),
        pixels.resolution(still, plan, move),
    )
    return Report(still, plan, checks)


def preflight(
    hero: HeroPicture, plan: ShotPlan, *, copy: Sequence[PixelRect] = (), faces: Faces = NOBODY_LOOKED
) -> tuple[Finding, ...]:
    """Findings about a hero, for its message.

    Args:
        hero: What the image stage made.
        plan: Where it goes and how it will move.
        copy: Where words stand, pixels of the hero; empty when that is not known.
        faces: Faces in the hero, when somebody looked for them.
    """
    return examine(still_of_hero(hero, copy=copy, faces=faces), plan).findings
