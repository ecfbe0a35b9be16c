"""Leaves, grass and cloth that sway: each piece turns about its root, farther out more, as a light wind has it.

What sways is cut out of its layer and what is behind it is filled in, so that its outline moves with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgba8
from firstframe.imaging.air.base import Medium, Moment, Place, Sheet, smoothstep
from firstframe.imaging.air.noise import Wander
from firstframe.imaging.air.regions import bound
from firstframe.imaging.bounds import shown_box
from firstframe.imaging.fill import push_pull
from firstframe.imaging.warp import EMPTY, MIXED, Plate

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]

WHOLE = 0.97
"""Share of a sheet from which all of it sways."""

_FINE = 8
"""Pixels, along a side, to one of a field of motion."""
_GUSTS_HZ = (0.08, 4.0)
_NATURAL_HZ = 0.75
"""At which a twig of the height of the frame swings by itself; shorter ones faster."""
_DAMPING = 0.14
_WIND_M_S, _HEIGHT_M = 2.0, 2.0
_LEAF_HZ = (1.2, 2.6)
_SETTLE_S = 1.2
_DELAYS, _MOMENTS = 24, 400
"""Samples of a motion between which it is read."""
_COVER = 40
"""Alpha from which a pixel is one of a piece."""
_LEAST_PIECE = 0.0004
"""Share of the picture below which a piece is part of the next one."""


@dataclass(frozen=True, slots=True)
class Nature:
    """How something sways."""

    hanging: bool
    """Whether it hangs from above."""
    turn_deg: float
    """Standard deviation of the angle at its end, at an amount of 1."""
    bend: float
    """Power of the distance from the root by which the angle grows."""
    leaf: float
    """How far a leaf flutters, over the picture's shorter side, at an amount of 1."""
    patch: float
    """Size of what flutters alike, over the picture's shorter side."""
    apart_s: float
    """By how much patches are behind one another, one standard deviation."""
    delay_s: float
    """How much later the end swings than the root."""


FOLIAGE = Nature(hanging=False, turn_deg=3.4, bend=0.7, leaf=0.0016, patch=0.085, apart_s=1.1, delay_s=0.18)
CLOTH = Nature(hanging=True, turn_deg=1.8, bend=1.0, leaf=0.0026, patch=0.30, apart_s=0.4, delay_s=0.5)


class Sway(Medium):
    """What sways in one clip.

    Args:
        place: Where it is.
        nature: How it sways.
    """

    def __init__(self, place: Place, nature: Nature) -> None:
        self._place, self._nature = place, nature
        self._pieces: list[_Swaying] = []

    def cut(self, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
        """See `Medium`."""
        found: list[Sheet] = []
        for sheet in sheets:
            region = bound(sheet, self._place)
            if region is None:
                found.append(sheet)
                continue
            parts = _parted(sheet, region)
            if not (
                parts[-1].rgba[..., 3] > _COVER
            ).any():  # what stands behind it has as much cover: nothing is left to move
                found.append(sheet)
                continue
            found += parts
            self._pieces.append(_Swaying(parts[-1], self._place, self._nature))
        return found

    def move(self, moment: Moment) -> None:
        """See `Medium`."""
        for piece in self._pieces:
            piece.move(moment.time_s)


class Foliage(Sway):
    """Leaves and grass of one clip."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, FOLIAGE)


class Cloth(Sway):
    """Cloth of one clip."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, CLOTH)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One plant, or one cloth: where it is rooted, and how it swings."""

    turn: Floats
    """By how much each place turns with the piece, 0 to 1, shape of the field."""
    right: Floats
    """From the root, in pixels."""
    down: Floats
    delay_s: Floats
    wander: Wander
    angle: float
    """Standard deviation at the end, radians."""
    lean: float
    """Mean of it: what the wind holds it to."""


class _Swaying:
    """A sheet whose picture sways."""

    def __init__(self, sheet: Sheet, place: Place, nature: Nature) -> None:
        self._sheet, self._nature, self._repeats = sheet, nature, place.repeats
        height, width = sheet.rgba.shape[:2]
        self._side = min(height, width)
        rng = place.random(91 + sheet.layer)
        period = place.duration_s if place.repeats else None
        self._shape = -(-height // _FINE), -(-width // _FINE)
        masks = _pieces(sheet.rgba[..., 3] > _COVER, _LEAST_PIECE * height * width)
        self._owner = _nearest([cv2.resize(mask.astype(np.uint8), self._shape[::-1]) > 0 for mask in masks])
        self._all = [self._piece(mask, place, rng, period) for mask in masks]
        frequencies = np.geomspace(*_LEAF_HZ, 6)
        self._leaves = Wander(np.ones(6), frequencies, rng, period)
        self._where = np.float32(nature.apart_s) * np.stack(
            [_patches(self._shape, nature.patch * self._side / _FINE, rng) for _ in range(2)]
        )
        self._flutter = np.float32(nature.leaf * place.amount * self._side)
        self._first = self._fields(0.0)
        self._original: NDArray[np.uint8] | None = None
        self._rows = self._columns = np.empty(0, np.float32)

    def move(self, time_s: float) -> None:
        """Puts the picture where it is at a time."""
        plate = self._sheet.plate
        if plate is None:
            return
        if self._original is None:
            self._take(plate)
        kept = 1.0 if self._repeats else 1 - smoothstep(time_s / _SETTLE_S)
        now, first = self._fields(time_s), self._first
        self._draw(plate, now[0] - np.float32(kept) * first[0], now[1] - np.float32(kept) * first[1])

    def _take(self, plate: Plate) -> None:
        """Keeps the picture as it was; every place that it may come to is painted with its alpha."""
        self._original = plate.planes.copy()
        self._rows, self._columns = np.mgrid[0 : plate.planes.shape[1], 0 : plate.planes.shape[2]].astype(np.float32)
        reach = self.reach_px()
        window = np.ones((2 * reach + 1, (2 * reach) // 4 * 2 + 3), np.uint8)
        plate.cells[:] = np.where(cv2.dilate((plate.cells != EMPTY).astype(np.uint8), window) > 0, MIXED, EMPTY)

    def reach_px(self) -> int:
        """How far a place of it may come at most."""
        sideways = max(
            float((np.hypot(p.right, p.down) * p.turn).max()) * (4 * p.angle + abs(p.lean)) for p in self._all
        )
        return int(sideways + 3 * self._flutter) + 2

    def _fields(self, time_s: float) -> tuple[Floats, Floats]:
        """How far each place is to the right and down of where the hero has it, shape of the field."""
        right, down = np.zeros(self._shape, np.float32), np.zeros(self._shape, np.float32)
        out = np.zeros(self._shape, np.float32)
        for index, piece in enumerate(self._all):
            own = self._owner == index
            delays = np.linspace(0, float(piece.delay_s.max()), _DELAYS)
            swing = np.interp(piece.delay_s[own], delays, piece.wander.at(time_s - delays)).astype(np.float32)
            angle = (np.float32(piece.angle) * np.clip(swing, -2.5, 2.5) + np.float32(piece.lean)) * piece.turn[own]
            right[own], down[own] = -piece.down[own] * angle, piece.right[own] * angle
            out[own] = piece.turn[own]
        leaves = self._flutter * out
        moments = np.linspace(float(self._where.min()), float(self._where.max()), _MOMENTS)
        fluttering = np.interp(self._where, moments, self._leaves.at(time_s + moments)).astype(np.float32)
        return right + leaves * fluttering[0], down + np.float32(0.6) * leaves * fluttering[1]

    def _draw(self, plate: Plate, right: Floats, down: Floats) -> None:
        if self._original is None:
            return
        across, below = self._columns - self._on_plate(right, plate), self._rows - self._on_plate(down, plate)
        for channel in range(4):
            cv2.remap(
                self._original[channel],
                across,
                below,
                cv2.INTER_CUBIC,
                plate.planes[channel],
                cv2.BORDER_REPLICATE,
            )
        np.minimum(plate.planes[:3], plate.planes[3], out=plate.planes[:3])

    def _on_plate(self, field: Floats, plate: Plate) -> Floats:
        """A field of motion at every pixel of a plate."""
        height, width = plate.planes.shape[1:]
        matrix = np.array(
            [[1 / _FINE, 0, (plate.x + 0.5) / _FINE - 0.5], [0, 1 / _FINE, (plate.y + 0.5) / _FINE - 0.5]]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(field, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
        )

    def _piece(self, mask: Mask, place: Place, rng: np.random.Generator, period: float | None) -> _Piece:
        nature, (height, width) = self._nature, mask.shape
        root = root_of(mask, hanging=nature.hanging)
        rows, columns = np.mgrid[0 : self._shape[0], 0 : self._shape[1]].astype(np.float32)
        right, down = columns * _FINE + _FINE / 2 - root[0], rows * _FINE + _FINE / 2 - root[1]
        if nature.hanging:  # from a rail, not from a point
            right = np.zeros_like(right)
        away = np.hypot(right, down)
        ys, xs = np.nonzero(mask)
        reach = max(float(np.quantile(np.hypot(0 if nature.hanging else xs - root[0], ys - root[1]), 0.98)), 1.0)
        turn = np.minimum(away / np.float32(reach), 1.3) ** np.float32(nature.bend)
        natural = _NATURAL_HZ * (min(height, width) / reach) ** 0.5
        frequencies = np.geomspace(*_GUSTS_HZ, 40)
        wander = Wander(answered(frequencies, min(natural, 2.2)), frequencies, rng, period)
        angle = np.deg2rad(nature.turn_deg * place.amount)
        lean = 0.8 * angle * place.way(0.0)[0] * (1 if place.direction_deg is not None else 0)
        upright = -1 if root[1] <= ys.mean() else 1
        return _Piece(turn, right, down, nature.delay_s * turn, wander, float(angle), float(lean * upright))


def _patches(shape: tuple[int, int], size: float, rng: np.random.Generator) -> Floats:
    """By how much the flutter of each place is behind that of others, standard deviation 1; alike within patches of a size."""
    noise = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), size)
    return np.asarray((noise - noise.mean()) / max(float(noise.std()), 1e-9), np.float32)


def gusts(frequencies: Doubles) -> Doubles:
    """Variance per hertz of a light wind's speed, up to a factor: 2 m/s at a height of 2 m.

    Kaimal et al., "Spectral characteristics of surface-layer turbulence", 1972: n·S(n) goes with f / (1 + 33·f)^(5/3), where f
    is the frequency times the height over the speed.
    """
    return np.asarray(1 / (1 + 33 * frequencies * _HEIGHT_M / _WIND_M_S) ** (5 / 3), np.float64)


def answered(frequencies: Doubles, natural_hz: float) -> Doubles:
    """Variance per hertz of a damped twig's angle in such a wind."""
    ratio = frequencies / natural_hz
    return np.asarray(gusts(frequencies) / ((1 - ratio**2) ** 2 + (2 * _DAMPING * ratio) ** 2), np.float64)


def root_of(mask: Mask, *, hanging: bool) -> tuple[float, float]:
    """Where a piece is held, in pixels: at the edge of the picture that it comes in over, else at its lower end.

    What hangs is held at its upper end.
    """
    ys, xs = np.nonzero(mask)
    height, width = mask.shape
    if hanging:
        return float(xs.mean()), float(ys.min())
    touching = {
        "bottom": ys >= height - 2,
        "right": xs >= width - 2,
        "left": xs <= 1,
        "top": ys <= 1,
    }
    if touching["bottom"].sum() > 0.02 * len(ys) ** 0.5:
        held = touching["bottom"]
    else:
        sides = [touching[side] for side in ("right", "left", "top")]
        held = max(sides, key=lambda side: int(side.sum()))
        if not held.any():
            held = ys >= np.quantile(ys, 0.985)
    return float(xs[held].mean()), float(ys[held].mean())


def _pieces(mask: Mask, least: float) -> list[Mask]:
    """Parts that do not hang together, without crumbs; at least one."""
    joined = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    found = [(labels == k) & mask for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] >= least]
    return [piece for piece in found if piece.any()] or [mask]


def _nearest(masks: Sequence[Mask]) -> NDArray[np.int64]:
    """Index of the piece that is nearest to each place."""
    distances = [cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) for mask in masks]
    return np.asarray(np.argmin(np.stack(distances), 0), np.int64)


def _parted(sheet: Sheet, region: Floats) -> list[Sheet]:
    """What stands and what sways of a sheet; only the latter when that is all."""
    alpha = sheet.rgba[..., 3].astype(np.float32) / 255
    if (alpha * region).sum() >= WHOLE * alpha.sum():
        return [sheet]
    whole = np.concatenate([sheet.rgba[..., :3] * alpha[..., None], 255 * alpha[..., None]], -1).astype(np.float32)
    cut = cv2.dilate((region > 0.02).astype(np.uint8), np.ones((5, 5), np.uint8))
    behind = _filled(whole, cut > 0)
    moving = _without(whole, behind, np.where(cut > 0, region, np.float32(0)))
    return [Sheet(sheet.layer, _straight(behind)), Sheet(sheet.layer, _straight(moving))]


def _filled(whole: Floats, cut: Mask) -> Floats:
    """What is behind the part that is cut out, premultiplied."""
    box = shown_box(np.repeat(cut.astype(np.uint8)[..., None] * np.uint8(255), 4, -1))
    if box is None:
        return whole
    margin = 24
    part = np.s_[max(box.y - margin, 0) : box.bottom + margin, max(box.x - margin, 0) : box.right + margin]
    known = 1 - cut[part].astype(np.float32)
    if not known.any():
        return whole * 0
    filled = whole.copy()
    filled[part][..., :3] = push_pull(np.ascontiguousarray(whole[part][..., :3]), known)
    filled[part][..., 3] = push_pull(np.repeat(whole[part][..., 3:], 3, -1), known)[..., 0]
    return filled


def _without(whole: Floats, behind: Floats, region: Floats) -> Floats:
    """What must lie over `behind` to give the whole again, premultiplied, 0 to 255; bounds it so that something does."""
    free = 1 - behind[..., 3] / 255
    own = np.where(free > 0.005, (whole[..., 3] - behind[..., 3]) / np.maximum(255 * free, 1e-3), region)
    alpha = np.clip(np.where(region > 0.004, own, 0), 0, 1)[..., None]
    # Where the region is soft, a fill that is too bright or too dark could not be made up for: it would be seen at once.
    least, most = ((whole[..., :3] - out) / np.maximum(1 - alpha, 1e-3) for out in (255 * alpha, 0 * alpha))
    behind[..., :3] = np.clip(behind[..., :3], np.maximum(least, 0), np.minimum(most, 255))
    colour = np.clip(whole[..., :3] - behind[..., :3] * (1 - alpha), 0, 255 * alpha)
    return np.concatenate([colour, 255 * alpha], -1).astype(np.float32)


def _straight(premultiplied: Floats) -> Rgba8:
    alpha = premultiplied[..., 3:] / 255
    colour = np.where(alpha > 0, premultiplied[..., :3] / np.maximum(alpha, 1e-3), 0)
    return np.asarray(np.clip(np.rint(np.concatenate([colour, premultiplied[..., 3:]], -1)), 0, 255), np.uint8)
