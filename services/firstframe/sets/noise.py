"""Seeded solid noise for stone."""

from __future__ import annotations

import numpy as np

from firstframe.sets.shapes import Floats


def solid_noise(points: Floats, rng: np.random.Generator, *, octaves: int = 4, size: int = 32) -> Floats:
    """Smooth noise in space, about -1 to 1, shape (n,): value noise on a periodic lattice, summed over octaves.

    Args:
        points: Shape (n, 3), in lattice cells of the lowest octave.
        rng: Source of the lattice's values.
        octaves: Layers of detail, each at twice the frequency and half the strength.
        size: Cells of the lattice before it repeats.
    """
    lattice = rng.uniform(-1, 1, (size, size, size))
    total = np.zeros(len(points))
    for octave in range(octaves):
        total += 0.5**octave * _value(points * 2.0**octave + 7.3 * octave, lattice)
    return total


def marble(points: Floats, rng: np.random.Generator, *, scale_m: float = 0.09) -> Floats:
    """How much of each point is vein, 0 to 1, shape (n,): ridges of noise that is itself displaced by noise."""
    cells = points / scale_m
    bend = np.stack([solid_noise(cells * 0.9 + shift, rng, octaves=3) for shift in (0.0, 11.0, 23.0)], -1)
    ridge = 1 - np.abs(solid_noise(cells + 0.75 * bend, rng, octaves=3))
    fine = 1 - np.abs(solid_noise(cells * 2.1 + 0.6 * bend + 5.0, rng, octaves=2))
    cloud = 0.5 + 0.5 * solid_noise(cells * 0.6, rng, octaves=2)
    veins = np.clip((ridge - 0.80) / 0.20, 0, 1) ** 2.2 + 0.30 * np.clip((fine - 0.84) / 0.16, 0, 1) ** 2
    strength: Floats = np.clip(0.8 * veins * np.clip(cloud * 1.7 - 0.2, 0.05, 1) + 0.10 * cloud, 0, 1)
    return strength


def _value(points: Floats, lattice: Floats) -> Floats:
    size = len(lattice)
    cell = np.floor(points).astype(np.int64)
    t = points - cell
    t = t * t * t * (t * (6 * t - 15) + 10)
    out = np.zeros(len(points))
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod([t[:, axis] if bit else 1 - t[:, axis] for axis, bit in enumerate(corner)], axis=0)
        x, y, z = ((cell[:, axis] + bit) % size for axis, bit in enumerate(corner))
        out += weight * lattice[x, y, z]
    return out
