"""What stands on a set instead of the scene's own bottle: a user's model or a cut-out, behind one Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from firstframe.core.media import Finding, PixelSize, Severity
from firstframe.sets.cards import Card
from firstframe.sets.design import Item
from firstframe.sets.framing import Camera
from firstframe.sets.palettes import Palette
from firstframe.sets.shapes import Floats

MIN_HEIGHT_M = 0.01
MAX_HEIGHT_M = 1.0
_FOOT = 0.94
"""How much of the stand's radius a fitted product's foot takes at most."""
_WIDEST = 1.5
"""Half the width of a fitted product at most, in radii of the stand."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where a product is to stand, metres."""

    height: float
    """Of what the scene was made for."""
    radius: float
    """Of the stand."""
    foot: float
    """Height of the stand."""


@dataclass(frozen=True, slots=True)
class View:
    """How a product is looked at."""

    camera: Camera
    size: PixelSize
    palette: Palette

    def px_per_m(self, z: float) -> float:
        """Pixels of the frame in a metre at `z`."""
        return self.size.height / (self.camera.top - self.camera.bottom) / self.camera.depth(z)


class Standing(Protocol):
    """A product on its stand."""

    @property
    def front(self) -> float:
        """Z of what is to be sharp, metres."""

    @property
    def points(self) -> Floats:
        """Points around it, shape (n, 3), metres."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be told about it."""

    def items(self, view: View) -> list[Item]:
        """Its parts."""

    def card(self, view: View) -> Card | None:
        """The card that it is, for a cut-out."""


class Product(Protocol):
    """What can be put on a stand."""

    def put(self, room: Room) -> Standing:
        """Puts it there; the same every time."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How large a product is made."""

    scale: float
    findings: tuple[Finding, ...] = ()


def fitted(room: Room, *, height: float, foot: float, reach: float, wanted_m: float) -> Fit:
    """The scale with which a product stands well in a room.

    Args:
        room: Where it is to stand.
        height: Of the product, in its own units, > 0.
        foot: Radius around all that touches the stand, in its own units.
        reach: Half its largest width, in its own units.
        wanted_m: Height that is asked for, metres; 0 for one that fits.
    """
    most = room.radius / max(foot, 1e-9)
    if wanted_m and wanted_m / height <= most:
        return Fit(wanted_m / height)
    scale = min(wanted_m / height or room.height / height, _FOOT * most)
    if wanted_m:
        return Fit(scale, (_shrunk(wanted_m, scale * height, foot * wanted_m / height, room.radius),))
    return Fit(min(scale, _WIDEST * room.radius / max(reach, 1e-9)))


def _shrunk(wanted: float, made: float, foot: float, stand: float) -> Finding:
    message = (
        f"At the wanted height of {wanted:.3g} m the product's foot is {2 * foot:.2g} m wide and the scene's stand "
        f"{2 * stand:.2g} m: it is shown {made:.2g} m high. Take another scene, or leave the height out."
    )
    return Finding(Severity.WARNING, "PRODUCT_SHRUNK", message)


def sampled(points: Floats, most: int = 4000) -> Floats:
    """Some of many points, with those that reach farthest along each axis, shape (n, 3)."""
    ends = np.concatenate([points.argmin(axis=0), points.argmax(axis=0)])
    some = np.unique(np.concatenate([np.arange(0, len(points), -(-len(points) // most)), ends]))
    return np.asarray(points[some], np.float64)
