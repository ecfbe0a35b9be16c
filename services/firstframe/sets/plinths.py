"""What the product stands on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets.design import Item
from firstframe.sets.materials import mixed, painted, satin
from firstframe.sets.noise import marble, solid_noise
from firstframe.sets.palettes import Palette, linear
from firstframe.sets.shapes import Mesh, lathe, rounded
from firstframe.sets.terrain import block, smoothed


def marble_disc(rng: np.random.Generator, palette: Palette, radius: float, height: float) -> Item:
    """A round plinth of veined stone in the origin."""
    side = np.stack([np.full(56, radius), np.linspace(0.0, height - 0.004, 56)], -1)
    edge = rounded([(radius, height - 0.004, 0.0), (radius, height, 0.004), (radius - 0.004, height, 0.0)], steps=8)
    top = np.stack([np.linspace(radius - 0.004, 0.0, 64), np.full(64, height)], -1)
    mesh = lathe(np.concatenate([side, edge[1:-1], top]), segments=560)
    vein = marble(mesh.points + rng.uniform(0, 5, 3), rng)[:, None]
    tint = (1 - vein) * np.array(linear(palette.stone)) + vein * np.array(linear(palette.vein))
    stone = Mesh(mesh.points, mesh.normals, mesh.uv, mesh.faces, tint)
    return Item("plinth", LayerRole.SUBJECT, stone, satin(painted(), roughness=0.42))


def rough_block(rng: np.random.Generator, palette: Palette, half_width: float, height: float) -> Item:
    """A split block of stone in the origin: its top is sawn flat, its sides are broken."""
    mesh = block((half_width, height / 2, 0.8 * half_width), edge=0.09, steps=160)
    cells = mesh.points / 0.03 + rng.uniform(0, 20, 3)
    sawn = np.clip((height / 2 - mesh.points[:, 1]) / 0.008, 0, 1)
    relief = 0.0028 * sawn * solid_noise(cells, rng, octaves=5)
    broken = smoothed(replace(mesh, points=mesh.points + relief[:, None] * mesh.normals))
    placed = broken.moved((0.0, height / 2, 0.0), rng.uniform(-9, 9))
    share = np.clip(0.3 + 0.5 * solid_noise(cells * 0.8 + 9, rng, octaves=5), 0, 1)[:, None]
    tinted = replace(placed, colours=mixed(linear(palette.stone), linear(palette.vein), 0.6 * share))
    return Item("plinth", LayerRole.SUBJECT, tinted, satin(painted(), roughness=0.55))


def banded_disc(rng: np.random.Generator, palette: Palette, radius: float, height: float) -> Item:
    """A round plinth of travertine in the origin: fine layers, one above the other."""
    disc = marble_disc(np.random.default_rng(0), palette, radius, height).shape
    if not isinstance(disc, Mesh):
        raise TypeError("a disc is a mesh")
    cells = disc.points / np.array([0.09, 0.0055, 0.09]) + rng.uniform(0, 20, 3)
    share = np.clip(0.32 + 0.5 * solid_noise(cells, rng, octaves=4), 0, 1)[:, None]
    tint = mixed(linear(palette.stone), linear(palette.vein), 0.6 * share)
    return Item("plinth", LayerRole.SUBJECT, replace(disc, colours=tint), satin(painted(), roughness=0.5))
