"""Two small pictures compared: structure, colour, echoes, edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.drift.miniature import Doubles, Floats

TILES = (4, 6)
"""Rows and columns over which colour is averaged."""
EDGE_SHARE = 0.025
"""Share of a side that counts as its edge."""
OUTER_PX = 1
"""Pixels of a full frame that count as its outermost line."""
VISIBLE = 10.0
"""Steps of L* from which a place at an edge is seen to be wrong."""
_GRAINY = 0.4
"""Levels of 255 by which neighbours at an edge of the hero have to differ, or nothing can be said of it."""
_DRAWN_OUT = 92.0
"""Per cent of that difference which are missing where an edge is drawn out."""
_DARK = 0.5
"""Share of its lightness below which a place is dark rather than shaded."""
_BLACK = 2.0
"""L* below which nothing is shown: darker than shadows in water or between leaves."""
_SIGMA = 3.0
_FLOOR = 20.0
"""Variance in squared grey levels below which there is no structure to compare."""
_NEAREST_PX, _FARTHEST_PX = 2.0, 28.0
"""How far echoes are looked for, pixels of a small frame."""


def grey_of(rgb: Floats) -> Floats:
    """Luma, shape (h, w), 0 to 255."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def lab_of(rgb: Floats) -> Floats:
    """CIE L*a*b* of R'G'B' of 0 to 255, shape (h, w, 3)."""
    return np.asarray(cv2.cvtColor(rgb / np.float32(255), cv2.COLOR_RGB2LAB), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Structure of two luma pictures compared; arrays have their shape (h, w)."""

    wanted: Floats
    found: Floats
    alike: Floats
    """-1 to 1."""
    told: Floats
    """How much structure there is to compare, 0 to 1."""


def structure(one: Floats, other: Floats) -> Structure:
    """How alike the structure of two luma pictures is, place by place.

    The third factor of SSIM (Wang et al., "Image Quality Assessment", 2004): correlation within a Gaussian window, which light
    and contrast do not change.

    Args:
        one: Shape (h, w), 0 to 255.
        other: The same.
    """
    mean_one, mean_other = _smooth(one), _smooth(other)
    var_one = np.maximum(_smooth(one * one) - mean_one**2, 0)
    var_other = np.maximum(_smooth(other * other) - mean_other**2, 0)
    shared = _smooth(one * other) - mean_one * mean_other
    alike = (shared + _FLOOR / 4) / (np.sqrt(var_one * var_other) + _FLOOR / 4)
    return Structure(one, other, np.clip(alike, -1, 1), var_one / (var_one + _FLOOR))


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """Colours of a frame beside those that it ought to have."""

    wanted: Floats
    """Lab of what ought to be there, shape (h, w, 3)."""
    found: Floats
    """Lab of the frame."""
    trusted: Floats
    """Where they can be compared, shape (h, w), 0 to 1."""


def tile_means(plane: Floats, weight: Floats) -> Doubles:
    """Weighted means over tiles, shape (tiles, channels); no number where a tile has no weight."""
    height, width, channels = plane.shape
    weighed = cv2.merge([*cv2.split(plane * weight[..., None]), weight])
    rows = np.add.reduceat(weighed, _begins(height, TILES[0]), axis=0)
    whole = np.add.reduceat(rows, _begins(width, TILES[1]), axis=1)
    part = whole[..., -1:] / (height * width / (TILES[0] * TILES[1]))
    means = np.where(part > 0.1, whole[..., :-1] / np.maximum(whole[..., -1:], 1e-6), np.nan)
    return np.asarray(means.reshape(-1, channels), np.float64)


def _begins(length: int, count: int) -> list[int]:
    """Where the tiles along a side begin."""
    return [round(length * number / count) for number in range(count)]


class Echo:
    """Looks for a second, shifted picture in frames: double edges.

    From what a frame ought to be to what it is leads a filter. It is estimated over some frames as the cross spectrum over the
    power spectrum (a Wiener estimate); a clean frame gives one peak in the middle, a ghost a second one beside it.

    Args:
        size: Height and width of a small frame.
        share: How much the newest frame counts, 0 to 1.
    """

    def __init__(self, size: tuple[int, int], share: float) -> None:
        self._window = cv2.createHanningWindow((size[1], size[0]), cv2.CV_32F)
        self._share = share
        self._cross: NDArray[np.complex64] | None = None
        self._power: Floats | None = None
        self._ring = _ring(size)
        self._size = size

    def add(self, wanted: Floats, found: Floats) -> float:
        """The strongest echo as a share of the picture itself, 0 to about 1, in per cent; no number where that has no detail.

        Args:
            wanted: Luma of what the frame ought to be, shape (h, w).
            found: Luma of the frame.
        """
        one, other = self._spectrum(wanted), self._spectrum(found)
        cross, power = other * np.conj(one), (one * np.conj(one)).real
        if self._cross is None or self._power is None:
            self._cross, self._power = cross, power
        else:
            self._cross += self._share * (cross - self._cross)
            self._power += self._share * (power - self._power)
        if not self._power.any():
            return float("nan")
        whole = self._power + np.float32(0.02) * self._power.mean()
        answer = self._answer(self._cross / whole)
        # A fence or a wall of panels is like a shifted copy of itself: what a perfect frame gives is not counted.
        own = self._answer(self._power / whole)
        return 100 * min(max(float((answer - own).max()), 0.0), 1.0)

    def _answer(self, spectrum: NDArray[Any]) -> Doubles:
        """At the shifts at which echoes are looked for, as a share of the middle."""
        answer = np.fft.irfft2(spectrum, self._size)
        return np.asarray(answer[self._ring] / max(_around_middle(answer), 1e-6), np.float64)

    def _spectrum(self, grey: Floats) -> NDArray[np.complex64]:
        fine = grey - cv2.GaussianBlur(grey, (0, 0), 4)
        return np.asarray(np.fft.rfft2(fine * self._window), np.complex64)


def _around_middle(answer: Doubles) -> float:
    return float(max(answer[0, 0], answer[0, 1], answer[1, 0], answer[0, -1], answer[-1, 0]))


def _ring(size: tuple[int, int]) -> NDArray[np.bool_]:
    """Shifts at which echoes are looked for."""
    rows, columns = np.fft.fftfreq(size[0], 1 / size[0]), np.fft.fftfreq(size[1], 1 / size[1])
    distance = np.hypot(rows[:, None], columns[None, :])
    return np.asarray((distance > _NEAREST_PX) & (distance <= _FARTHEST_PX))


@dataclass(frozen=True, slots=True)
class EdgeFault:
    """What is wrong at the edges of a frame."""

    intruding: float
    """Share of the worst edge whose places do not show what they ought to, in per cent, above that of the whole frame."""
    side: str
    """Which edge: left, right, top or bottom."""


def own_edges(hero: NDArray[np.uint8], small: Floats) -> dict[str, float]:
    """Share of each outermost line that is dark in the hero itself, as a scan's border is.

    Args:
        hero: The still, shape (height, width, 3).
        small: The same as it is compared, shape (h, w, 3), 0 to 255.
    """
    wanted, outer = _lines(lab_of(small)), outer_lines(hero, small.shape[:2])
    return {side: _outer_share(line, outer[side], np.ones(len(line), np.float32)) for side, line in wanted.items()}


def edge_fault(colours: Colours, outer: dict[str, Floats], own: dict[str, float], *, aired: bool = False) -> EdgeFault:
    """Compares the edges of a frame with what ought to be there.

    Args:
        colours: Of the frame.
        outer: Lab of the outermost lines of the full frame by side, at their size, shape (n, 3).
        own: What the hero has there, see `own_edges`.
        aired: Whether light or things in the air may pass over the edges; then only what is dark is wrong.
    """
    wanted, found = colours.wanted, colours.found
    darker = wanted[..., 0] - found[..., 0]
    differs = (darker > VISIBLE) & (found[..., 0] < _DARK * wanted[..., 0]) if aired else np.abs(darker) > VISIBLE
    wrong = differs & (colours.trusted > 0.99)
    usual = float(wrong.mean())
    height, width = wrong.shape
    deep_y, deep_x = max(round(EDGE_SHARE * height), 2), max(round(EDGE_SHARE * width), 2)
    bands = {"left": wrong[:, :deep_x], "right": wrong[:, -deep_x:], "top": wrong[:deep_y], "bottom": wrong[-deep_y:]}
    sides = {side: (bands[side], line) for side, line in _lines(wanted).items()}
    still = _lines(colours.trusted)
    shares = {
        side: max(float(band.mean()), _outer_share(line, outer[side], still[side]) - own[side]) - usual
        for side, (band, line) in sides.items()
    }
    side = max(shares, key=shares.__getitem__)
    return EdgeFault(100 * max(shares[side], 0.0), side)


class Smear:
    """Looks for edges that were drawn out: their outermost pixels do not differ from those beside them, as the hero's do.

    Args:
        hero: The still, shape (height, width, 3), 8 bits.
    """

    def __init__(self, hero: NDArray[np.uint8]) -> None:
        self._usual = _steps(hero)

    def share(self, frame: NDArray[np.uint8] | NDArray[np.uint16]) -> tuple[float, str]:
        """How much of the worst edge is drawn out, per cent, and which edge: of those where the hero has some texture."""
        found = _steps(frame)
        shares = {side: 100 * (1 - found[side] / usual) for side, usual in self._usual.items() if usual > _GRAINY}
        side = max(shares, key=shares.__getitem__, default="")
        flat = shares.get(side, 0.0)
        return (flat, side) if flat > _DRAWN_OUT else (0.0, side)


def _steps(frame: NDArray[np.uint8] | NDArray[np.uint16]) -> dict[str, float]:
    """Mean step from the outermost pixels to those beside them, levels of 255, by side."""
    full = 1.0 if frame.dtype == np.uint8 else 257.0
    pairs = {
        "left": (frame[:, 0], frame[:, 1]),
        "right": (frame[:, -1], frame[:, -2]),
        "top": (frame[0], frame[1]),
        "bottom": (frame[-1], frame[-2]),
    }
    return {side: float(np.abs(one.astype(np.int32) - other).mean()) / full for side, (one, other) in pairs.items()}


def _lines(picture: Floats) -> dict[str, Floats]:
    """The outermost lines of a picture by side."""
    return {"left": picture[:, 0], "right": picture[:, -1], "top": picture[0], "bottom": picture[-1]}


def _outer_share(wanted: Floats, found: Floats, still: Floats) -> float:
    """Share of an outermost line that is dark where it ought not to be; black, where it may move by itself."""
    dark = (wanted[:, 0] - found[:, 0] > VISIBLE) & (found[:, 0] < _DARK * wanted[:, 0])
    dark &= (still > 0.99) | (found[:, 0] < _BLACK)
    return float(dark.mean()) if len(wanted) else 0.0


def outer_lines(frame: NDArray[np.uint8] | NDArray[np.uint16], size: tuple[int, int]) -> dict[str, Floats]:
    """Lab of the outermost lines of a full frame by side, at the small size (height, width)."""
    full = np.float32(255 if frame.dtype == np.uint8 else 65535)
    lines = {
        "left": (frame[:, :OUTER_PX].mean(axis=1), size[0]),
        "right": (frame[:, -OUTER_PX:].mean(axis=1), size[0]),
        "top": (frame[:OUTER_PX].mean(axis=0), size[1]),
        "bottom": (frame[-OUTER_PX:].mean(axis=0), size[1]),
    }
    return {side: _line_lab(line.astype(np.float32) / full, count) for side, (line, count) in lines.items()}


def _line_lab(line: Floats, count: int) -> Floats:
    short = np.asarray(cv2.resize(line[None], (count, 1), interpolation=cv2.INTER_AREA), np.float32)
    lab: Floats = np.asarray(cv2.cvtColor(short, cv2.COLOR_RGB2LAB), np.float32)[0]
    return lab


def _smooth(plane: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), _SIGMA), np.float32)
