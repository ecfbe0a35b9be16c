"""Other ways to stage one set: from another height, lit from the other side, framed differently, its props placed anew."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Staging:
    """How a set is staged, against how its seed stages it first."""

    number: int
    """0 is the first way; others draw props and light anew."""
    mirrored: bool = False
    """Whether the key light comes from the other side, and what stands behind stands on the other."""
    aside: float = 0.0
    """How far the product stands off its place, away from what stands behind: share of what its framing allows, -1 to 1."""
    size: float = 1.0
    """Size of the product in the frame, against that of its framing: at most 1, so that no move cuts it."""
    lift_m: float = 0.0
    """How much higher the lens is."""


WAYS = (
    Staging(0, mirrored=True, aside=1.0, size=0.86, lift_m=0.05),
    Staging(0, mirrored=False, aside=-1.0, size=0.74, lift_m=0.20),
    Staging(0, mirrored=True, aside=-0.8, size=1.0, lift_m=-0.03),
    Staging(0, mirrored=False, aside=1.0, size=0.78, lift_m=0.02),
    Staging(0, mirrored=True, aside=-0.2, size=0.72, lift_m=0.22),
    Staging(0, mirrored=False, aside=-0.4, size=0.90, lift_m=-0.05),
)
"""Takes that are looked at one after the other differ in the side of the light; those of one side in place, size and height."""


def staging(number: int) -> Staging:
    """The staging of that number; what it does to the camera comes again after as many as there are ways."""
    if number == 0:
        return Staging(0)
    way = WAYS[(number - 1) % len(WAYS)]
    return Staging(number, way.mirrored, way.aside, way.size, way.lift_m)
