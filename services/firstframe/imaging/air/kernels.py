"""What draws light and matter on a frame of 16 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.compiled import compiled, part

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Rgb16 = NDArray[np.uint16]

FULL_SCALE = 65535.0


@compiled("(u2[:, ::1], i8, f8[::1], f8[::1], f8[::1], f8[::1], f4[::1])")
def glow(out: Rgb16, width: int, x: Doubles, y: Doubles, radius: Doubles, peak: Doubles, tint: Floats) -> None:
    """Adds soft discs of light to a frame, as "screen" does: light on white stays white.

    Args:
        out: Frame, shape (height, at least 3 · width).
        width: Pixels of a row.
        x: Middles, shape (n,), in pixels.
        y: The same.
        radius: In pixels.
        peak: Share of full scale at the middle.
        tint: Colour of the light, shape (3,), 0 to 1.
    """
    for i in range(x.shape[0]):
        for row in range(max(int(y[i] - radius[i]), 0), min(int(y[i] + radius[i]) + 2, out.shape[0])):
            for column in range(max(int(x[i] - radius[i]), 0), min(int(x[i] + radius[i]) + 2, width)):
                across, down = (column - x[i]) / radius[i], (row - y[i]) / radius[i]
                rest = max(1 - across * across - down * down, 0.0)
                light = peak[i] * rest * rest
                for channel in range(3):
                    value = np.float64(out[row, 3 * column + channel])
                    out[row, 3 * column + channel] = np.uint16(
                        value + light * tint[channel] * (FULL_SCALE - value) + 0.5
                    )


@part
def outline(cosine: float) -> float:
    """How far an outline is from round in a direction: a flake has three corners and is longer than wide."""
    twice = 2 * cosine * cosine - 1
    return 0.5 * twice + 0.4 * cosine * (2 * twice - 1) + 0.3


@compiled("(u2[:, ::1], i8, f8[:, ::1], f8[:, ::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f4[::1])")
def streak(
    out: Rgb16,
    width: int,
    place: Doubles,
    half: Doubles,
    radius: Doubles,
    peak: Doubles,
    fall: Doubles,
    ragged: Doubles,
    bead: Doubles,
    tint: Floats,
) -> None:
    """Adds what soft discs of light leave behind while they move in a straight line.

    They cover what is behind them in linear light. Over a dark value v that is a share of up to `1 + 3·(1 − v)²` times as
    much on the transfer curve of sRGB (within 0.1 of full scale).

    Args:
        out: Frame, shape (height, at least 3 · width).
        width: Pixels of a row.
        place: Middles of the ways, x and y in pixels, shape (n, 2).
        half: Half of each way, x and y in pixels, shape (n, 2).
        radius: Of the discs, in pixels.
        peak: Share of the light that is theirs along the middle line.
        fall: How fast it falls towards their rim: 2.5 for a small soft thing, 0.5 for a disc of a thing out of focus.
        ragged: How far from round their outline is, 0 to 1.
        bead: Phase of the faint beads along the way, and of the outline, in radians.
        tint: Colour of the light, shape (3,), 0 to 1.
    """
    for i in range(place.shape[0]):
        length = np.sqrt(half[i, 0] ** 2 + half[i, 1] ** 2)
        still = max(1 - 1e6 * length, 0.0)  # what stands still has no way of its own
        ax, ay = half[i, 0] / max(length, 1e-6), half[i, 1] / max(length, 1e-6) + still
        cos, sin, moves = np.cos(bead[i]), np.sin(bead[i]), length / (length + 3 * radius[i])
        reach_x, reach_y = abs(half[i, 0]) + radius[i], abs(half[i, 1]) + radius[i]
        for row in range(max(int(place[i, 1] - reach_y), 0), min(int(place[i, 1] + reach_y) + 2, out.shape[0])):
            down = row - place[i, 1]
            left, right = place[i, 0] - reach_x, place[i, 0] + reach_x
            if abs(ay) > 0.2:  # only the part of the row that the line crosses
                crossing, beside = place[i, 0] + down * ax / ay, radius[i] / abs(ay) + 1
                left, right = max(left, crossing - beside), min(right, crossing + beside)
            for column in range(max(int(left), 0), min(int(right) + 2, width)):
                across = column - place[i, 0]
                forth, aside = across * ax + down * ay, across * ay - down * ax
                beyond = max(abs(forth) - length, 0.0)
                away = aside * aside + beyond * beyond
                if ragged[i] > 0:
                    away *= 1 + ragged[i] * outline((across * cos + down * sin) / np.sqrt(across**2 + down**2 + 1e-9))
                rest = 1 - away / (radius[i] * radius[i])
                if rest <= 0:
                    continue
                along = forth / (length + radius[i])
                light = peak[i] * rest ** fall[i] * (1 + moves * (min(2.5 - 2.5 * along * along, 1.0) - 1))
                light *= 1 + 0.15 * (np.sin(9 * along + bead[i]) - 1) * moves
                for channel in range(3):
                    value = np.float64(out[row, 3 * column + channel])
                    dark = 1 - value / FULL_SCALE
                    lift, share = 1 + 3 * dark * dark, light * tint[channel]
                    share = lift * share / (1 + (lift - 1) * share)
                    out[row, 3 * column + channel] = np.uint16(value + share * (FULL_SCALE - value) + 0.5)


@part
def between_rows(half: Floats, row: int, work: Floats) -> None:
    """A row of a frame's map out of one of half its size: the values beside each of its pixels, along the row only halved."""
    place = (row - 0.5) / 2
    above = min(max(int(np.floor(place)), 0), half.shape[0] - 1)
    below = min(above + 1, half.shape[0] - 1)
    mix = np.float32(min(max(place - above, 0.0), 1.0))
    for i in range(half.shape[1]):
        work[i] = half[above, i] + mix * (half[below, i] - half[above, i])


@compiled("(u2[:, ::1], i8, f4[:, ::1], f4[::1])")
def relight(out: Rgb16, width: int, gain: Floats, tint: Floats) -> None:
    """Multiplies the light of a frame; what is near white approaches white and does not clip.

    With v from 0 to 1, `v' = v·g / (1 + v²·(g − 1))`: a gain of g where it is dark, one where it is white, never beyond it.

    Args:
        out: Frame, shape (height, at least 3 · width).
        width: Pixels of a row.
        gain: By how much more than once, on the frame's transfer curve, shape (height / 2, width / 2), rounded up; above −1, at
            most 1.
        tint: Share of it for red, green and blue, shape (3,).
    """
    work = np.empty(gain.shape[1], np.float32)
    scale = np.float32(1 / FULL_SCALE)
    for row in range(out.shape[0]):
        between_rows(gain, row, work)
        for column in range(width):
            middle, side = column // 2, min(max(column // 2 + 2 * (column % 2) - 1, 0), gain.shape[1] - 1)
            more = np.float32(0.75) * work[middle] + np.float32(0.25) * work[side]
            for channel in range(3):
                value, extra = np.float32(out[row, 3 * column + channel]), more * tint[channel]
                share = value * scale
                lit = value * (np.float32(1) + extra) / (np.float32(1) + share * share * extra)
                out[row, 3 * column + channel] = np.uint16(lit + np.float32(0.5))


@compiled("(u2[:, ::1], i8, f4[:, ::1], f4[::1])")
def veil(out: Rgb16, width: int, opacity: Floats, colour: Floats) -> None:
    """Lays a colour over a frame.

    Args:
        out: Frame, shape (height, at least 3 · width).
        width: Pixels of a row.
        opacity: 0 to 1, shape (height / 2, width / 2), rounded up.
        colour: Shape (3,), 0 to 1.
    """
    work = np.empty(opacity.shape[1], np.float32)
    for row in range(out.shape[0]):
        between_rows(opacity, row, work)
        for column in range(width):
            middle, side = column // 2, min(max(column // 2 + 2 * (column % 2) - 1, 0), opacity.shape[1] - 1)
            share = np.float32(0.75) * work[middle] + np.float32(0.25) * work[side]
            for channel in range(3):
                value = np.float32(out[row, 3 * column + channel])
                target = colour[channel] * np.float32(FULL_SCALE)
                out[row, 3 * column + channel] = np.uint16(value + (target - value) * share + np.float32(0.5))
