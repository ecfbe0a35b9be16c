"""The product of every set: a lacquered bottle with a metal cap and a printed label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firstframe.core.media import LayerRole, PixelSize
from firstframe.sets.design import Item
from firstframe.sets.framing import Camera, cylinder_points
from firstframe.sets.label import TYPEFACES, print_label
from firstframe.sets.materials import colour, metal, printed, satin
from firstframe.sets.palettes import Palette
from firstframe.sets.shapes import Floats, Mesh, lathe, rounded

LABEL_ARC_DEG = 128.0
LABEL = "label"
"""Name of the label among a set's objects."""
TYPE_ACROSS = 0.11, 0.89
"""Shares of the label's width as it is seen between which type stands, however the bottle is turned: type keeps to 62 % of the
paper, which is 79° of its arc of 128°, and up to 7° more to one side."""


@dataclass(frozen=True, slots=True)
class Bottle:
    """Measures of the bottle, metres; heights from its own foot."""

    radius: float
    body: float
    shoulder: float
    neck_radius: float
    neck: float
    cap_radius: float
    cap: float

    @property
    def height(self) -> float:
        """From the foot to the top of the cap."""
        return self.body + self.shoulder + self.neck + self.cap


def drawn(rng: np.random.Generator) -> Bottle:
    """A bottle whose proportions are drawn at random."""
    radius = rng.uniform(0.037, 0.042)
    return Bottle(
        radius=radius,
        body=rng.uniform(0.104, 0.120),
        shoulder=rng.uniform(0.016, 0.032),
        neck_radius=rng.uniform(0.40, 0.46) * radius,
        neck=0.007,
        cap_radius=rng.uniform(0.50, 0.58) * radius,
        cap=rng.uniform(0.044, 0.054),
    )


def around(bottle: Bottle, foot: float) -> Floats:
    """Points around a bottle that stands at height `foot`, shape (n, 3)."""
    top = foot + bottle.height
    body = cylinder_points(bottle.radius + 0.0006, foot, foot + bottle.body)
    return np.concatenate([body, cylinder_points(bottle.cap_radius, top - bottle.cap, top)])


def label_px(camera: Camera, bottle: Bottle, size: PixelSize) -> float:
    """Pixels of the frame in a metre at the label."""
    return size.height / (camera.top - camera.bottom) / camera.depth(bottle.radius)


def skip(rng: np.random.Generator) -> None:
    """Draws what `items` draws, so that what is drawn after it is the same without a bottle."""
    rng.uniform(-7, 7)
    rng.integers(len(TYPEFACES))


def items(
    rng: np.random.Generator, palette: Palette, bottle: Bottle, foot: float, px_per_m: float, copy: str, tagline: str
) -> list[Item]:
    """The bottle's parts, standing at height `foot`; the label has two texels for each pixel of the frame."""
    turn = rng.uniform(-7, 7)
    lift = (0.0, foot, 0.0)
    typeface = int(rng.integers(len(TYPEFACES)))
    body = lathe(_body_profile(bottle), segments=256).moved(lift)
    cap = lathe(_cap_profile(bottle), segments=256).moved(lift)
    strip, arc = _label_strip(bottle)
    height = float(np.ptp(strip.points[:, 1]))
    texels = 2.0 * px_per_m
    label = print_label(
        palette,
        copy,
        tagline,
        width=_texels(arc * texels),
        height=_texels(height * texels),
        typeface=typeface,
    )
    return [
        Item("body", LayerRole.SUBJECT, body, satin(colour(palette.lacquer), roughness=0.22, clearcoat=1.0), True),
        Item("cap", LayerRole.SUBJECT, cap, metal(palette.metal), True),
        Item(LABEL, LayerRole.SUBJECT, strip.moved(lift, turn), printed(label.colour, label.foil), True),
    ]


def _texels(wanted: float) -> int:
    return int(np.clip(round(wanted), 64, 4096))


def _body_profile(bottle: Bottle) -> Floats:
    shoulder, neck = bottle.body + bottle.shoulder, bottle.body + bottle.shoulder + bottle.neck + 0.004
    return rounded(
        [
            (0.0, 0.0015, 0.0),
            (bottle.radius - 0.006, 0.0, 0.002),
            (bottle.radius, 0.0, 0.005),
            (bottle.radius, bottle.body, 0.016),
            (bottle.neck_radius, shoulder, 0.007),
            (bottle.neck_radius, neck, 0.0),
        ],
        steps=16,
    )


def _cap_profile(bottle: Bottle) -> Floats:
    low, high = bottle.height - bottle.cap, bottle.height
    groove = low + 0.008
    return rounded(
        [
            (bottle.cap_radius - 0.004, low, 0.0),
            (bottle.cap_radius, low, 0.0012),
            (bottle.cap_radius, groove, 0.0006),
            (bottle.cap_radius - 0.0012, groove + 0.0004, 0.0003),
            (bottle.cap_radius - 0.0012, groove + 0.0016, 0.0003),
            (bottle.cap_radius, groove + 0.002, 0.0006),
            (bottle.cap_radius, high, 0.0022),
            (0.0, high, 0.0),
        ],
        steps=8,
    )


def _label_strip(bottle: Bottle) -> tuple[Mesh, float]:
    """The label round the front of the body, and its width along the paper in metres."""
    radius = bottle.radius + 0.0004
    low, high = 0.15 * bottle.body, 0.74 * bottle.body
    profile = np.array([[radius, low], [radius, high]])
    return lathe(profile, segments=96, arc_deg=LABEL_ARC_DEG), radius * np.radians(LABEL_ARC_DEG)
