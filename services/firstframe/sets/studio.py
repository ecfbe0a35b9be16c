"""The scene `studio`: a bottle on a stone plinth before a seamless sweep, with an arch and spheres, in low light."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets import dressing, lighting, plinths, shots
from firstframe.sets.design import Item, Pad, SetDesign
from firstframe.sets.materials import colour, matt
from firstframe.sets.palettes import Palette
from firstframe.sets.shapes import joined, sweep

WALL_Z = -1.05


def shoot(brief: shots.Brief) -> shots.Shot:
    """The product on its stand, framed for one size."""
    rng = np.random.default_rng([brief.seed, 1])
    return shots.shoot(brief, rng=rng, stand=_plinth, lens=shots.Lens(0.115, 0.15))


def design(shot: shots.Shot) -> SetDesign:
    """The set around it; everything that varies is drawn from the seed, in the same order for every size."""
    rng, palette = shot.rng, shot.palette
    sun = lighting.sun_position(rng, shot.side)
    radius, height = shot.stand.radius, shot.stand.height
    product = [*shots.product_items(shot), plinths.marble_disc(rng, palette, radius, height)]
    props = dressing.dress(rng, palette, shot.camera, shot.framing, shot.side)
    hidden = lighting.gobo(rng, sun, shot.side)
    dressed = shots.Dressed(
        items=(_backdrop(palette), *props.items),
        lights=lighting.lights(rng, palette, sun, shot.side),
        pads={LayerRole.SUBJECT: (Pad(0.0, 0.0, 0.0, 0.0, 0.0, radius, 0.05),), **props.pads},
        far=WALL_Z,
        between=props.middles,
        hidden=hidden,
    )
    return shots.finished(shot, "studio", product, dressed)


def _plinth(rng: np.random.Generator) -> shots.Stand:
    return shots.Stand(rng.uniform(0.088, 0.100), rng.uniform(0.030, 0.042))


def _backdrop(palette: Palette) -> Item:
    mesh = sweep(width=9.0, near=shots.CAMERA_Z + 1.2, far=WALL_Z, height=4.0, radius=0.45)
    return Item("backdrop", LayerRole.BACKGROUND, joined([mesh]), matt(colour(palette.backdrop)))
