"""Pictures for surfaces: grain of wood, weave of linen, a view that is out of focus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.sets.palettes import linear
from firstframe.sets.shapes import Floats

WEAVE_M = 0.032
"""Side of the piece of linen that `linen` shows."""


def fractal(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int], *, octaves: int = 4) -> Floats:
    """Smooth noise over a picture, about -1 to 1, shape `shape`: random lattices, summed over octaves.

    Args:
        rng: Source of the lattices.
        shape: Rows and columns.
        cells: Lattice cells of the lowest octave, down and across.
        octaves: Layers of detail, each at twice the frequency and half the strength.
    """
    total = np.zeros(shape)
    for octave in range(octaves):
        rows, columns = (min(count << octave, side) + 1 for count, side in zip(cells, shape, strict=True))
        lattice = rng.uniform(-1, 1, (rows, columns))
        total += 0.5**octave * cv2.resize(lattice, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return total


def planks(
    rng: np.random.Generator,
    light: str,
    dark: str,
    *,
    extent_m: tuple[float, float],
    width_m: float,
    shape: tuple[int, int],
) -> Rgb8:
    """Boards of wood that run from left to right, each from another log.

    Args:
        rng: Source of everything that varies.
        light: Early wood, `#RRGGBB`.
        dark: Late wood.
        extent_m: Depth and width that the picture covers, metres.
        width_m: Width of a board.
        shape: Rows and columns of the picture.
    """
    rows = max(round(width_m / extent_m[0] * shape[0]), 8)
    boards = [
        board(rng, light, dark, extent_m=(width_m, extent_m[1]), shape=(min(rows, shape[0] - top), shape[1]))
        for top in range(0, shape[0], rows)
    ]
    for one in boards:
        one[:1], one[-1:] = one[:1] // 3, one[-1:] // 2
    return np.concatenate(boards)


def board(
    rng: np.random.Generator, light: str, dark: str, *, extent_m: tuple[float, float], shape: tuple[int, int]
) -> Rgb8:
    """One board: growth rings cut lengthwise, fibres and pores."""
    height = shape[0]
    z = np.linspace(-0.5, 0.5, height)[:, None] * extent_m[0]
    length = max(round(extent_m[1] / 0.5), 1)
    bend = 0.012 * fractal(rng, shape, (1, length), octaves=2) + 0.0016 * fractal(
        rng, shape, (6, 4 * length), octaves=2
    )
    heart, below = rng.uniform(-0.6, 0.6) * extent_m[0], rng.uniform(0.006, 0.03)
    ring = np.hypot(z - heart + bend, below + 0.4 * bend) / rng.uniform(0.0045, 0.0075)
    phase = ring - np.floor(ring)
    late = np.clip(phase, 0, 1) ** 2.5 * np.clip((1 - phase) / 0.12, 0, 1)
    fibre = fractal(rng, shape, (height // 3 + 1, 12 * length), octaves=1)
    pores = np.clip(fractal(rng, shape, (height // 2 + 1, 60 * length), octaves=1) - 0.62, 0, 1) / 0.38
    share = np.clip(0.16 + 0.62 * late + 0.10 * fibre + 0.45 * pores + rng.uniform(-0.08, 0.12), 0, 1)[..., None]
    tone = 1 + 0.10 * rng.uniform(-1, 1)
    return coded(tone * ((1 - share) * np.array(linear(light)) + share * np.array(linear(dark))))


def linen(rng: np.random.Generator, colour: str, *, threads: int = 48, texels: int = 12) -> Rgb8:
    """A square of plain weave that repeats, `WEAVE_M` wide: slubs make threads thicker and lighter."""
    side = threads * texels
    at = np.arange(side) / texels
    warp, weft = (_threads(rng, at, threads) for _ in range(2))
    over = (np.floor(at)[:, None] + np.floor(at)[None]) % 2
    height = np.where(over > 0, warp[None] * _hump(at)[:, None], weft[:, None] * _hump(at)[None])
    return coded((0.62 + 0.46 * height)[..., None] * np.array(linear(colour)))


def _threads(rng: np.random.Generator, at: Floats, threads: int) -> Floats:
    """Brightness across a thread, brighter in its middle; each thread has its own."""
    own = rng.uniform(0.72, 1.0, threads)[np.floor(at).astype(int) % threads]
    return np.asarray(own * (0.55 + 0.45 * np.sin(np.pi * (at % 1))))


def _hump(at: Floats) -> Floats:
    return np.asarray(0.75 + 0.25 * np.sin(np.pi * (at % 1)))


def bokeh(
    rng: np.random.Generator, shape: tuple[int, int], far: tuple[str, str, str], lights: tuple[str, ...], *, count: int
) -> NDArray[np.float32]:
    """What a window looks out on, out of focus, in linear light, shape (*shape, 3).

    Args:
        rng: Where the lights are.
        shape: Rows and columns.
        far: Colours at the top, in the middle and at the foot.
        lights: Colours of the lights.
        count: How many there are.
    """
    t = np.linspace(0, 1, shape[0])[:, None, None]
    top, middle, foot = (np.array(linear(colour)) for colour in far)
    view = np.where(t < 0.5, top + (middle - top) * 2 * t, middle + (foot - middle) * (2 * t - 1))
    view = view * (1 + 0.55 * fractal(rng, shape, (4, 6), octaves=3)[..., None]).clip(0.25, 2.2)
    picture = np.ascontiguousarray(np.broadcast_to(view, (*shape, 3)), np.float32)
    for _ in range(count):
        _spot(picture, rng, np.array(linear(lights[int(rng.integers(len(lights)))])))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), shape[1] / 420), np.float32)


def _spot(picture: NDArray[np.float32], rng: np.random.Generator, colour: Floats) -> None:
    height, width = picture.shape[:2]
    radius = width * rng.uniform(0.006, 0.014)
    x, y = rng.uniform(0, width), height * rng.beta(2.2, 2.0)
    left, top = max(int(x - radius - 2), 0), max(int(y - radius - 2), 0)
    part = picture[top : int(y + radius + 2), left : int(x + radius + 2)]
    rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
    distance = np.hypot(columns - x, rows - y) / radius
    rim = np.clip((1 - distance) * radius / 2, 0, 1) * (0.75 + 0.45 * distance**4)
    part += (rng.uniform(0.25, 1.6) ** 2 * rim[..., None] * colour).astype(np.float32)


def coded(light: Floats) -> Rgb8:
    """Linear reflectance as the 8 bits of a texture (IEC 61966-2-1)."""
    value = np.clip(light, 0, 1)
    code = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    levels: Rgb8 = np.rint(255 * code).astype(np.uint8)
    return levels
