"""The scene `stone`: a bottle on a rough block among boulders before a dark plaster wall, in hard light from the side."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.imagegen.sets import emitters, plinths, shots
from firstframe.imagegen.sets.design import Item, Pad, Plugin, SetDesign
from firstframe.imagegen.sets.materials import matt, mixed, painted, satin
from firstframe.imagegen.sets.noise import solid_noise
from firstframe.imagegen.sets.palettes import linear
from firstframe.imagegen.sets.shapes import Floats, Mesh
from firstframe.imagegen.sets.terrain import boulder, ground

STREAM = 2
WALL_Z = -1.0


def design(brief: shots.Brief) -> SetDesign:
    """The set for one size; everything that varies is drawn from the seed, in the same order for every size."""
    stand, palette = shots.Stand(radius=0.115, height=0.07), brief.palette
    rng = shots.stream_of(brief.seed, STREAM)
    shot = shots.shoot(brief, rng=rng, stand=stand, lens=shots.Lens(0.07, 0.10))
    product = [*shots.product_items(shot), plinths.rough_block(rng, palette, 0.105, stand.height)]
    items = [_floor(shot), _wall(shot), *_boulders(shot), *_pebbles(shot)]
    pads = {
        LayerRole.SUBJECT: (Pad(0.0, 0.0, 0.07, 0.055, 0.0, 0.03, 0.05),),
        LayerRole.MIDGROUND: _feet(items, LayerRole.MIDGROUND),
        LayerRole.FOREGROUND: _feet(items, LayerRole.FOREGROUND),
    }
    between = {LayerRole.MIDGROUND: -0.36, LayerRole.FOREGROUND: 0.46}
    dressed = shots.Dressed(items, _lights(shot), pads, WALL_Z, between, key=0.86 * palette.key)
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
    tall = 0.36 if shot.wide else 0.42
    places = [
        (0.21, -0.40, (0.12, 0.5 * tall, 0.10)),
        (0.33, -0.27, (0.075, 0.05, 0.06)),
        (0.79, -0.34, (0.10, 0.075, 0.08)),
    ]
    items = []
    for at, (share, z, radii) in enumerate(places):
        stone = boulder(rng, radii)
        x = shot.x(share + rng.uniform(-0.02, 0.02), z)
        placed = stone.moved((x, -0.88 * float(stone.points[:, 1].min()), z), rng.uniform(0, 360))
        tinted = _stained(placed, shot.palette.stone, shot.palette.vein, rng)
        items.append(Item(f"boulder {at}", LayerRole.MIDGROUND, tinted, _STONE))
    return items


def _pebbles(shot: shots.Shot) -> list[Item]:
    rng, near = shot.rng, []
    for at, (share, z, radius) in enumerate([(0.95, 0.44, 0.042), (0.03, 0.50, 0.03)]):
        stone = boulder(rng, (radius, 0.62 * radius, 0.9 * radius), rough=0.1)
        lift = -0.94 * float(stone.points[:, 1].min())
        placed = stone.moved((shot.x(share, z), lift, z), rng.uniform(0, 360))
        tinted = _stained(placed, shot.palette.props[0], shot.palette.stone, rng)
        near.append(Item(f"pebble {at}", LayerRole.FOREGROUND, tinted, _STONE))
    return near


def _feet(items: list[Item], role: LayerRole) -> tuple[Pad, ...]:
    pads = []
    for item in items:
        if item.role is role and isinstance(item.shape, Mesh):
            (low, high) = item.shape.bounds
            x, z = (low[0] + high[0]) / 2, (low[2] + high[2]) / 2
            half = min(high[0] - low[0], high[2] - low[2]) / 2
            pads.append(Pad(float(x), float(z), 0.0, 0.0, 0.0, float(0.85 * half), float(0.6 * half)))
    return tuple(pads)


def _lights(shot: shots.Shot) -> tuple[Plugin, ...]:
    warm, cool = np.array(linear(shot.palette.sun)), np.array(linear(shot.palette.sky))
    side = shot.side
    return (
        emitters.everywhere(cool * shot.palette.fill * 0.22),
        emitters.disc((-side * 2.6, 1.75, 1.5), (0.0, 0.1, -0.3), 0.11, warm * 2600.0),
        emitters.panel((side * 0.8, 0.35, -0.35), (0.0, 0.16, 0.0), 0.14, 0.8, (0.4 * warm + 0.6 * cool) * 12.0),
        emitters.panel((-side * 0.7, 0.4, 0.6), (0.0, 0.16, 0.0), 0.2, 0.6, warm * 3.0),
    )
