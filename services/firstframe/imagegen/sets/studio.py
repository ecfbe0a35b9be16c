"""The scene `studio`: a bottle on a stone plinth before a seamless sweep, with an arch and spheres, in low light."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import LayerRole, PixelSize
from firstframe.imagegen.sets import bottle as bottles
from firstframe.imagegen.sets import dressing, lighting, plinths
from firstframe.imagegen.sets.design import Item, Pad, SetDesign
from firstframe.imagegen.sets.framing import Camera, Framing, cylinder_points, frame_subject, framing_for
from firstframe.imagegen.sets.materials import colour, matt
from firstframe.imagegen.sets.palettes import Palette
from firstframe.imagegen.sets.shapes import Floats, joined, sweep

CAMERA_Z = 1.25
WALL_Z = -1.05


def design(palette: Palette, copy: str, tagline: str, *, size: PixelSize, seed: int) -> SetDesign:
    """The set for one size; everything that varies is drawn from the seed, in the same order for every size."""
    rng = np.random.default_rng([seed, 1])
    framing = framing_for(size)
    bottle, plinth_radius, plinth_height = bottles.drawn(rng), rng.uniform(0.088, 0.100), rng.uniform(0.030, 0.042)
    product = bottles.around(bottle, plinth_height)
    stage = cylinder_points(plinth_radius, 0.0, plinth_height)
    camera = _camera(rng, framing, size, bottle, plinth_height, product, stage)
    side = float(rng.choice([-1.0, 1.0]))
    sun = lighting.sun_position(rng, side)
    subject = [
        *bottles.items(rng, palette, bottle, plinth_height, bottles.label_px(camera, bottle, size), copy, tagline),
        plinths.marble_disc(rng, palette, plinth_radius, plinth_height),
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


def _camera(
    rng: np.random.Generator,
    framing: Framing,
    size: PixelSize,
    bottle: bottles.Bottle,
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


def _backdrop(palette: Palette) -> Item:
    mesh = sweep(width=9.0, near=CAMERA_Z + 1.2, far=WALL_Z, height=4.0, radius=0.45)
    return Item("backdrop", LayerRole.BACKGROUND, joined([mesh]), matt(colour(palette.backdrop)))
