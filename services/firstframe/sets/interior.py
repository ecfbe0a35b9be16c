"""The scene `interior`: a bottle on a brass tray on a stone shelf, before a panelled wall in hard sun through a window."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets import cloth, emitters, lighting, plants, shots, textures, vessels
from firstframe.sets.architecture import box
from firstframe.sets.design import Item, Pad, Plugin, SetDesign
from firstframe.sets.materials import colour, matt, metal, mixed, painted, satin, woven
from firstframe.sets.noise import marble
from firstframe.sets.palettes import linear
from firstframe.sets.shapes import Floats, Mesh, joined
from firstframe.sets.terrain import block, ground

STREAM = 6
WALL_Z = -0.72


def shoot(brief: shots.Brief) -> shots.Shot:
    """The product on its stand, framed for one size."""
    rng, stand = shots.stream_of(brief.seed, STREAM), shots.Stand(radius=0.098, height=0.007)
    return shots.shoot(brief, rng=rng, stand=stand, lens=shots.Lens(0.13, 0.16, aperture_m=0.0068))


def design(shot: shots.Shot) -> SetDesign:
    """The set around it; everything that varies is drawn from the seed, in the same order for every size."""
    rng = shot.rng
    sun = _sun(shot)
    product = [*shots.product_items(shot), _tray(shot)]
    middle, near = _middle(shot), _near(shot)
    items = [_shelf(shot), *_wall(shot), _curtain(shot), *middle, *near]
    pads = {
        LayerRole.SUBJECT: (Pad(0.0, 0.0, 0.0, 0.0, 0.0, shot.stand.radius, 0.045),),
        LayerRole.MIDGROUND: shots.feet(middle, only=("lower book",)),
        LayerRole.FOREGROUND: shots.feet(near, only=("tumbler glass",)),
    }
    between = {LayerRole.MIDGROUND: -0.34, LayerRole.FOREGROUND: 0.44}
    hidden = lighting.gobo(rng, sun, shot.side, window=_panes(rng))
    dressed = shots.Dressed(
        items, _lights(shot, sun), pads, WALL_Z, between, hidden, key=0.98 * shot.palette.key, bounces=5
    )
    return shots.finished(shot, "interior", product, dressed)


def _sun(shot: shots.Shot) -> Floats:
    away = np.array(
        [-shot.side * shot.rng.uniform(0.75, 0.95), shot.rng.uniform(0.50, 0.60), shot.rng.uniform(0.55, 0.7)]
    )
    return np.asarray(lighting.AIM + away / np.linalg.norm(away) * lighting.SUN_DISTANCE)


def _panes(rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """Bars of a tall window of two by three panes."""
    wide, tall, far, bar = 0.26, 0.46, 1.9, 0.012
    shift = rng.uniform(-0.03, 0.03)
    frame = [(-far, -far, -wide, far), (wide, -far, far, far), (-wide, tall, wide, far), (-wide, -far, wide, -tall)]
    return [*frame, (shift - bar, -tall, shift + bar, tall), (-wide, -0.165, wide, -0.145), (-wide, 0.145, wide, 0.165)]


def _tray(shot: shots.Shot) -> Item:
    mesh = vessels.slab(shot.stand.radius, shot.stand.height, edge=0.003)
    return Item("tray", LayerRole.SUBJECT, mesh, metal(shot.palette.metal, roughness=0.16))


def _shelf(shot: shots.Shot) -> Item:
    palette = shot.palette
    mesh = ground((-1.8, 1.8), (WALL_Z - 0.02, 1.1), (420, 260), _level)
    vein = marble(
        mesh.points + shot.rng.uniform(0, 5, 3), np.random.default_rng(shot.rng.integers(1 << 32)), scale_m=0.16
    )
    tint = mixed(linear(palette.stone), linear(palette.vein), 0.75 * vein[:, None])
    stone = Mesh(mesh.points, mesh.normals, mesh.uv, mesh.faces, tint)
    return Item("shelf", LayerRole.BACKGROUND, stone, satin(painted(), roughness=0.28))


def _level(x: Floats, _z: Floats) -> Floats:
    return np.zeros_like(x)


def _wall(shot: shots.Shot) -> list[Item]:
    paint = matt(colour(shot.palette.backdrop))
    wall = box((0.0, 1.2, WALL_Z - 0.05), (2.5, 1.4, 0.05))
    middle = shot.rng.uniform(-0.05, 0.05)
    panels = [_moulding(middle + at * 0.60, 0.075, 0.25) for at in (-2, -1, 0, 1, 2)]
    return [
        Item("wall", LayerRole.BACKGROUND, wall, paint),
        Item("mouldings", LayerRole.BACKGROUND, joined(panels), paint),
    ]


def _moulding(x: float, foot: float, half: float, top: float = 1.6) -> Mesh:
    """A raised frame on the wall: two steps."""
    parts = []
    for width, depth in ((0.016, 0.005), (0.007, 0.011)):
        z, high = WALL_Z + depth / 2, (top - foot) / 2
        parts += [box((x + side * half, foot + high, z), (width / 2, high, depth / 2)) for side in (-1, 1)]
        parts += [box((x, y, z), (half + width / 2, width / 2, depth / 2)) for y in (foot, top)]
    return joined(parts)


def _curtain(shot: shots.Shot) -> Item:
    z = -0.56
    wide = 0.34 if shot.wide else 0.22
    mesh = cloth.curtain(shot.rng, wide, 1.3, folds=6, depth=0.022)
    edge = shot.x(0.0, z) + shot.side * 0.10 * wide
    return Item(
        "curtain", LayerRole.MIDGROUND, mesh.moved((edge, 0.0, z)), woven(textures.linen(shot.rng, shot.palette.cloth))
    )


def _middle(shot: shots.Shot) -> list[Item]:
    palette, rng, role, z = shot.palette, shot.rng, LayerRole.MIDGROUND, -0.34
    x = shot.x(0.79 if shot.wide else 0.84, z)
    books = [((0.088, 0.011, 0.062), palette.props[0], 8.0), ((0.078, 0.009, 0.056), palette.props[2], -6.0)]
    items, height = [], vessels.FOOT_M
    for name, (half, tint, turn) in zip(("lower book", "upper book"), books, strict=True):
        mesh = block(half, edge=0.07, steps=64).moved((x, height + half[1], z), turn)
        items.append(Item(name, role, mesh, satin(colour(tint), roughness=0.55)))
        height += 2 * half[1]
    pot = vessels.vase(0.085, belly=0.036, neck=0.014, lip=0.017).moved((x, height, z))
    twigs = [
        plants.branch(rng, (x, height + 0.07, z), (lean, 1.0, 0.1), length=0.17, leaves=13, blade=(0.042, 0.015))
        for lean in (-0.5, 0.45)
    ]
    return [
        *items,
        Item("vase", role, pot, satin(colour(palette.props[1]), roughness=0.3, clearcoat=0.6)),
        Item("twigs", role, joined(twigs), matt(colour(palette.leaf))),
    ]


def _near(shot: shots.Shot) -> list[Item]:
    scale, z = (1.0, 0.44) if shot.wide else (0.72, 0.44)
    drink = vessels.Profile(0.085 * scale, (0.026 * scale, 0.030 * scale, 0.034 * scale), base=0.009)
    at = (shot.x(0.955 if shot.wide else 0.99, z), 0.0, z)
    return vessels.glass("tumbler", LayerRole.FOREGROUND, at, drink, 0.62, np.array([0.97, 0.99, 0.98]))


def _lights(shot: shots.Shot, sun: Floats) -> tuple[Plugin, ...]:
    palette, side = shot.palette, shot.side
    warm, cool = np.array(linear(palette.sun)), np.array(linear(palette.sky))
    x, y, z = (float(value) for value in sun)
    aim = (float(lighting.AIM[0]), float(lighting.AIM[1]), float(lighting.AIM[2]))
    return (
        emitters.everywhere(cool * palette.fill * 0.55),
        emitters.disc((x, y, z), aim, 0.03, warm * 36000.0),
        emitters.panel((side * 0.66, 0.32, -0.2), (0.0, 0.14, 0.0), 0.10, 0.7, (0.5 * warm + 0.5 * cool) * 10.0),
        emitters.panel((-side * 0.8, 0.34, 0.4), (0.0, 0.14, 0.0), 0.14, 0.75, warm * 7.0),
    )
