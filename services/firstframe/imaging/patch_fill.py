"""Filling a hole with texture: patches of the rest of the picture, found and laid from coarse to fine.

The picture in the hole is the one whose every small patch occurs elsewhere in the picture: Wexler, Shechtman and Irani,
"Space-Time Completion of Video", IEEE TPAMI 29 (2007), solved on a pyramid. The patches are found by random search that
neighbours share: Barnes et al., "PatchMatch", SIGGRAPH 2009, here over whole arrays at a time, on the patches' main components.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Places = NDArray[np.int32]
"""Rows and columns of patches' middles, shape (2, n)."""

_HALF = 3
"""Patches have 7 × 7 pixels."""
_LAID = 1
"""In the largest picture only the middle 3 × 3 pixels of each patch are laid: means over whole patches, which find the
structure in the smaller ones, would wash the texture out."""
_COMPONENTS = 20
"""Main components that patches are compared by; the rest is mostly noise."""
_COARSEST_PX = 56
"""Longest side of the smallest picture of the pyramid, about."""
_ROUNDS = (12, 8, 6, 5, 4)
"""Times that patches are found and laid, from the smallest picture on."""
_SEARCHES = 5
"""Random searches around each best place, each in a window half as large."""
_SHIFT = 0.04
"""Most by which a patch is made lighter or darker where it is laid, each channel for itself; so much counts as fitting."""
_DEAR = 0.3
"""Weight of what draws the eye, 0 to 1: it is there once, and not to be repeated."""
_LEVEL = 1.2
"""Weight of a row's distance, the picture's height being 1, against the mean difference of a component: grass is
looked for where grass grows, sky where sky is."""
_ASIDE = 0.25
"""The same for a column's."""
_INWARDS = 1.25
"""How much less each pixel farther inside the hole counts: what is beside the known is surer."""


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Where each patch that touches a hole is taken from."""

    targets: Places
    sources: Places
    misfit: Floats
    """Shape (n)."""
    lift: Floats
    """What is added to a patch where it is laid, shape (n, 3)."""


def patched(
    picture: Floats,
    hole: Mask,
    usable: Mask,
    dear: Floats,
    longest_px: int,
    rng: np.random.Generator,
    check: Callable[[], None] = lambda: None,
) -> Floats:
    """The picture with its hole filled with texture.

    Args:
        picture: 0 to 1, shape (h, w, 3); in the hole a rough fill, which the search starts from.
        hole: Shape (h, w).
        usable: What may be copied, shape (h, w); pixels of the hole never are.
        dear: How much each place draws the eye, 0 to 1, of any size.
        longest_px: Longest side of the picture in which patches are looked for; the final picture is laid from them.
        rng: Draws the search.
        check: Called a few times a second; raises to stop.

    Returns:
        Shape (h, w, 3), the picture itself outside of the hole; unchanged where there is nothing to copy.
    """
    known = usable & ~hole
    sizes = _sizes(hole.shape[0], hole.shape[1], longest_px)
    match, filled = None, None
    for level, size in enumerate(sizes):
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        gap = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
        free = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.999
        if filled is None:
            small[gap] += rng.normal(0, _roughness(small, free & ~gap), small[gap].shape).astype(np.float32)
        else:
            small[gap] = cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR)[gap]
        task = _Task.of(small, gap, free, np.asarray(cv2.resize(dear, size, interpolation=cv2.INTER_AREA), np.float32))
        if task is None:
            continue
        match = task.begin(match, previous=sizes[level - 1], rng=rng)
        for _ in range(_ROUNDS[min(level, len(_ROUNDS) - 1)]):
            check()
            match = task.search(match, rng)
            task.lay(match, _HALF if level < len(sizes) - 1 else _LAID)
        filled = task.picture
    return picture if match is None else _laid(picture, hole, match, sizes[-1])


def _roughness(picture: Floats, known: Mask) -> float:
    """Standard deviation of the picture's detail where it is known."""
    detail = picture - cv2.GaussianBlur(picture, (0, 0), 2.0)
    return float(detail[known].std()) if known.any() else 0.0


def _sizes(height: int, width: int, longest_px: int) -> list[tuple[int, int]]:
    """Width and height of each picture of the pyramid, the smallest first."""
    longest = max(height, width)
    top = min(longest, longest_px)
    count = max(int(np.ceil(np.log2(top / _COARSEST_PX))), 0) + 1
    sides = [top / 2 ** (count - 1 - level) for level in range(count)]
    return [(max(round(width * side / longest), 16), max(round(height * side / longest), 16)) for side in sides]


class _Task:
    """One picture of the pyramid."""

    def __init__(self, picture: Floats, gap: Mask, dear: Floats, targets: Places, sources: Places) -> None:
        self.picture = picture
        self._gap = gap
        self._targets = targets
        self._sources = sources
        self._shape = gap.shape
        self._index = np.full(gap.shape, -1, np.int32)
        self._index[sources[0], sources[1]] = np.arange(sources.shape[1])
        self._place = np.full(gap.shape, -1, np.int32)
        self._place[targets[0], targets[1]] = np.arange(targets.shape[1])
        self._axes, self._source_values, self._source_tones = self._components()
        self._target_values, self._target_tones = self._values(targets)
        self._price = _DEAR * dear[sources[0], sources[1]] ** 2
        depth = cv2.distanceTransform(gap.astype(np.uint8), cv2.DIST_L2, 3)
        self._surety = np.asarray(_INWARDS ** -np.minimum(depth, 40), np.float32)

    @staticmethod
    def of(picture: Floats, gap: Mask, free: Mask, dear: Floats) -> _Task | None:
        """The task; None where nothing can be copied."""
        side = 2 * _HALF + 1
        square = np.ones((side, side), np.uint8)
        whole = cv2.erode((free & ~gap).astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
        touched = cv2.dilate(gap.astype(np.uint8), square) > 0
        sources, targets = (np.stack(np.nonzero(part)).astype(np.int32) for part in (whole, touched))
        if sources.shape[1] < 2 * _COMPONENTS or not targets.shape[1]:
            return None
        return _Task(picture, gap, dear, targets, sources)

    def _patches(self, places: Places) -> tuple[Floats, Floats]:
        """The patches at some places without their mean colours, shape (n, 147), and those, shape (n, 3)."""
        side = 2 * _HALF + 1
        padded = cv2.copyMakeBorder(self.picture, _HALF, _HALF, _HALF, _HALF, cv2.BORDER_REFLECT_101)
        patches = sliding_window_view(padded, (side, side), axis=(0, 1))[places[0], places[1]]
        tones = patches.mean(axis=(2, 3))
        return (patches - tones[..., None, None]).reshape(places.shape[1], -1), tones

    def _components(self) -> tuple[Floats, Floats, Floats]:
        """Main axes of the sources' patches, the sources along them, and their mean colours."""
        patches, tones = self._patches(self._sources)
        some = patches[:: max(len(patches) // 4000, 1)]
        _, axes = np.linalg.eigh(some.T @ some)
        axes = np.ascontiguousarray(axes[:, : -_COMPONENTS - 1 : -1])
        return axes, patches @ axes, tones

    def _values(self, places: Places) -> tuple[Floats, Floats]:
        patches, tones = self._patches(places)
        return np.asarray(patches @ self._axes, np.float32), np.asarray(tones, np.float32)

    def _misfit(self, sources: Places) -> Floats:
        """How badly a source fits each target; infinite where it is none."""
        index = self._index[sources[0], sources[1]]
        off = self._target_values - self._source_values[index]
        tone = np.maximum(np.abs(self._target_tones - self._source_tones[index]) - _SHIFT, 0) * (2 * _HALF + 1)
        away = (sources - self._targets) / np.float32(self._shape[0])
        misfit = np.einsum("nc,nc->n", off, off) + np.einsum("nc,nc->n", tone, tone)
        misfit += (_LEVEL * away[0]) ** 2 + (_ASIDE * away[1]) ** 2 + self._price[index]
        return np.where(index >= 0, misfit, np.float32(np.inf)).astype(np.float32)

    def begin(self, coarse: Match | None, *, previous: tuple[int, int], rng: np.random.Generator) -> Match:
        """A first guess: the smaller picture's match, or any place about as high."""
        count = self._targets.shape[1]
        drawn = self._sources[:, rng.integers(0, self._sources.shape[1], (4, count))]
        best = Match(self._targets, drawn[:, 0].copy(), self._misfit(drawn[:, 0]), self._target_tones)
        for one in range(1, 4):
            best = self._better(best, drawn[:, one])
        return best if coarse is None else self._better(best, self._grown(coarse, previous))

    def _grown(self, coarse: Match, previous: tuple[int, int]) -> Places:
        """Where the smaller picture's match would take each target from."""
        shift = np.zeros((2, previous[1], previous[0]), np.float32)
        shift[:, coarse.targets[0], coarse.targets[1]] = coarse.sources - coarse.targets
        scale = self._shape[0] / previous[1], self._shape[1] / previous[0]
        rows = np.minimum((self._targets[0] / scale[0]).astype(np.int32), previous[1] - 1)
        columns = np.minimum((self._targets[1] / scale[1]).astype(np.int32), previous[0] - 1)
        moved = np.rint(shift[:, rows, columns] * np.array(scale, np.float32)[:, None]).astype(np.int32)
        return self._within(self._targets + moved)

    def _within(self, places: Places) -> Places:
        limits = np.array(self._shape, np.int32)[:, None] - 1
        return np.clip(places, 0, limits).astype(np.int32)

    def _better(self, best: Match, sources: Places) -> Match:
        misfit = self._misfit(sources)
        wins = misfit < best.misfit
        return Match(
            self._targets, np.where(wins, sources, best.sources), np.where(wins, misfit, best.misfit), best.lift
        )

    def search(self, match: Match, rng: np.random.Generator) -> Match:
        """Better places: those that neighbours have found, and others around the best ones."""
        self._target_values, self._target_tones = self._values(self._targets)
        match = Match(match.targets, match.sources, self._misfit(match.sources), match.lift)
        for step in (1, 3, 1):
            for away in ((-step, 0), (step, 0), (0, -step), (0, step)):
                match = self._better(match, self._neighbours(match, away))
        reach = float(max(self._shape))
        for _ in range(_SEARCHES):
            reach /= 3
            moved = rng.uniform(-reach, reach, match.sources.shape).astype(np.int32)
            match = self._better(match, self._within(match.sources + moved))
        index = self._index[match.sources[0], match.sources[1]]
        lift = np.clip(self._target_tones - self._source_tones[index], -_SHIFT, _SHIFT)
        return replace(match, lift=lift)

    def _neighbours(self, match: Match, away: tuple[int, int]) -> Places:
        """Where the neighbour's source would lie for each target; its own where there is no neighbour."""
        shift = np.array(away, np.int32)[:, None]
        beside = self._within(self._targets + shift)
        index = self._place[beside[0], beside[1]]
        own = np.where(index >= 0, index, np.arange(index.size))
        return self._within(match.sources[:, own] - np.where(index >= 0, shift, 0))

    def lay(self, match: Match, half: int) -> None:
        """Fills the hole anew: each pixel the mean of what the patches over it say, the better ones more."""
        spread = max(float(np.quantile(match.misfit, 0.5)), 1e-6)
        weight = np.exp(-match.misfit / spread) * self._surety[match.targets[0], match.targets[1]]
        sums = np.zeros((self._shape[0] + 2 * half, self._shape[1] + 2 * half, 4), np.float32)
        for down in range(-half, half + 1):
            for across in range(-half, half + 1):
                said = self.picture[match.sources[0] + down, match.sources[1] + across] + match.lift
                place = match.targets[0] + half + down, match.targets[1] + half + across
                sums[(*place, slice(0, 3))] += said * weight[:, None]
                sums[(*place, 3)] += weight
        sums = sums[half : half + self._shape[0], half : half + self._shape[1]]
        filled = self._gap & (sums[..., 3] > 0)
        self.picture[filled] = np.clip(sums[filled][:, :3] / sums[filled][:, 3:], 0, 1)


def _laid(picture: Floats, hole: Mask, match: Match, small: tuple[int, int]) -> Floats:
    """The full picture from the smaller one's match: the patches are copied as they are, blended where they differ."""
    height, width = hole.shape
    scale = np.array([height / small[1], width / small[0]], np.float32)
    shift = np.zeros((2, small[1], small[0]), np.int32)
    shift[:, match.targets[0], match.targets[1]] = np.rint((match.sources - match.targets) * scale[:, None])
    weight = np.zeros((small[1], small[0]), np.float32)
    weight[match.targets[0], match.targets[1]] = np.exp(
        -match.misfit / (2 * max(float(np.quantile(match.misfit, 0.5)), 1e-6))
    )
    lift = np.zeros((small[1], small[0], 3), np.float32)
    lift[match.targets[0], match.targets[1]] = match.lift
    rows, columns = np.nonzero(hole)
    at = (rows + 0.5) / scale[0] - 0.5, (columns + 0.5) / scale[1] - 0.5
    middle = np.rint(at[0]).astype(np.int32), np.rint(at[1]).astype(np.int32)
    total = np.zeros((rows.size, 4), np.float32)
    for down in range(-1, 2):
        for across in range(-1, 2):
            r, c = np.clip(middle[0] + down, 0, small[1] - 1), np.clip(middle[1] + across, 0, small[0] - 1)
            near = np.exp(-((at[0] - r) ** 2 + (at[1] - c) ** 2) / 0.5)
            share = (weight[r, c] * near + 1e-12 * (weight[r, c] > 0)).astype(np.float32)
            taken = (
                np.clip(rows + shift[0, r, c], 0, height - 1),
                np.clip(columns + shift[1, r, c], 0, width - 1),
            )
            share *= ~hole[taken]
            total[:, :3] += (picture[taken] + lift[r, c]) * share[:, None]
            total[:, 3] += share
    result = picture.copy()
    good = total[:, 3] > 0
    result[rows[good], columns[good]] = np.clip(total[good, :3] / total[good, 3:], 0, 1)
    return result
