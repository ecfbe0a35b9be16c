"""The scene `dune`: a bottle on a slab of sandstone among dunes, under sun and sky."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from firstframe.core.media import LayerRole, Rgb8
from firstframe.sets import emitters, plants, plinths, shots, sky, textures
from firstframe.sets.design import Item, Pad, Plugin, SetDesign
from firstframe.sets.materials import colour as paint
from firstframe.sets.materials import matt, satin, woven
from firstframe.sets.noise import solid_noise
from firstframe.sets.palettes import Palette, linear
from firstframe.sets.shapes import Floats, Mesh, joined
from firstframe.sets.terrain import ground

STREAM = 5
GRAIN_M = 0.25
FAR_Z = -11.0
_RIDGES = ((-3.4, 0.23, 1.5), (-6.5, 0.46, 2.6), (-12.0, 1.15, 5.0))
"""z, height and reach of the dunes in the distance, metres."""


def shoot(brief: shots.Brief) -> shots.Shot:
    """The product on its stand, framed for one size."""
    rng, stand = shots.stream_of(brief.seed, STREAM), shots.Stand(radius=0.115, height=0.035)
    return shots.shoot(brief, rng=rng, stand=stand, lens=shots.Lens(0.09, 0.12, aperture_m=0.0034))


def design(shot: shots.Shot) -> SetDesign:
    """The set around it; everything that varies is drawn from the seed, in the same order for every size."""
    rng = shot.rng
    product = [*shots.product_items(shot), plinths.rough_block(rng, _sandstone(shot.palette), 0.105, shot.stand.height)]
    sand = woven(_grains(rng, shot.palette.sand))
    plain = matt(paint(shot.palette.sand))
    middle, near = _crest(shot, plain), _near(shot)
    items = [*_ground(shot, sand, plain), middle, *near]
    pads = {
        LayerRole.SUBJECT: (Pad(0.0, 0.0, 0.075, 0.055, 0.0, 0.03, 0.05),),
        LayerRole.MIDGROUND: (Pad(0.0, _CREST_Z - 0.05, 2.2, 0.55, 0.0, 0.02, 0.15),),
        LayerRole.FOREGROUND: shots.feet(near, only=("pebble",)),
    }
    between = {LayerRole.MIDGROUND: _CREST_Z, LayerRole.FOREGROUND: 0.46}
    light = sky.DAYLIGHT.get(shot.palette.name, sky.DAYLIGHT["sage-noon"])
    dressed = shots.Dressed(
        items, _lights(shot, light), pads, FAR_Z, between, key=max(shot.palette.key, 0.38), balance=light.balance
    )
    return shots.finished(shot, "dune", product, dressed)


def _sandstone(palette: Palette) -> Palette:
    return replace(palette, stone=palette.vein, vein=palette.wood[1])


def _grains(rng: np.random.Generator, colour: str) -> Rgb8:
    """Grains of sand, each lighter or darker than its neighbours."""
    grains = rng.normal(0, 1, (1024, 1024)) + 1.5 * textures.fractal(rng, (1024, 1024), (16, 16), octaves=3)
    return textures.coded(np.clip(1 + 0.05 * grains, 0.6, 1.5)[..., None] * np.array(linear(colour)))


def _ground(shot: shots.Shot, sand: Plugin, plain: Plugin) -> list[Item]:
    """Ripples near, dunes far; both follow one height, so that they meet."""
    height = _height_of(np.random.default_rng(shot.rng.integers(1 << 32)))
    near = _sanded(ground((-1.5, 1.5), (-1.7, 1.15), (520, 520), height))
    far = ground((-16.0, 16.0), (-20.0, -1.7), (420, 420), height, gather=0.45)
    return [Item("sand", LayerRole.BACKGROUND, near, sand), Item("dunes", LayerRole.BACKGROUND, far, plain)]


def _height_of(rng: np.random.Generator) -> partial[Floats]:
    phases = rng.uniform(0, 20, (len(_RIDGES), 3))
    return partial(_height, phases=phases, shift=rng.uniform(0, 20, 3), lattice=int(rng.integers(1 << 32)))


def _height(x: Floats, z: Floats, *, phases: Floats, shift: Floats, lattice: int) -> Floats:
    flat = np.clip((np.hypot(x, 1.2 * z) - 0.10) / 0.22, 0, 1)
    ripples = 0.0052 * flat * np.clip((z + 1.7) / 0.9, 0, 1) * _ripples(x, z, shift, lattice)
    swell = 0.012 * np.clip(np.hypot(x, z) / 0.5 - 0.5, 0, 1) * np.sin(2.3 * x + shift[0]) * np.sin(1.9 * z + shift[1])
    far = sum(_ridge(x, z, ridge, phase) for ridge, phase in zip(_RIDGES, phases, strict=True))
    return np.asarray(ripples + swell + far)


def _ripples(x: Floats, z: Floats, shift: Floats, lattice: int) -> Floats:
    points = np.stack([x, np.zeros_like(x), z], -1)
    bend = solid_noise(points / 0.30 + shift, np.random.default_rng(lattice), octaves=3)
    strength = 0.6 + 0.4 * solid_noise(points / 0.5 + shift + 9, np.random.default_rng(lattice + 1), octaves=2)
    phase = 2 * np.pi * ((0.28 * x + z) / 0.042 + 1.5 * bend)
    return np.asarray(strength * (np.sin(phase) + 0.22 * np.sin(2 * phase + 0.9)))


def _ridge(x: Floats, z: Floats, ridge: tuple[float, float, float], phase: Floats) -> Floats:
    """A dune across the view: a gentle slope towards the camera, a crest that winds, a steep slope behind it."""
    at, height, reach = ridge
    wave = np.sin(x / reach + phase[0]) + 0.5 * np.sin(2.3 * x / reach + phase[1])
    across = (z - at - 0.32 * reach * wave) / reach
    crest = 0.55 + 0.30 * np.sin(0.8 * x / reach + phase[2]) + 0.15 * np.sin(2.1 * x / reach + phase[0])
    return np.asarray(
        height * crest * np.exp(-np.abs(across) * np.where(across > 0, 2.4, 3.6)) * np.clip((-1.7 - z) / 0.6, 0, 1)
    )


_CREST_Z = -0.95


def _crest(shot: shots.Shot, plain: Plugin) -> Item:
    """A dune behind the product whose crest falls from one side of the frame to the other."""
    rng, side = shot.rng, shot.side
    top = 0.19 if shot.wide else 0.16
    phase = rng.uniform(0, 6, 2)

    def height(x: Floats, z: Floats) -> Floats:
        along = -side * x / 0.9
        crest = top * (0.42 - 0.46 * np.tanh(1.5 * along + 0.2) + 0.05 * np.sin(3.1 * along + phase[0]))
        across = z - _CREST_Z - 0.10 * np.sin(2.4 * along + phase[1]) - 0.12 * along
        slope = np.exp(-np.abs(across) / np.where(across > 0, 0.20, 0.13))
        fine = 0.0011 * np.sin(2 * np.pi * (0.5 * x + z) / 0.045 + 3 * np.sin(4 * x))
        return np.asarray(crest * slope + fine - 0.018)

    return Item("crest", LayerRole.MIDGROUND, ground((-2.2, 2.2), (-1.9, -0.35), (420, 260), height), plain)


def _sanded(mesh: Mesh) -> Mesh:
    return replace(mesh, uv=mesh.points[:, [0, 2]] / GRAIN_M)


def _near(shot: shots.Shot) -> list[Item]:
    rng, role, z = shot.rng, LayerRole.FOREGROUND, 0.48
    scale = 1.0 if shot.wide else 0.75
    tuft_x = shot.x(0.02, z)
    tufts = [
        plants.grass(rng, (tuft_x + dx, -0.01, z + dz), height=0.15 * scale, blades=26, spread=0.012)
        for dx, dz in ((0.0, 0.0), (-shot.side * 0.02, -0.04))
    ]
    return [
        Item("tuft", role, joined(tufts), matt(paint(shot.palette.leaf))),
        Item("pebble", role, shots.near_stone(shot, 0.97, 0.86), satin(paint(shot.palette.stone), roughness=0.7)),
    ]


def _lights(shot: shots.Shot, light: sky.Daylight) -> tuple[Plugin, ...]:
    sun = sky.sun_direction(light.elevation_deg, -shot.side * shot.rng.uniform(60, 74))
    warm = np.array(linear(shot.palette.sun))
    return (
        emitters.sunsky(sun, turbidity=light.turbidity, ground=0.4, sun_scale=1.0, aperture_deg=1.4),
        emitters.panel((shot.side * 0.7, 0.35, 0.5), (0.0, 0.13, 0.0), 0.35, 0.7, warm * light.lamp),
    )
