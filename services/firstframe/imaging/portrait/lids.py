"""Eyelids that close: skin drawn down from the lid over an eyeball that stays, the lashes at its edge.

Each eye is worked on in a picture of its own, turned until its corners are level and enlarged until a lid has pixels enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelRect, PixelSize
from firstframe.imaging.face_mesh import Eye, FaceMesh, Points

Floats = NDArray[np.float32]

LEFT_BROW, RIGHT_BROW = (46, 53, 52, 65, 55), (276, 283, 282, 295, 285)
"""Lower edges of the brows, points of the mesh."""
OPEN_LEAST = 0.14
"""Height over width of an eye that can be seen to close."""
_WIDTH_PX = 150
"""Pixels from corner to corner in the picture that is worked on."""
_SIDE, _ABOVE, _BELOW = 0.45, 0.95, 0.6
"""Room around the eye, in its widths."""
_LID_LEAST, _LID_MOST = 0.10, 0.52
"""Height of the skin that is drawn down, in widths of the eye."""
_SKIN_LEAST = 0.5
"""Light of lid skin, in that of the skin below the eye, at least; less is a brow, or the rim of glasses."""
_SPANNED = 0.55
"""Share of an eye's columns above which something dark lies that is not lashes."""
_LASHES, _LINER_MOST = 0.09, 0.26
"""Height of the band above the lid's edge that lashes darken, in widths of the eye, and of one that is painted: it moves as a
whole."""
_LINER_LEAST = 0.62
"""Light of a lid's painted edge and of lashes, in that of the skin below the eye, at most."""
_AROUND = 0.06
"""How far around that band the photograph's own detail would still show it, in widths of the eye."""
_FOLDED = 0.7
"""Part of that band that is lost from sight when the eye is closed: lashes then point down."""
_MEET = 0.86
"""Where the lids meet, in heights of the open eye below its upper edge: the lower one rises a little."""
_SPREAD = 0.07
"""How far beyond the corners a lid's motion dies away, in widths of the eye."""
_LASH = 0.035
"""Thickness of the line of lashes, in widths of the eye."""


@dataclass(frozen=True, slots=True, eq=False)
class Lid:
    """An eye that can close, in its own picture."""

    box: PixelRect
    """Part of the photograph that it changes."""
    to_own: Points
    """From the box's pixels to those of its own picture, shape (2, 3)."""
    own: Floats
    """Its own picture, shape (rows, columns, 3), levels of 255."""
    top: Floats
    """Row at which the lid's skin begins, of each column."""
    upper: Floats
    """Row of the upper lid's edge."""
    lower: Floats
    """Row of the lower lid's edge."""
    inside: Floats
    """How far each column is between the corners: 0 outside, 1 in the middle."""
    liner: Floats
    """Height of the dark band on the lid's edge, of each column."""
    lash: Floats
    """Colour of the lashes, shape (3,)."""
    skin: Floats
    """Colour of the skin between lid and cheek, of each column, shape (columns, 3)."""
    photo: Floats
    """The photograph without its grain, on the box, shape (h, w, 3), levels of 255."""
    grain: Floats
    """Of the skin beside the eye, for the lid where the photograph has none; on the box, shape (h, w, 3), levels."""
    width_px: float

    def closed(self, amount: float) -> Floats:
        """Change of the box's pixels when the lid is closed so far, shape (h, w, 3), levels of 255.

        Args:
            amount: 0 as in the photograph, to 1.
        """
        drawn, over = self._drawn(amount)
        eye = over * self._replaced(over.shape[0])
        soft = _softened(np.dstack([drawn, self.own, eye]), float(np.hypot(self.to_own[0, 0], self.to_own[1, 0])))
        size = (self.box.width, self.box.height)
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        back = cv2.warpAffine(soft, self.to_own, size, flags=way, borderMode=cv2.BORDER_CONSTANT)
        lid, before, cover = back[..., :3], back[..., 3:6], back[..., 6:]
        # What the lid covers is replaced; elsewhere the photograph is changed, and keeps what is finer than this picture.
        return np.asarray(lid - before + cover * (before - self.photo + self.grain), np.float32)

    def _replaced(self, rows: int) -> Floats:
        """Which places above the closed lid's edge no longer show what they showed: the eye, and the dark band on its edge."""
        band = np.where(self.liner > 1, self.liner + np.float32(_AROUND * self.width_px), 0)
        below = np.arange(rows, dtype=np.float32)[:, None] - (self.upper - band)[None]
        return np.asarray(
            np.clip(below / np.where(band > 0, 0.5 * _AROUND * self.width_px, 1e-3)[None], 0, 1), np.float32
        )

    def edge(self, amount: float) -> Floats:
        """Row of the upper lid's edge, of each column, shape (w,)."""
        meet = self.upper + _MEET * (self.lower - self.upper)
        return np.asarray(self.upper + np.float32(amount) * (meet - self.upper), np.float32)

    def _drawn(self, amount: float) -> tuple[Floats, Floats]:
        """The own picture with the lid, and how much of each pixel the lid's skin is."""
        rows, columns = np.mgrid[0 : self.own.shape[0], 0 : self.own.shape[1]].astype(np.float32)
        edge = self.edge(amount)
        skin = self._skin(rows, columns, edge, amount)
        eye = self._lower_lid(rows, columns, amount)
        eye *= self._shadow(rows, edge, amount)[..., None]
        over = np.clip(edge[None] - rows + 0.5, 0, 1) * (rows > self.top[None] - 1)
        drawn = eye + (skin - eye) * over[..., None]
        return self._lashes(drawn, rows, edge, amount), over

    def _skin(self, rows: Floats, columns: Floats, edge: Floats, amount: float) -> Floats:
        """The photograph with the band above the eye drawn down to `edge`: fixed at its top, its lashes a band of their own."""
        room = np.maximum(self.upper - self.top, 1e-3)
        usual = np.float32(_LASHES * self.width_px) * (0.4 + 0.6 * self.inside)
        lashes = np.minimum(np.maximum(usual, self.liner), 0.7 * room)
        # Lashes beyond the outer corner sink a little with the lid.
        spread = cv2.GaussianBlur((edge - self.upper)[None], (0, 0), _SPREAD * self.width_px)
        down = np.maximum(np.asarray(spread), (edge - self.upper)[None]).astype(np.float32)
        left = lashes * (1 - np.float32(_FOLDED * amount))
        share = np.clip((rows - self.top[None]) / np.maximum(edge - left - self.top, 1e-3)[None], 0, 1)
        smooth = share * share * (3 - 2 * share)
        # Where skin is scarce, it is stretched evenly: a fold over itself would be worse.
        even = np.clip((down[0] / (room - lashes) - 0.6) / 0.6, 0, 1)[None]
        source = rows - (down + lashes - left) * (smooth + (share - smooth) * even)
        band = np.maximum(rows - (edge - left)[None], 0)
        source = source + band * ((lashes / left) - 1)[None]
        source = np.minimum(source, self.upper[None] - _LASH * 0.6 * np.float32(self.width_px) * self.inside[None])
        source = np.where(rows < self.top[None], rows, source)
        drawn = cv2.remap(
            self.own, columns, source.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        scarce = np.clip((down / room - 1.5) / 2, 0, 1)
        return self._shaded(np.asarray(drawn, np.float32), share, scarce.astype(np.float32))

    def _shaded(self, drawn: Floats, share: Floats, scarce: Floats) -> Floats:
        """The lid's ball: its colour goes over to that of the skin below where there is little of its own."""
        even = cv2.blur(drawn, (round(0.3 * self.width_px) | 1, round(0.04 * self.width_px) | 1))
        drawn = drawn + (even - drawn) * (np.clip(2 * share, 0, 1) * scarce)[..., None]
        tint = (share * scarce * np.float32(0.6))[..., None]
        return np.asarray(drawn + (self.skin[None] - drawn) * tint, np.float32)

    def _lower_lid(self, rows: Floats, columns: Floats, amount: float) -> Floats:
        """The photograph with the lower lid a little higher, which hides what the upper one leaves of the eye."""
        rise = np.float32(amount * (1 - _MEET)) * (self.lower - self.upper) * np.float32(1.25)
        below = np.clip((rows - self.lower[None] + rise[None]) / (0.32 * np.float32(self.width_px)), 0, 1)
        source = rows + rise[None] * (1 - below) ** 2
        source = np.where(rows < (self.lower - rise)[None], rows, source)
        return np.asarray(
            cv2.remap(self.own, columns, source, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
        )

    def _shadow(self, rows: Floats, edge: Floats, amount: float) -> Floats:
        """The lid's shade on the eye below it."""
        below = rows - edge[None]
        strength = np.float32(0.35 * min(2 * amount, 1.0)) * self.inside[None] * (below >= 0)
        return np.asarray(1 - strength * np.exp(-np.maximum(below, 0) / np.float32(0.07 * self.width_px)), np.float32)

    def _lashes(self, drawn: Floats, rows: Floats, edge: Floats, amount: float) -> Floats:
        thick = np.float32(_LASH * self.width_px) * self.inside
        off = (rows - edge[None]) / np.maximum(thick, 0.35)[None]
        line = np.where(off < 0, np.exp(-((off * 1.5) ** 2)), np.exp(-((off * 0.85) ** 2)))
        strength = np.float32(0.85 * min(2.5 * amount, 1.0)) * np.sqrt(self.inside)[None]
        return np.asarray(drawn + (self.lash - drawn) * (line * strength)[..., None], np.float32)


def make_lid(picture: Floats, grain: Floats, eye: Eye, brow: Points) -> Lid | None:
    """The lid of an eye; None where it cannot be seen to close.

    Args:
        picture: The photograph without its grain but for the eyes, shape (h, w, 3), levels of 255.
        grain: The photograph less that.
        eye: The eye.
        brow: Lower edge of its brow, shape (n, 2).
    """
    if eye.openness < OPEN_LEAST or eye.width < 6:
        return None
    level = _Level.of(eye)
    own = level.shown(picture)
    upper, lower, inside = level.edges(eye)
    liner = _liner(own, upper, lower)
    top = _skin_top(own, upper, lower, level.rows_of(brow, own.shape[1]), liner)
    box = level.box(own.shape, PixelSize(picture.shape[1], picture.shape[0]))
    return Lid(
        box=box,
        to_own=level.from_box(box),
        own=own,
        top=top,
        upper=upper,
        lower=lower,
        inside=inside,
        liner=liner,
        lash=_lash_colour(own, upper, inside),
        skin=_skin_colour(own, top, upper, lower),
        photo=picture[box.y : box.bottom, box.x : box.right],
        grain=_grain_below(grain, box, round(0.75 * eye.width)),
        width_px=float(_WIDTH_PX),
    )


def lids_of(picture: Floats, grain: Floats, mesh: FaceMesh) -> tuple[Lid | None, ...]:
    """The lids of both eyes; see `make_lid`."""
    return tuple(
        make_lid(picture, grain, eye, mesh.points[list(brow), :2])
        for eye, brow in zip(mesh.eyes, (LEFT_BROW, RIGHT_BROW), strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """An eye's own picture: which place of the photograph it shows."""

    x: float
    y: float
    turn_rad: float
    scale: float
    """Own pixels per pixel of the photograph."""

    @classmethod
    def of(cls, eye: Eye) -> _Level:
        ends = sorted((eye.lower[0], eye.lower[-1]), key=lambda end: float(end[0]))
        across, middle = ends[1] - ends[0], (ends[0] + ends[1]) / 2
        return cls(float(middle[0]), float(middle[1]), float(np.arctan2(across[1], across[0])), _WIDTH_PX / eye.width)

    @property
    def matrix(self) -> Points:
        """From the photograph to the own picture, shape (2, 3)."""
        cos, sin = self.scale * np.cos(self.turn_rad), self.scale * np.sin(self.turn_rad)
        turn = np.array([[cos, sin], [-sin, cos]])
        origin = np.array([(0.5 + _SIDE) * _WIDTH_PX, _ABOVE * _WIDTH_PX])
        return np.column_stack([turn, origin - turn @ np.array([self.x, self.y])])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int((_ABOVE + _BELOW) * _WIDTH_PX), int((1 + 2 * _SIDE) * _WIDTH_PX)

    def shown(self, picture: Floats) -> Floats:
        soft = _softened(picture, 1 / self.scale)
        own = cv2.warpAffine(
            soft, self.matrix, self.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(own, np.float32)

    def placed(self, points: Points) -> Points:
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2])

    def rows_of(self, points: Points, columns: int) -> Floats:
        """Row of a curve in each column, continued level beyond its ends."""
        own = self.placed(points)
        order = np.argsort(own[:, 0])
        return np.asarray(np.interp(np.arange(columns), own[order, 0], own[order, 1]), np.float32)

    def edges(self, eye: Eye) -> tuple[Floats, Floats, Floats]:
        """Rows of the upper and of the lower edge, and how far each column is between the corners."""
        columns = np.arange(self.shape[1])
        upper, lower = (_smooth_curve(self.placed(edge), columns) for edge in (eye.upper, eye.lower))
        left, right = _SIDE * _WIDTH_PX, (1 + _SIDE) * _WIDTH_PX
        share = np.clip((columns - left) / (right - left), 0, 1)
        inside = np.clip(4 * share * (1 - share), 0, 1) ** 0.6
        gap = np.maximum(lower - upper, 0)
        return upper, (upper + gap).astype(np.float32), inside.astype(np.float32)

    def box(self, shape: tuple[int, ...], size: PixelSize) -> PixelRect:
        """Where the own picture lies in the photograph."""
        corners = np.array([[0, 0], [shape[1], 0], [0, shape[0]], [shape[1], shape[0]]], float)
        inverse = cv2.invertAffineTransform(self.matrix)
        there = corners @ inverse[:, :2].T + inverse[:, 2]
        low, high = np.floor(there.min(axis=0)).astype(int), np.ceil(there.max(axis=0)).astype(int)
        left, top = max(int(low[0]), 0), max(int(low[1]), 0)
        return PixelRect(left, top, min(int(high[0]), size.width) - left, min(int(high[1]), size.height) - top)

    def from_box(self, box: PixelRect) -> Points:
        matrix = self.matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ np.array([box.x, box.y])
        return matrix


def _smooth_curve(points: Points, columns: NDArray[np.int64]) -> Floats:
    """A cubic of columns through points as nearly as it can, meeting the ends exactly, level beyond them."""
    order = np.argsort(points[:, 0])
    x, y = points[order, 0], points[order, 1]
    share = (x - x[0]) / (x[-1] - x[0])
    chord = y[0] + share * (y[-1] - y[0])
    # Arcs that vanish at both corners: s(1-s), and the same leaning to either side.
    base = np.column_stack([share * (1 - share), share * (1 - share) * (2 * share - 1), (share * (1 - share)) ** 2])
    weight, *_ = np.linalg.lstsq(base, y - chord, rcond=None)
    at = np.clip((columns - x[0]) / (x[-1] - x[0]), 0, 1)
    arcs = np.column_stack([at * (1 - at), at * (1 - at) * (2 * at - 1), (at * (1 - at)) ** 2])
    return np.asarray(y[0] + at * (y[-1] - y[0]) + arcs @ weight, np.float32)


def _skin_top(own: Floats, upper: Floats, lower: Floats, brow: Floats, liner: Floats) -> Floats:
    """Row at which lid skin begins in each column: below the brow and the rim of glasses, and no farther than needed."""
    light = _light(own)
    most = np.maximum(upper - _LID_MOST * _WIDTH_PX, brow + 0.02 * _WIDTH_PX)
    least = upper - np.maximum(_LID_LEAST * _WIDTH_PX, liner + 0.02 * _WIDTH_PX)
    cheek = _cheek(light, lower)
    ends = np.minimum(most, least)
    rims = np.array(
        [
            _first_dark(light[int(max(e, 0)) : int(b) + 1, c], cheek[c])
            for c, (e, b) in enumerate(zip(ends, least, strict=True))
        ]
    )
    between = rims[round(_SIDE * _WIDTH_PX) : round((1 + _SIDE) * _WIDTH_PX)]
    # Single dark places are lashes; a rim, or a low brow, spans the eye.
    height = least - ends
    if np.isfinite(between).mean() > _SPANNED:
        height = np.minimum(height, np.float32(np.percentile(between[np.isfinite(between)], 25)))
    return np.asarray(
        least - cv2.GaussianBlur(height[None], (0, 0), 16, borderType=cv2.BORDER_REPLICATE)[0], np.float32
    )


def _liner(own: Floats, upper: Floats, lower: Floats) -> Floats:
    """Height of what is dark on the lid's edge, lashes or paint, in each column; none well beyond the corners."""
    light = _light(own)
    most, near = round(_LINER_MOST * _WIDTH_PX), round(0.03 * _WIDTH_PX)
    cheek = _LINER_LEAST * _cheek(light, lower)
    found = [_run(light[max(int(u) - most, 0) : int(u) + 1, c] < cheek[c], near) for c, u in enumerate(upper)]
    across = (np.arange(len(upper)) / _WIDTH_PX - _SIDE - 0.5).astype(np.float32)
    held = np.clip((0.8 - np.abs(across)) / 0.15, 0, 1)
    tall = cv2.dilate(np.array(found, np.float32)[None], np.ones((1, 7), np.uint8))
    soft = cv2.GaussianBlur(tall, (0, 0), 0.03 * _WIDTH_PX, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft[0] * held, np.float32)


def _run(dark: NDArray[np.bool_], near: int) -> int:
    """Length of the dark run that begins within `near` of a column's lower end; none where it reaches the upper end."""
    up = dark[::-1]
    begin = int(np.argmax(up[: near + 1]))
    if not up[begin]:
        return 0
    light = np.flatnonzero(~up[begin:])
    return begin + int(light[0]) if light.size else 0


def _light(own: Floats) -> Floats:
    return np.asarray(np.asarray(cv2.GaussianBlur(own, (0, 0), 1.5)).mean(axis=-1), np.float32)


def _cheek(light: Floats, lower: Floats) -> Floats:
    """Light of the skin below the eye, of each column."""
    rows = np.minimum((lower + 0.2 * _WIDTH_PX).astype(int), light.shape[0] - 1)
    return np.asarray(light[rows, np.arange(len(lower))], np.float32)


def _first_dark(strip: Floats, cheek: float) -> float:
    """Rows from the strip's lower end up to where it is too dark for skin; infinite where it never is."""
    dark = np.flatnonzero(strip[::-1] < _SKIN_LEAST * cheek)
    return float(dark[0]) if dark.size else float("inf")


def _grain_below(grain: Floats, box: PixelRect, down: int) -> Floats:
    rows = np.minimum(np.arange(box.y, box.bottom) + down, grain.shape[0] - 1)
    return np.asarray(grain[rows, box.x : box.right], np.float32)


def _lash_colour(own: Floats, upper: Floats, inside: Floats) -> Floats:
    """The darkest of what lies along the lid's edge."""
    band = [own[int(row) - 4 : int(row) + 5, column] for column, row in enumerate(upper) if inside[column] > 0.5]
    pixels = np.concatenate(band).reshape(-1, 3)
    dark = pixels[pixels.mean(axis=1) <= np.percentile(pixels.mean(axis=1), 12)]
    return np.asarray(dark.mean(axis=0), np.float32)


def _skin_colour(own: Floats, top: Floats, upper: Floats, lower: Floats) -> Floats:
    """Mean of the skin above and below the eye, of each column."""
    above = [own[int((a + b) / 2), column] for column, (a, b) in enumerate(zip(top, upper, strict=True))]
    below = [own[min(int(row + 0.16 * _WIDTH_PX), own.shape[0] - 1), column] for column, row in enumerate(lower)]
    mixed = (np.array(above, np.float32) + np.array(below, np.float32))[None] / 2
    soft = np.asarray(cv2.GaussianBlur(mixed, (0, 0), 12, borderType=cv2.BORDER_REPLICATE), np.float32)
    return np.asarray(soft[0], np.float32)


def _softened(picture: Floats, pixels: float) -> Floats:
    """A picture without what is finer than so many of its pixels."""
    if pixels <= 1.2:
        return picture
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.42 * pixels), np.float32)
