"""The grain of a cut-out: how much of its own it shows, what of the set's it lacks, and smoothing where it has too much."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Finding, Severity
from firstframe.render import layers

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

NOISY = 1.4
"""Own grain as a multiple of the set's, from which a cut-out is smoothed: less than that is not seen beside it."""
_BLOCK = 8
"""Side of the blocks that are measured, pixels; a small product has enough of them."""
_PLAINEST = 20
"""Percentile of the blocks that is taken for plain: what varies more has texture, letters or edges."""
_PLAIN_SHARE = 0.88
"""What those blocks measure of the deviation of white noise, of which each block has a little more or less."""
_FEWEST = 6
"""Blocks, below which nothing is told."""
_ROUGH = 1.7
"""Deviation of a block from its surroundings, in deviations of its noise, from which it shows texture: white noise has 1.1."""
_AROUND_PX = 3.0
"""Those surroundings, a standard deviation."""
_MOST = 8.0
"""Multiple of the set's grain, above which it is texture after all: cloth or grass, as no camera is so noisy."""
_DARKEST = 0.35
"""Least of `4 v (1 - v)` where noise is looked for; what is nearly black or white is clipped and has none."""
_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_STRENGTH = 1.2
"""Of the smoothing, in deviations of the noise: differences of a few of them are kept as texture."""
_PATCH, _SEARCH = 5, 15
"""Sides of what non-local means compares, and of where it looks, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """A cut-out whose grain is at most about that of the set."""

    coded: Floats
    """Code values, 0 to 1, shape (h, w, 3)."""
    lacking: float
    """Deviation of the grain that it lacks, as a share of the set's, 0 to 1."""
    findings: tuple[Finding, ...] = ()


def matched(coded: Floats, cover: Floats) -> Matched:
    """The cut-out with its grain held against the set's: as it is, or smoothed where it has clearly more.

    So much of what the smoothing took is put back as makes the set's grain of what it left. What a cut-out lacks is to be
    added in quadrature, for independent noises add up by their variances.

    Args:
        coded: As it is to be seen, without the set's grain, code values, 0 to 1, shape (h, w, 3).
        cover: How much of each pixel it is, 0 to 1, shape (h, w).
    """
    solid = cv2.erode((cover > 0.996).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    own = own_grain(coded, solid)
    if not NOISY < own < _MOST:
        return Matched(coded, _lacking(own))
    calm = smoothed(coded, cover > 0, own)
    left = own_grain(calm, solid, strict=False)
    share = np.float32(np.clip((1 - left) / (own - left), 0, 1))
    mixed = calm + (coded - calm) * share
    return Matched(mixed, _lacking(own_grain(mixed, solid, strict=False)), (_noisy(own),))


def own_grain(coded: Floats, solid: Mask, *, strict: bool = True) -> float:
    """Deviation of the noise in middle tones, as a multiple of the set's grain; 0 where nothing can be told.

    What each block shows is held against the grain that the set would put there, and the plainest blocks are believed,
    unless there is something coarser in them, as texture has.
    Measured between neighbours and in every other pixel, of which the greater counts: softened noise hides from
    neighbours. The operator is that of Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image
    Understanding 64 (1996).

    Args:
        coded: Code values, 0 to 1, shape (h, w, 3).
        solid: Where to look, shape (h, w).
        strict: Whether nothing is told of parts that may be texture; of a picture that is known to be noisy all is noise.
    """
    grey = coded @ layers.BT709
    fine = _plainest(grey, solid, strict)
    halves = [_plainest(grey[at::2, at::2], solid[at::2, at::2], strict) for at in (0, 1)]
    return max(fine, float(np.mean(halves)))


def smoothed(coded: Floats, where: Mask, own: float) -> Floats:
    """The picture with most of its noise taken away; its edges stay.

    By non-local means: Buades, Coll and Morel, "A Non-Local Algorithm for Image Denoising", CVPR 2005, in OpenCV.

    Args:
        coded: Code values, 0 to 1, shape (h, w, 3).
        where: What is to be smoothed, shape (h, w).
        own: Its noise, as a multiple of the set's grain.
    """
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    levels = np.rint(coded[part].clip(0, 1) * 255).astype(np.uint8)
    strength = _STRENGTH * own * layers.GRAIN_LEVELS
    calm = cv2.fastNlMeansDenoisingColored(levels, None, strength, strength, _PATCH, _SEARCH)
    result = coded.copy()
    result[part] = calm.astype(np.float32) / 255
    return result


def _plainest(grey: Floats, solid: Mask, strict: bool) -> float:
    rows, columns = grey.shape[0] // _BLOCK, grey.shape[1] // _BLOCK
    if not rows or not columns:
        return 0.0
    inner = np.s_[: rows * _BLOCK, : columns * _BLOCK]
    fine, rough = (part[inner] for part in _deviations(np.ascontiguousarray(grey)))
    noise, varied, tone, known = (_blocks(part, rows, columns) for part in (fine, rough**2, grey[inner], solid[inner]))
    middle = 4 * tone * (1 - tone)
    seen = (known > 0.999) & (middle > _DARKEST)
    if int(seen.sum()) < _FEWEST:
        return 0.0
    shares = noise[seen] / (_PLAIN_SHARE * layers.GRAIN_LEVELS * middle[seen])
    found = float(np.percentile(shares, _PLAINEST))
    plain = shares <= found
    texture = float(np.median(varied[seen][plain] - (_ROUGH * noise[seen][plain]) ** 2)) > 0
    return 0.0 if texture and strict else found


def _deviations(grey: Floats) -> tuple[Floats, Floats]:
    """What no constant, ramp or straight edge explains, and all that differs from the surroundings, levels of 255."""
    fine = np.abs(cv2.filter2D(grey, cv2.CV_32F, _KERNEL)) * np.float32(255 * np.sqrt(np.pi / 2) / 6)
    rough = (grey - cv2.GaussianBlur(grey, (0, 0), _AROUND_PX)) * np.float32(255)
    return np.asarray(fine, np.float32), np.asarray(rough, np.float32)


def _blocks(values: NDArray[np.generic], rows: int, columns: int) -> Floats:
    """Means of blocks, shape (rows, columns)."""
    blocks = np.asarray(values, np.float32).reshape(rows, _BLOCK, columns, _BLOCK)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _lacking(own: float) -> float:
    return float(np.sqrt(max(1 - own**2, 0.0)))


def _noisy(own: float) -> Finding:
    message = (
        f"The cut-out is {own:.1f} times as grainy as the set and was smoothed to match; fine texture may have gone with "
        "it. Use a picture that was taken with more light, or a larger one."
    )
    return Finding(Severity.WARNING, "CUTOUT_NOISY", message)
