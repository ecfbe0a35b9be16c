"""The scene `stone`: a bottle on a rough block among boulders before a dark plaster wall, in hard light from the side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets import emitters, plants, plinths, shots
from firstframe.sets.design import Item, Pad, Plugin, SetDesign
from firstframe.sets.materials import colour, matt, mixed, painted, satin
from firstframe.sets.noise import solid_noise
from firstframe.sets.palettes import linear
from firstframe.sets.shapes import Floats, Mesh, joined
from firstframe.sets.terrain import boulder, ground, smoothed

STREAM = 2
WALL_Z = -1.0


def shoot(brief: shots.Brief) -> shots.Shot:
    """The product on its stand, framed for one size."""
    rng, stand = shots.stream_of(brief.seed, STREAM), shots.Stand(radius=0.115, height=0.07)
    return shots.shoot(brief, rng=rng, stand=stand, lens=shots.Lens(0.07, 0.10))


def design(shot: shots.Shot) -> SetDesign:
    """The set around it; everything that varies is drawn from the seed, in the same order for every size."""
    palette = shot.palette
    product = [*shots.product_items(shot), plinths.rough_block(shot.rng, palette, 0.105, shot.stand.height)]
    floor, wall, boulders, pebbles = _floor(shot), _wall(shot), _boulders(shot), _pebbles(shot)
    items = [floor, wall, *boulders, *pebbles]
    pads = {
        LayerRole.SUBJECT: (Pad(0.0, 0.0, 0.07, 0.055, 0.0, 0.03, 0.05),),
        LayerRole.MIDGROUND: shots.feet(boulders),
        LayerRole.FOREGROUND: shots.feet(pebbles),
    }
    between = {LayerRole.MIDGROUND: -0.36, LayerRole.FOREGROUND: 0.46}
    hidden = ((_dapple(shot), matt(colour("#201A16"))),)
    dressed = shots.Dressed(items, _lights(shot), pads, WALL_Z, between, hidden, key=0.86 * palette.key)
    return shots.finished(shot, "stone", product, dressed)


def _floor(shot: shots.Shot) -> Item:
    bumps = shot.rng.uniform(0, 20, 3)
    lattice = np.random.default_rng(shot.rng.integers(1 << 32))

    def height(x: Floats, z: Floats) -> Floats:
        flat = np.clip(np.hypot(x, z) / 0.25 - 0.4, 0, 1)
        points = np.stack([x, np.zeros_like(x), z], -1) / 0.12 + bumps
        return 0.0025 * flat * solid_noise(points, np.random.default_rng(7), octaves=4)

    mesh = ground((-2.5, 2.5), (WALL_Z - 0.05, shots.CAMERA_Z - 0.1), (360, 300), height)
    return Item("floor", LayerRole.BACKGROUND, _stained(mesh, shot.palette.stone, shot.palette.vein, lattice), _STONE)


def _wall(shot: shots.Shot) -> Item:
    lattice = np.random.default_rng(shot.rng.integers(1 << 32))
    flat = ground((-3.0, 3.0), (-0.1, 2.6), (300, 160), lambda x, z: 0.004 * _plaster(x, z))
    turned = Mesh(
        np.stack([flat.points[:, 0], flat.points[:, 2], WALL_Z + flat.points[:, 1]], -1),
        np.stack([flat.normals[:, 0], flat.normals[:, 2], flat.normals[:, 1]], -1),
        flat.uv,
        np.ascontiguousarray(flat.faces[:, ::-1]),
    )
    return Item(
        "wall", LayerRole.BACKGROUND, _stained(turned, shot.palette.backdrop, shot.palette.stone, lattice), _PLASTER
    )


def _plaster(x: Floats, z: Floats) -> Floats:
    points = np.stack([x / 0.35, np.zeros_like(x), z / 0.22], -1) + 40
    return solid_noise(points, np.random.default_rng(11), octaves=4)


_STONE: Plugin = satin(painted(), roughness=0.6)
_PLASTER: Plugin = matt(painted())


def _stained(mesh: Mesh, body: str, stain: str, lattice: np.random.Generator) -> Mesh:
    share = np.clip(0.35 + 0.45 * solid_noise(mesh.points / 0.3 + 3, lattice, octaves=5), 0, 1)[:, None]
    tint = mixed(linear(body), linear(stain), 0.55 * share)
    return Mesh(mesh.points, mesh.normals, mesh.uv, mesh.faces, tint)


def _boulders(shot: shots.Shot) -> list[Item]:
    rng = shot.rng
    tall = 0.42 if shot.wide else 0.50
    places = [
        (0.20, -0.40, (0.13, 0.5 * tall, 0.10)),
        (0.345, -0.26, (0.070, 0.042, 0.06)),
        (0.80, -0.34, (0.12, 0.085, 0.09)),
    ]
    items = []
    for at, (share, z, radii) in enumerate(places):
        stone = boulder(rng, radii, rough=0.09, facets=16)
        x = shot.x(share + rng.uniform(-0.02, 0.02), z)
        placed = stone.moved((x, -0.93 * float(stone.points[:, 1].min()), z), rng.uniform(0, 360))
        tinted = _stained(_pitted(rng, placed), shot.palette.stone, shot.palette.vein, rng)
        items.append(Item(f"boulder {at}", LayerRole.MIDGROUND, tinted, _STONE))
    return items


def _pitted(rng: np.random.Generator, stone: Mesh) -> Mesh:
    """The stone with a grain of a few millimetres."""
    relief = 0.0016 * solid_noise(stone.points / 0.02 + rng.uniform(0, 20, 3), rng, octaves=3)
    return smoothed(replace(stone, points=stone.points + relief[:, None] * stone.normals))


def _pebbles(shot: shots.Shot) -> list[Item]:
    near = []
    for at, (share, top) in enumerate([(0.97, 0.80), (0.04, 0.92)]):
        tinted = _stained(shots.near_stone(shot, share, top), shot.palette.props[0], shot.palette.stone, shot.rng)
        near.append(Item(f"pebble {at}", LayerRole.FOREGROUND, tinted, _STONE))
    return near


def _dapple(shot: shots.Shot) -> Mesh:
    """A branch out of frame between the lamp and the wall; its shadow falls beside the product."""
    rng, side = shot.rng, shot.side
    middle = np.array([-side * 0.98, 0.80, -0.36])
    twigs = []
    for x, y, z in ((0.30, 0.9, -0.10), (0.75, 0.6, -0.2), (-0.15, 0.95, 0.1)):
        heading = np.array([side * x, y, z])
        start = tuple(middle - 0.42 * heading / np.linalg.norm(heading))
        twigs.append(plants.branch(rng, start, tuple(heading), length=0.80, leaves=24, blade=(0.13, 0.042), droop=0.2))
    return joined(twigs)


def _lights(shot: shots.Shot) -> tuple[Plugin, ...]:
    warm, cool = np.array(linear(shot.palette.sun)), np.array(linear(shot.palette.sky))
    side = shot.side
    return (
        emitters.everywhere(cool * shot.palette.fill * 0.16),
        emitters.disc((-side * 2.7, 1.55, 0.75), (0.0, 0.14, -0.4), 0.032, warm * 31000.0),
        emitters.panel((side * 0.8, 0.35, -0.35), (0.0, 0.16, 0.0), 0.14, 0.8, (0.4 * warm + 0.6 * cool) * 12.0),
        emitters.panel((-side * 0.75, 0.38, 0.65), (0.0, 0.16, 0.0), 0.22, 0.7, warm * 5.0),
    )
