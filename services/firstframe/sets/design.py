"""What a set is made of, before a renderer sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from firstframe.core.media import Finding, LayerRole
from firstframe.sets.framing import Camera
from firstframe.sets.shapes import Floats, Mesh

if TYPE_CHECKING:
    from firstframe.sets.cards import Card

Plugin = dict[str, Any]
"""A Mitsuba plugin as `mitsuba.load_dict` takes it; arrays stand for pictures."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One thing that the camera can see."""

    name: str
    role: LayerRole
    shape: Mesh | Plugin
    material: Plugin
    product: bool = False
    """Whether it is the product itself, which the matte shows."""
    glow: Plugin | None = None
    """Light that it gives off, an emitter of Mitsuba."""


@dataclass(frozen=True, slots=True)
class Pad:
    """The patch of floor around a thing that stands on it: a rounded box, seen from above.

    A layer carries the floor near its things along, so that contact shadows move with them; under the patch the
    background is filled in, because there it is black with contact.
    """

    x: float
    z: float
    half_width: float
    half_depth: float
    turn_deg: float
    radius: float
    feather: float
    """How far beyond the box the patch fades out, metres."""


@dataclass(frozen=True, slots=True, eq=False)
class SetDesign:
    """A set, lit, dressed and framed for one size."""

    camera: Camera
    items: tuple[Item, ...]
    hidden: tuple[tuple[Mesh, Plugin], ...]
    """Things out of frame that shape the light, such as gobos."""
    lights: tuple[Plugin, ...]
    pads: dict[LayerRole, tuple[Pad, ...]]
    depths: dict[LayerRole, float]
    """Distance of each layer's middle from the camera, metres."""
    product: Floats
    """Points around the product, shape (n, 3)."""
    key: float
    """Encoded brightness that the exposure gives to the background's mean, 0 to 1."""
    bounces: int = 0
    """Surfaces that light paths need beyond those of the effort, for light to come through glass."""
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """What red, green and blue are multiplied with before the tone curve, as a filter before the lens."""
    card: Card | None = None
    """The cut-out that stands for the product; it is among the items as well."""
    findings: tuple[Finding, ...] = ()
    """What is to be told about the product."""
    details: dict[str, str] = field(default_factory=dict)
