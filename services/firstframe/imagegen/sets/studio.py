"""The scene `studio`: a bottle on a stone plinth before a seamless sweep, with an arch and spheres, in low light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firstframe.core.media import LayerRole, PixelSize
from firstframe.imagegen.sets import dressing, lighting
from firstframe.imagegen.sets.design import Item, Pad, SetDesign
from firstframe.imagegen.sets.framing import Camera, Framing, cylinder_points, frame_subject, framing_for
from firstframe.imagegen.sets.label import TYPEFACES, print_label
from firstframe.imagegen.sets.materials import colour, matt, metal, printed, satin
from firstframe.imagegen.sets.noise import marble
from firstframe.imagegen.sets.palettes import Palette, linear
from firstframe.imagegen.sets.shapes import Floats, Mesh, joined, lathe, rounded, sweep

CAMERA_Z = 1.25
WALL_Z = -1.05
LABEL_ARC_DEG = 128.0


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


def design(palette: Palette, copy: str, tagline: str, *, size: PixelSize, seed: int) -> SetDesign:
    """The set for one size; everything that varies is drawn from the seed, in the same order for every size."""
    rng = np.random.default_rng([seed, 1])
    framing = framing_for(size)
    bottle, plinth_radius, plinth_height = _bottle(rng), rng.uniform(0.088, 0.100), rng.uniform(0.030, 0.042)
    product = _product_points(bottle, plinth_height)
    stage = cylinder_points(plinth_radius, 0.0, plinth_height)
    camera = _camera(rng, framing, size, bottle, plinth_height, product, stage)
    side = float(rng.choice([-1.0, 1.0]))
    sun = lighting.sun_position(rng, side)
    subject = [
        *_bottle_items(rng, palette, bottle, plinth_height, _label_px(camera, bottle, size), copy, tagline),
        _plinth_item(rng, palette, plinth_radius, plinth_height),
    ]
    dressed = dressing.dress(rng, palette, camera, framing, side)
    plinth_pad = Pad(0.0, 0.0, 0.0, 0.0, 0.0, plinth_radius, 0.05)
    return SetDesign(
        camera=camera,
        items=(_backdrop(palette), *subject, *dressed.items),
        hidden=lighting.gobo(rng, sun, side),
        lights=lighting.lights(rng, palette, sun, side),
        pads={LayerRole.SUBJECT: (plinth_pad,), **dressed.pads},
        depths={LayerRole.BACKGROUND: camera.depth(WALL_Z), LayerRole.SUBJECT: camera.depth(0.0), **dressed.depths},
        product=product,
        key=palette.key,
        details={"scene": "studio", "palette": palette.name},
    )


def _bottle(rng: np.random.Generator) -> Bottle:
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


def _product_points(bottle: Bottle, foot: float) -> Floats:
    top = foot + bottle.height
    body = cylinder_points(bottle.radius + 0.0006, foot, foot + bottle.body)
    return np.concatenate([body, cylinder_points(bottle.cap_radius, top - bottle.cap, top)])


def _camera(
    rng: np.random.Generator,
    framing: Framing,
    size: PixelSize,
    bottle: Bottle,
    plinth_height: float,
    product: Floats,
    stage: Floats,
) -> Camera:
    position = (rng.uniform(-0.06, 0.06), plinth_height + rng.uniform(0.115, 0.15), CAMERA_Z)
    return frame_subject(
        framing,
        size,
        position,
        product,
        stage,
        sway=rng.uniform(-1, 1),
        aperture_m=0.0062,
        focus_m=CAMERA_Z - 0.8 * bottle.radius,
    )


def _label_px(camera: Camera, bottle: Bottle, size: PixelSize) -> float:
    """Pixels of the frame in a metre at the label."""
    return size.height / (camera.top - camera.bottom) / camera.depth(bottle.radius)


def _bottle_items(
    rng: np.random.Generator, palette: Palette, bottle: Bottle, foot: float, px_per_m: float, copy: str, tagline: str
) -> list[Item]:
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
        Item("label", LayerRole.SUBJECT, strip.moved(lift, turn), printed(label.colour, label.foil), True),
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


def _plinth_item(rng: np.random.Generator, palette: Palette, radius: float, height: float) -> Item:
    side = np.stack([np.full(56, radius), np.linspace(0.0, height - 0.004, 56)], -1)
    edge = rounded([(radius, height - 0.004, 0.0), (radius, height, 0.004), (radius - 0.004, height, 0.0)], steps=8)
    top = np.stack([np.linspace(radius - 0.004, 0.0, 64), np.full(64, height)], -1)
    mesh = lathe(np.concatenate([side, edge[1:-1], top]), segments=560)
    vein = marble(mesh.points + rng.uniform(0, 5, 3), rng)[:, None]
    tint = (1 - vein) * np.array(linear(palette.stone)) + vein * np.array(linear(palette.vein))
    stone = Mesh(mesh.points, mesh.normals, mesh.uv, mesh.faces, tint)
    paint = {"type": "mesh_attribute", "name": "vertex_color"}
    return Item("plinth", LayerRole.SUBJECT, stone, satin(paint, roughness=0.42))


def _backdrop(palette: Palette) -> Item:
    mesh = sweep(width=9.0, near=CAMERA_Z + 1.2, far=WALL_Z, height=4.0, radius=0.45)
    return Item("backdrop", LayerRole.BACKGROUND, joined([mesh]), matt(colour(palette.backdrop)))
