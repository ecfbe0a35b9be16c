"""What all scenes but their dressing share: the bottle on its stand and the camera before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from firstframe.core.media import LayerRole, PixelSize
from firstframe.sets import bottle as bottles
from firstframe.sets.design import Item, Pad, Plugin, SetDesign
from firstframe.sets.framing import Camera, Framing, cylinder_points, frame_subject, framing_for, staged
from firstframe.sets.palettes import Palette
from firstframe.sets.product_cutout import enlarged
from firstframe.sets.products import Product, Room, Standing, View
from firstframe.sets.shapes import Floats, Mesh
from firstframe.sets.staging import staging
from firstframe.sets.terrain import boulder

CAMERA_Z = 1.25
"""Where the lens stands, metres before the bottle's axis."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What is asked of a scene; all of it reaches the product through `shoot` and `product_items` alone."""

    palette: Palette
    copy: str
    """Words on the label."""
    tagline: str
    """Smaller words under them; may be empty."""
    size: PixelSize
    seed: int
    product: Product | None = None
    """What stands there instead of the bottle."""
    staging: int = 0
    """Which way the set is staged; see `firstframe.sets.staging`."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What the product stands on, as far as the camera has to know, metres."""

    radius: float
    height: float


@dataclass(frozen=True, slots=True)
class Lens:
    """How the camera looks."""

    low: float
    high: float
    """Height of the lens above the stand, drawn between these, metres."""
    aperture_m: float = 0.0062


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A product on its stand, framed for one size; everything else is drawn from `rng`."""

    brief: Brief
    rng: np.random.Generator
    framing: Framing
    bottle: bottles.Bottle
    """Drawn in any case, so that one seed gives one set, whatever stands on it."""
    standing: Standing | None
    """What stands there instead of the bottle."""
    stand: Stand
    product: Floats
    camera: Camera
    side: float
    """-1 or 1: the side of what stands behind; the key light comes from the other."""

    @property
    def palette(self) -> Palette:
        """Colours."""
        return self.brief.palette

    @property
    def view(self) -> View:
        """How the product is looked at."""
        return View(self.camera, self.brief.size, self.palette)

    @property
    def wide(self) -> bool:
        """Whether the frame is wider than high."""
        return self.framing.ratio[0] > self.framing.ratio[1]

    def x(self, share: float, z: float) -> float:
        """World x of what is seen at a share of the frame's width; mirrored with the side."""
        return self.camera.place(share if self.side < 0 else 1 - share, z)

    def y(self, share: float, z: float) -> float:
        """World y of what is seen at a share of the frame's height, from the top."""
        return self.camera.place_y(share, z)


def stream_of(seed: int, scene: int) -> np.random.Generator:
    """Where everything of a scene that varies is drawn from; scenes of one seed do not repeat each other."""
    return np.random.default_rng([seed, 1, scene])


def shoot(
    brief: Brief, *, rng: np.random.Generator, stand: Stand | Callable[[np.random.Generator], Stand], lens: Lens
) -> Shot:
    """Draws the bottle, puts the product in its place, and frames it.

    Args:
        brief: What is asked for.
        rng: Where everything that varies is drawn from.
        stand: What the bottle stands on, or what draws it.
        lens: How the camera looks.
    """
    way = staging(brief.staging)
    framing, bottle = staged(framing_for(brief.size), way), bottles.drawn(rng)
    placed = stand if isinstance(stand, Stand) else stand(rng)
    standing = _standing(brief, bottle, placed)
    product = bottles.around(bottle, placed.height) if standing is None else standing.points
    position = (rng.uniform(-0.06, 0.06), placed.height + rng.uniform(lens.low, lens.high) + way.lift_m, CAMERA_Z)
    sway, side = rng.uniform(-1, 1), float(rng.choice([-1.0, 1.0]))
    if way.number:
        side = -side if way.mirrored else side
        sway = -side * way.aside
        rng = np.random.default_rng([brief.seed, 3, way.number])
    camera = frame_subject(
        framing,
        brief.size,
        position,
        product,
        cylinder_points(placed.radius, 0.0, placed.height),
        sway=sway,
        aperture_m=lens.aperture_m,
        focus_m=CAMERA_Z - (0.8 * bottle.radius if standing is None else standing.front),
    )
    return Shot(brief, rng, framing, bottle, standing, placed, product, camera, side)


def _standing(brief: Brief, bottle: bottles.Bottle, stand: Stand) -> Standing | None:
    room = Room(bottle.height, stand.radius, stand.height)
    return brief.product.put(room) if brief.product is not None else None


def product_items(shot: Shot) -> list[Item]:
    """The product's parts; the same is drawn from `rng` for each product."""
    if shot.standing is not None:
        bottles.skip(shot.rng)
        return shot.standing.items(shot.view)
    brief = shot.brief
    texels = bottles.label_px(shot.camera, shot.bottle, brief.size)
    return bottles.items(shot.rng, brief.palette, shot.bottle, shot.stand.height, texels, brief.copy, brief.tagline)


def near_stone(shot: Shot, share: float, top: float, *, z: float = 0.45) -> Mesh:
    """A stone before the product, out of focus, that lies on the floor and reaches up into the frame.

    Args:
        shot: The shot.
        share: Where its middle is in the frame's width.
        top: How far up it reaches: share of the frame's height, from the top.
        z: Where it lies, metres.
    """
    high = max(shot.y(top, z), 0.02)
    stone = boulder(shot.rng, (0.85 * high, 0.6 * high, 0.75 * high), rough=0.10, facets=12, steps=64)
    low, upper = stone.bounds
    grown = replace(stone, points=stone.points * 1.08 * high / float(upper[1] - low[1]))
    return grown.moved((shot.x(share, z), high - float(grown.points[:, 1].max()), z), shot.rng.uniform(0, 360))


def feet(items: Sequence[Item], *, only: Sequence[str] = ()) -> tuple[Pad, ...]:
    """A patch of floor under each thing, as large as it is.

    Args:
        items: Meshes and spheres.
        only: Names of those that stand on the floor; all when none is named.
    """
    return tuple(_foot(item) for item in items if not only or item.name in only)


def _foot(item: Item) -> Pad:
    if isinstance(item.shape, Mesh):
        low, high = item.shape.bounds
    else:
        centre, radius = np.array(item.shape["center"]), item.shape["radius"]
        low, high = centre - radius, centre + radius
    (half_x, _, half_z), (x, _, z) = (high - low) / 2, (high + low) / 2
    radius = 0.6 * min(half_x, half_z)
    wide, deep = max(0.95 * half_x - radius, 0.0), max(0.95 * half_z - radius, 0.0)
    return Pad(float(x), float(z), float(wide), float(deep), 0.0, float(radius), float(radius))


@dataclass(frozen=True, slots=True, eq=False)
class Dressed:
    """What a scene puts around the product."""

    items: Sequence[Item]
    lights: tuple[Plugin, ...]
    pads: dict[LayerRole, tuple[Pad, ...]]
    far: float
    """z of the middle of what is farthest, metres."""
    between: dict[LayerRole, float]
    """z of the middle of the layers between the product and the background, and before it."""
    hidden: tuple[tuple[Mesh, Plugin], ...] = ()
    key: float | None = None
    """Encoded brightness of the background's mean; the palette's own when none is given."""
    bounces: int = 0
    """See `SetDesign.bounces`."""
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """See `SetDesign.balance`."""


def finished(shot: Shot, scene: str, product: Sequence[Item], dressed: Dressed) -> SetDesign:
    """The set."""
    camera = shot.camera
    card = shot.standing.card(shot.view) if shot.standing else None
    between = {role: camera.depth(z) for role, z in dressed.between.items()}
    return SetDesign(
        camera=camera,
        items=(*dressed.items, *product),
        hidden=dressed.hidden,
        lights=dressed.lights,
        pads=dressed.pads,
        depths={LayerRole.BACKGROUND: camera.depth(dressed.far), LayerRole.SUBJECT: camera.depth(0.0), **between},
        product=shot.product,
        key=shot.palette.key if dressed.key is None else dressed.key,
        bounces=dressed.bounces,
        balance=dressed.balance,
        card=card,
        findings=(*(shot.standing.findings if shot.standing else ()), *(enlarged(card) if card else ())),
        details={"scene": scene, "palette": shot.palette.name},
    )
