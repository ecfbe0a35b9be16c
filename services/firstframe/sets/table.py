"""The scene `table`: a bottle on a board and linen on a wooden table, before a window with lights far out of focus."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets import cloth, emitters, plants, shots, textures, vessels
from firstframe.sets.architecture import box, card
from firstframe.sets.design import Item, Pad, Plugin, SetDesign
from firstframe.sets.materials import colour, grained, matt, satin, woven
from firstframe.sets.palettes import linear
from firstframe.sets.shapes import Floats, Mesh, joined
from firstframe.sets.terrain import ground

STREAM = 3
TABLE_END_Z = -0.66
WINDOW_Z = -1.25
VIEW_Z = -2.6

_NIGHT = 0.3
"""Brightness of the set below which a lamp beside the camera lights the label: against the lights outside it would be black."""
_LAMP = 160.0
"""Strength of that lamp: ink on paper comes to 4.9:1."""


def shoot(brief: shots.Brief) -> shots.Shot:
    """The product on its stand, framed for one size."""
    rng, stand = shots.stream_of(brief.seed, STREAM), shots.Stand(radius=0.100, height=0.018)
    return shots.shoot(brief, rng=rng, stand=stand, lens=shots.Lens(0.14, 0.17, aperture_m=0.0105))


def design(shot: shots.Shot) -> SetDesign:
    """The set around it; everything that varies is drawn from the seed, in the same order for every size."""
    product = [*shots.product_items(shot), _board(shot)]
    middle, near = _middle(shot), _near(shot)
    items = [_table(shot), _linen(shot), *_window(shot), *middle, *near]
    pads = {
        LayerRole.SUBJECT: (Pad(0.0, 0.0, 0.0, 0.0, 0.0, shot.stand.radius, 0.04),),
        LayerRole.MIDGROUND: shots.feet(middle, only=("vase", "carafe glass", "bowl")),
        LayerRole.FOREGROUND: shots.feet(near, only=("near bowl",)),
    }
    between = {LayerRole.MIDGROUND: -0.32, LayerRole.FOREGROUND: 0.45}
    dressed = shots.Dressed(items, _lights(shot), pads, WINDOW_Z, between, key=1.0 * shot.palette.key, bounces=5)
    return shots.finished(shot, "table", product, dressed)


def _board(shot: shots.Shot) -> Item:
    radius, height = shot.stand.radius, shot.stand.height
    mesh = vessels.slab(radius, height)
    flat = mesh.points[:, [0, 2]] / (2.2 * radius) + 0.5
    wood = textures.board(
        shot.rng, shot.palette.wood[0], shot.palette.wood[1], extent_m=(2.2 * radius, 2.2 * radius), shape=(768, 768)
    )
    sawn = Mesh(mesh.points, mesh.normals, flat, mesh.faces).moved((0.0, 0.0, 0.0), shot.rng.uniform(-40, 40))
    return Item("board", LayerRole.SUBJECT, sawn, grained(wood, roughness=0.5))


def _table(shot: shots.Shot) -> Item:
    light, dark = shot.palette.wood
    top = ground((-0.8, 0.8), (TABLE_END_Z, 1.1), (8, 8), _level)
    wood = textures.planks(shot.rng, light, dark, extent_m=(1.76, 1.6), width_m=0.125, shape=(2400, 2048))
    return Item("table", LayerRole.BACKGROUND, top, grained(wood, roughness=0.36, clearcoat=0.15))


def _level(x: Floats, _z: Floats) -> Floats:
    return np.zeros_like(x)


def _linen(shot: shots.Shot) -> Item:
    strip = cloth.runner(shot.rng, 0.30, 1.1, -0.34).moved((0.0, 0.0, 0.0), shot.side * shot.rng.uniform(6, 14))
    return Item("linen", LayerRole.BACKGROUND, strip, woven(textures.linen(shot.rng, shot.palette.cloth)))


def _window(shot: shots.Shot) -> list[Item]:
    palette, rng = shot.palette, shot.rng
    far = (palette.sky, palette.leaf, palette.wood[1])
    lights = (palette.sun, palette.foil, palette.props[1])
    picture = textures.bokeh(rng, (640, 1280), far, lights, count=330)
    pane = card(5.2, 2.6, (0.0, 0.55, VIEW_Z))
    shift = rng.uniform(-0.06, 0.06)
    bars = [box((shift + x, 0.9, WINDOW_Z), (0.011, 1.2, 0.02)) for x in (-0.9, -0.45, 0.0, 0.45, 0.9)]
    bars += [box((0.0, y, WINDOW_Z), (2.5, 0.011, 0.02)) for y in (0.42, 0.86)]
    sill = box((0.0, -0.36, WINDOW_Z), (2.5, 0.36, 0.06))
    return [
        Item("view", LayerRole.BACKGROUND, pane, matt(colour("#000000")), glow=emitters.view(1.6 * picture)),
        Item("window bars", LayerRole.BACKGROUND, joined(bars), satin(colour(palette.wood[1]), roughness=0.5)),
        Item("sill", LayerRole.BACKGROUND, sill, matt(colour(palette.backdrop))),
    ]


def _middle(shot: shots.Shot) -> list[Item]:
    palette, rng, role = shot.palette, shot.rng, LayerRole.MIDGROUND
    at = (shot.x(0.20 if shot.wide else 0.16, -0.38), 0.0, -0.38)
    tall = shot.y(0.48 if shot.wide else 0.50, -0.38)
    pot = vessels.vase(tall, belly=0.052, neck=0.017, lip=0.021).moved(at)
    mouth = (at[0], 0.9 * tall, at[2])
    twigs = [
        plants.branch(rng, mouth, (lean, 1.0, rng.uniform(-0.3, 0.3)), length=0.24, leaves=17, blade=(0.052, 0.017))
        for lean in (-0.55, 0.02, 0.5)
    ]
    jug = (shot.x(0.80 if shot.wide else 0.87, -0.27), 0.0, -0.27)
    drink = vessels.Profile(0.125, (0.032, 0.047, 0.024), wall=0.002)
    dish = (shot.x(0.70 if shot.wide else 0.73, -0.16), 0.0, -0.16)
    return [
        Item("vase", role, pot, satin(colour(palette.props[0]), roughness=0.42)),
        Item("twigs", role, joined(twigs), matt(colour(palette.leaf))),
        *vessels.glass("carafe", role, jug, drink, 0.6, np.array(linear(palette.props[1])) ** 0.6),
        Item("bowl", role, vessels.bowl(0.030, 0.020).moved(dish), satin(colour(palette.props[2]), roughness=0.4)),
    ]


def _near(shot: shots.Shot) -> list[Item]:
    rng, role, z = shot.rng, LayerRole.FOREGROUND, 0.46
    scale = 1.0 if shot.wide else 0.7
    at = (shot.x(1.0, z), 0.0, z)
    root = (shot.x(-0.04, 0.5), shot.y(0.72, 0.5), 0.5)
    sprig = plants.branch(
        rng, root, (-shot.side * 0.75, 0.8, 0.0), length=0.10 * scale, leaves=9, blade=(0.040 * scale, 0.013 * scale)
    )
    dish = vessels.bowl(0.060 * scale, 0.036 * scale).moved(at)
    return [
        Item("near bowl", role, dish, satin(colour(shot.palette.props[0]), roughness=0.4)),
        Item("near sprig", role, sprig, matt(colour(shot.palette.leaf))),
    ]


def _lights(shot: shots.Shot) -> tuple[Plugin, ...]:
    palette, side = shot.palette, shot.side
    warm, cool = np.array(linear(palette.sun)), np.array(linear(palette.sky))
    return (
        emitters.everywhere(cool * palette.fill * 0.5),
        emitters.disc((side * 1.9, 1.5, -1.9), (0.0, 0.08, 0.0), 0.16, warm * 700.0),
        emitters.panel((-side * 1.1, 0.9, 0.7), (0.0, 0.1, 0.0), 0.9, 0.9, warm * 8.0),
        emitters.panel((side * 0.62, 0.30, -0.10), (0.0, 0.15, 0.0), 0.10, 0.6, cool * 9.0),
        *_lamp(shot),
    )


def _lamp(shot: shots.Shot) -> tuple[Plugin, ...]:
    if shot.palette.key >= _NIGHT:
        return ()
    warm = np.array(linear(shot.palette.sun))
    return (emitters.panel((-shot.side * 0.34, 0.34, 0.62), (0.0, 0.10, 0.0), 0.12, 0.16, warm * _LAMP),)
