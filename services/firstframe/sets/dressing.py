"""Props around the subject: an arch and spheres behind it, a sphere and a sprig before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.sets.design import Item, Pad, Plugin
from firstframe.sets.framing import Camera, Framing
from firstframe.sets.materials import colour, matt, metal, satin
from firstframe.sets.palettes import Palette
from firstframe.sets.shapes import Floats, Mesh, arch, grid_faces, joined, leaf


@dataclass(frozen=True, slots=True, eq=False)
class Dressing:
    """Props with their patches of floor and where their layers are."""

    items: tuple[Item, ...]
    pads: dict[LayerRole, tuple[Pad, ...]]
    middles: dict[LayerRole, float]
    """z of each layer's middle, metres."""


@dataclass(frozen=True, slots=True)
class Stops:
    """Where props stand in a frame: shares of its width, for an arch on the left; mirrored for one on the right."""

    arch: float
    arch_top: float
    ball: float
    bead: float
    near: float
    sprig: tuple[float, float]
    near_scale: float
    """Size of what stands before the subject."""


WIDE = Stops(arch=0.25, arch_top=0.17, ball=0.775, bead=0.675, near=0.985, sprig=(-0.03, 0.02), near_scale=1.0)
TALL = Stops(arch=0.42, arch_top=0.10, ball=0.90, bead=0.12, near=1.03, sprig=(-0.06, 0.01), near_scale=0.68)


def dress(rng: np.random.Generator, palette: Palette, camera: Camera, framing: Framing, side: float) -> Dressing:
    """Sets the props for one frame; `side` is -1 with the arch on the left and 1 with it on the right."""
    wide = framing.ratio[0] > framing.ratio[1]
    stops = WIDE if wide else TALL
    mid = _midground(rng, palette, camera, stops, side)
    near = _foreground(rng, palette, camera, stops, side)
    return Dressing(
        items=(*mid.items, *near.items), pads={**mid.pads, **near.pads}, middles={**mid.middles, **near.middles}
    )


def _x(camera: Camera, share: float, side: float, z: float) -> float:
    return camera.place(share if side < 0 else 1 - share, z)


def _midground(rng: np.random.Generator, palette: Palette, camera: Camera, stops: Stops, side: float) -> Dressing:
    arch_z, ball_z, bead_z = -rng.uniform(0.36, 0.44), -rng.uniform(0.24, 0.30), -rng.uniform(0.17, 0.2)
    radius, bead = rng.uniform(0.052, 0.066), rng.uniform(0.018, 0.024)
    width, depth, turn = rng.uniform(0.23, 0.26), 0.07, side * rng.uniform(-14, -5)
    height = camera.place_y(stops.arch_top + rng.uniform(-0.02, 0.02), arch_z)
    gate_x = _x(camera, stops.arch + rng.uniform(-0.02, 0.02), side, arch_z)
    ball_x = _x(camera, stops.ball + rng.uniform(-0.02, 0.02), side, ball_z)
    bead_x = _x(camera, stops.bead, side, bead_z)
    gate = arch(width, height, 0.062, depth).moved((gate_x, 0.0, arch_z), turn)
    items = (
        Item("arch", LayerRole.MIDGROUND, gate, matt(colour(palette.props[2]))),
        Item(
            "ball", LayerRole.MIDGROUND, _ball(ball_x, radius, ball_z), satin(colour(palette.props[0]), roughness=0.38)
        ),
        Item("bead", LayerRole.MIDGROUND, _ball(bead_x, bead, bead_z), metal(palette.metal, roughness=0.2)),
    )
    pads = (
        *_feet(gate_x, arch_z, width, depth, turn),
        Pad(ball_x, ball_z, 0.0, 0.0, 0.0, 0.55 * radius, 0.9 * radius),
        Pad(bead_x, bead_z, 0.0, 0.0, 0.0, 0.55 * bead, 0.9 * bead),
    )
    return Dressing(items, {LayerRole.MIDGROUND: pads}, {LayerRole.MIDGROUND: arch_z})


def _foreground(rng: np.random.Generator, palette: Palette, camera: Camera, stops: Stops, side: float) -> Dressing:
    ball_z, sprig_z = rng.uniform(0.42, 0.48), rng.uniform(0.46, 0.52)
    radius = rng.uniform(0.052, 0.060) * stops.near_scale
    ball_x = _x(camera, stops.near + rng.uniform(-0.01, 0.015), side, ball_z)
    share_x, share_y = stops.sprig
    root = (_x(camera, share_x, side, sprig_z), camera.place_y(share_y, sprig_z), sprig_z)
    items = (
        Item(
            "near ball",
            LayerRole.FOREGROUND,
            _ball(ball_x, radius, ball_z),
            satin(colour(palette.props[1]), roughness=0.3),
        ),
        Item("sprig", LayerRole.FOREGROUND, _sprig(rng, root, side, stops.near_scale), matt(colour(palette.leaf))),
    )
    pads = (Pad(ball_x, ball_z, 0.0, 0.0, 0.0, 0.6 * radius, radius),)
    return Dressing(items, {LayerRole.FOREGROUND: pads}, {LayerRole.FOREGROUND: ball_z})


def _ball(x: float, radius: float, z: float) -> Plugin:
    return {"type": "sphere", "center": [x, radius, z], "radius": radius}


def _feet(x: float, z: float, width: float, depth: float, turn: float) -> tuple[Pad, Pad]:
    reach = width / 2 - 0.031
    angle = np.radians(turn)
    offsets = [(step * np.cos(angle), -step * np.sin(angle)) for step in (-reach, reach)]
    left, right = (Pad(x + dx, z + dz, 0.031, depth / 2, turn, 0.004, 0.04) for dx, dz in offsets)
    return left, right


def _sprig(rng: np.random.Generator, root: tuple[float, float, float], side: float, scale: float) -> Mesh:
    """A twig with leaves on both sides that bows into the frame from its upper corner."""
    leaves = [_leaf_on(rng, step / 6, 1 if step % 2 else -1) for step in range(7)]
    mirror = np.array([-side, 1.0, 1.0])
    parts = [*leaves, _twig()]
    return joined(
        [
            Mesh(scale * part.points * mirror + np.array(root), part.normals * mirror, part.uv, part.faces)
            for part in parts
        ]
    )


def _bow(t: float) -> tuple[Floats, float]:
    """Point of the twig at `t`, 0 to 1, in metres from its root, and its heading in radians."""
    length, start, turn = 0.088, np.radians(-12), np.radians(-58)
    heading = start + turn * t
    along = length * t
    middle = start + turn * t / 2
    return np.array([along * np.cos(middle), along * np.sin(middle), 0.0]), heading


def _leaf_on(rng: np.random.Generator, t: float, hand: int) -> Mesh:
    at, heading = _bow(t)
    angle = heading + (hand * np.radians(rng.uniform(30, 48)) if t < 1 else 0.0)
    blade = leaf(rng.uniform(0.040, 0.052) * (1 - 0.35 * t), rng.uniform(0.0105, 0.0135), rng.uniform(-0.014, 0.014))
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return Mesh(blade.points @ turn.T + at, blade.normals @ turn.T, blade.uv, blade.faces)


def _twig(width: float = 0.0022, steps: int = 16) -> Mesh:
    rows = []
    for t in np.linspace(-0.4, 1, steps):
        at, heading = _bow(float(t))
        across = np.array([-np.sin(heading), np.cos(heading), 0.0]) * width / 2
        rows.append([at - across, at + across])
    points = np.array(rows).reshape(-1, 3)
    return Mesh(points, np.tile([0.0, 0.0, 1.0], (len(points), 1)), np.zeros((len(points), 2)), grid_faces(steps, 2))
