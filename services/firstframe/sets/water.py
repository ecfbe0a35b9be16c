"""The scene `water`: a bottle on stone steps that stand in still water, under a hazy sky that the water mirrors."""

from __future__ import annotations

from functools import partial

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets import emitters, plants, plinths, shots, sky
from firstframe.sets.design import Item, Pad, Plugin, SetDesign
from firstframe.sets.materials import colour, colour_of, matt, mixed, painted, satin, water
from firstframe.sets.noise import solid_noise
from firstframe.sets.palettes import linear
from firstframe.sets.shapes import Floats, Mesh, joined
from firstframe.sets.terrain import boulder, ground

STREAM = 4
FAR_Z = -9.0


def shoot(brief: shots.Brief) -> shots.Shot:
    """The product on its stand, framed for one size."""
    rng, stand = shots.stream_of(brief.seed, STREAM), shots.Stand(radius=0.125, height=0.048)
    return shots.shoot(brief, rng=rng, stand=stand, lens=shots.Lens(0.09, 0.12, aperture_m=0.0045))


def design(shot: shots.Shot) -> SetDesign:
    """The set around it; everything that varies is drawn from the seed, in the same order for every size."""
    product = [*shots.product_items(shot), *_steps(shot)]
    rocks, near = _rocks(shot), _near(shot)
    items = [*_water(shot), *_hills(shot), *rocks, *near]
    pads = {
        LayerRole.SUBJECT: (
            Pad(0.0, 0.0, 0.0, 0.0, 0.0, shot.stand.radius, 0.05),
            Pad(0.0, 0.40, 0.03, 0.36, 0.0, 0.05, 0.07),
        ),
        LayerRole.MIDGROUND: tuple(_mirrored(shot, rock) for rock in rocks),
        LayerRole.FOREGROUND: shots.feet(near, only=("near rock",)),
    }
    between = {LayerRole.MIDGROUND: -0.6, LayerRole.FOREGROUND: 0.46}
    dressed = shots.Dressed(items, _lights(shot), pads, FAR_Z, between, key=1.1 * shot.palette.key)
    return shots.finished(shot, "water", product, dressed)


def _steps(shot: shots.Shot) -> list[Item]:
    """Two round steps; the lower one goes below the surface."""
    rng, palette = shot.rng, shot.palette
    low = 0.018
    lower = plinths.banded_disc(rng, palette, shot.stand.radius, low + 0.02)
    upper = plinths.banded_disc(rng, palette, 0.72 * shot.stand.radius, shot.stand.height - low)
    return [
        Item("lower step", LayerRole.SUBJECT, _lifted(lower, -0.02), lower.material),
        Item("upper step", LayerRole.SUBJECT, _lifted(upper, low), upper.material),
    ]


def _lifted(item: Item, height: float) -> Mesh:
    if not isinstance(item.shape, Mesh):
        raise TypeError(f"{item.name} is no mesh")
    return item.shape.moved((0.0, height, 0.0))


def _water(shot: shots.Shot) -> list[Item]:
    """The surface: rings around the steps near, a light breeze far away."""
    shift, lattice = shot.rng.uniform(0, 20, 3), int(shot.rng.integers(1 << 32))
    body = water(0.55 * np.array(linear(shot.palette.lacquer)) * 0.4 + 0.012)
    height = partial(_height, shift=shift, lattice=lattice)
    near = ground((-1.6, 1.6), (-1.8, 1.15), (560, 560), height)
    far = ground((-30.0, 30.0), (-40.0, -1.8), (300, 500), height, gather=0.4)
    return [Item("water", LayerRole.BACKGROUND, near, body), Item("open water", LayerRole.BACKGROUND, far, body)]


def _height(x: Floats, z: Floats, *, shift: Floats, lattice: int) -> Floats:
    distance = np.hypot(x, z)
    rings = 0.00034 * np.exp(-np.clip(distance - 0.12, 0, 9) / 0.22) * np.sin(2 * np.pi * distance / 0.034)
    points = np.stack([x / 0.22, np.zeros_like(x), z / 0.075], -1) + shift
    breeze = 0.00042 * solid_noise(points, np.random.default_rng(lattice), octaves=2)
    calm = np.clip(distance / 0.5 - 0.2, 0.15, 1) * np.clip((z + 6) / 4, 0, 1)
    return np.asarray(rings + calm * breeze)


def _hills(shot: shots.Shot) -> list[Item]:
    """Two ranges in the haze, the farther one paler."""
    rng, palette = shot.rng, shot.palette
    haze = sky.horizon(palette)
    items = []
    for at, (z, top, share) in enumerate(((-9.0, 0.60, 0.38), (-15.0, 1.55, 0.66))):
        body = matt(colour_of((1 - share) * 0.6 * np.array(linear(palette.props[0]))))
        hill = _hill(z, top, rng.uniform(0, 6, 3))
        items.append(Item(f"hills {at}", LayerRole.BACKGROUND, hill, body, glow=emitters.haze(share * haze)))
    return items


def _hill(z: float, top: float, phase: Floats) -> Mesh:
    def height(x: Floats, away: Floats) -> Floats:
        t = x / (2.2 * top)
        crest = (
            0.5
            + 0.28 * np.sin(0.7 * t + phase[0])
            + 0.15 * np.sin(1.9 * t + phase[1])
            + 0.05 * np.sin(4.7 * t + phase[2])
        )
        return np.asarray(top * crest * np.clip(1 - np.abs(away - z) / 1.5, 0, 1) ** 0.8 - 0.03)

    return ground((-14.0, 14.0), (z - 1.5, z + 1.5), (500, 40), height)


def _rocks(shot: shots.Shot) -> list[Item]:
    rng = shot.rng
    places = (
        (0.17, -0.62, (0.15, 0.115, 0.11)),
        (0.345, -0.42, (0.045, 0.026, 0.04)),
        (0.85, -0.50, (0.085, 0.05, 0.07)),
    )
    items = []
    for at, (share, z, radii) in enumerate(places):
        stone = boulder(rng, radii, rough=0.10, facets=14).moved(
            (shot.x(share, z), 0.18 * radii[1], z), rng.uniform(0, 360)
        )
        items.append(Item(f"rock {at}", LayerRole.MIDGROUND, _wet(stone, shot), satin(painted(), roughness=0.42)))
    return items


def _wet(stone: Mesh, shot: shots.Shot) -> Mesh:
    """Darker where the water reaches."""
    share = 0.5 + 0.5 * solid_noise(stone.points / 0.05 + 3, np.random.default_rng(5), octaves=4)[:, None]
    tint = mixed(linear(shot.palette.stone), linear(shot.palette.vein), 0.5 * np.clip(share, 0, 1))
    dry = np.clip((stone.points[:, 1] - 0.006) / 0.012, 0, 1)[:, None]
    return Mesh(stone.points, stone.normals, stone.uv, stone.faces, tint * (0.38 + 0.32 * dry))


def _mirrored(shot: shots.Shot, item: Item) -> Pad:
    """The patch with the mirror image before it: what mirrors in water moves as the thing does.

    A point at height h mirrors in the water at the share h / (h + lens) of the way to the camera.
    """
    (foot,) = shots.feet([item])
    top = float(item.shape.bounds[1][1]) if isinstance(item.shape, Mesh) else 0.0
    lens_x, lens_y, lens_z = shot.camera.position
    reach = 0.9 * top / (top + lens_y)
    way = reach * (lens_x - foot.x), reach * (lens_z - foot.z)
    turn = float(np.degrees(np.arctan2(*way)))
    middle = foot.x + way[0] / 2, foot.z + way[1] / 2
    deep = foot.half_depth + float(np.hypot(*way)) / 2
    return Pad(*middle, foot.half_width, deep, turn, foot.radius, foot.feather)


def _near(shot: shots.Shot) -> list[Item]:
    rng, role, z = shot.rng, LayerRole.FOREGROUND, 0.47
    scale = 1.0 if shot.wide else 0.75
    reeds = plants.grass(rng, (shot.x(0.99, z), -0.01, z), height=0.20 * scale, blades=16, spread=0.016)
    stone = shots.near_stone(shot, 0.02, 0.88)
    return [
        Item("near rock", role, _wet(stone, shot), satin(painted(), roughness=0.4)),
        Item("reeds", role, joined([reeds]), matt(colour(shot.palette.leaf))),
    ]


def _lights(shot: shots.Shot) -> tuple[Plugin, ...]:
    palette, side = shot.palette, shot.side
    warm, cool = np.array(linear(palette.sun)), np.array(linear(palette.sky))
    return (
        emitters.dome(sky.painted(palette, glow_azimuth_deg=side * 9.0)),
        emitters.disc((-side * 2.4, 1.6, 1.5), (0.0, 0.12, 0.0), 0.16, warm * 1000.0),
        emitters.panel((side * 0.66, 0.36, -0.18), (0.0, 0.16, 0.0), 0.12, 0.7, (0.6 * warm + 0.4 * cool) * 9.0),
        emitters.panel((-side * 0.8, 0.35, 0.4), (0.0, 0.16, 0.0), 0.16, 0.7, warm * 4.0),
    )
