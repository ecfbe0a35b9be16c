"""Soft mattes: a coarse mask refined along the edges of a picture, and the colours on either side of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.fill import push_pull

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_EPSILON = 2e-4
"""Variance of the guide below which an area counts as flat; values of the guide run from 0 to 1."""

_SHARPER = 1.6
"""How much more detail than its background a subject must have for its fringe to be told by detail."""
_DRAWN = 0.3
"""Place between the background's and the subject's detail from which a pixel counts as the subject's."""
_NOISE = 0.02
"""Difference from the background that may be its own noise."""
_ASIDE = 0.15
"""Distance from the colours between the background's and the subject's at which a pixel is less and less told by them."""
_FAINT = 0.05
"""Likeness to the subject's colour that is still taken for chance."""


def refined(mask: Floats, guide: Floats, radius: int) -> Floats:
    """A coarse mask as a soft matte that follows the edges of the guide.

    The guided filter with a colour guide, its coefficients computed on a smaller picture: He and Sun, "Fast Guided
    Filter", arXiv:1505.00996 (2015).

    Args:
        mask: 0 to 1, shape (h, w); its edge is wrong by less than `radius`.
        guide: Picture, 0 to 1, shape (h, w, 3).
        radius: Pixels within which the edge is looked for.

    Returns:
        0 to 1, shape (h, w); exactly 0 and 1 away from the edge.
    """
    height, width = mask.shape
    step = max(radius // 5, 1)
    size = max(width // step, 1), max(height // step, 1)
    small = [np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32) for values in (mask, guide)]
    model = _coefficients(small[0], small[1], max(radius // step, 1))
    slope, offset = (cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR) for values in model)
    soft = np.clip((np.einsum("hwc,hwc->hw", slope, guide) + offset - 0.08) / 0.84, 0, 1)
    return _settled(soft.astype(np.float32), mask, radius)


def followed(cover: Floats, guide: Floats, radius: int) -> Floats:
    """A soft matte of a smaller picture, drawn to the edges of this one; what is soft over a width stays soft.

    Args:
        cover: 0 to 1, shape (h, w), enlarged.
        guide: Picture, 0 to 1, shape (h, w, 3).
        radius: Pixels within which the edge is looked for.

    Returns:
        0 to 1, shape (h, w); exactly 0 and 1 where the matte is sure all around.
    """
    slope, offset = _coefficients(cover, guide, radius)
    soft = np.clip((np.einsum("hwc,hwc->hw", slope, guide) + offset - 0.04) / 0.92, 0, 1)
    side = np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
    inside = np.clip((cv2.erode(cover, side, borderType=cv2.BORDER_REPLICATE) - 0.85) / 0.1, 0, 1)
    outside = np.clip((0.15 - cv2.dilate(cover, side, borderType=cv2.BORDER_REPLICATE)) / 0.1, 0, 1)
    return np.asarray(np.clip(soft, inside, 1 - outside), np.float32)


def _settled(soft: Floats, mask: Floats, radius: int) -> Floats:
    """The soft matte near the mask's edge, and the mask itself away from it."""
    inside, outside = mask > 0.5, mask <= 0.5
    distance = np.where(
        inside,
        cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3),
        -cv2.distanceTransform(outside.astype(np.uint8), cv2.DIST_L2, 3),
    )
    low = np.clip((distance - 0.6 * radius) / (0.4 * radius + 1), 0, 1)
    high = np.clip((distance + radius) / (0.4 * radius + 1), 0, 1)
    return np.clip(soft, low, high).astype(np.float32)


def _coefficients(mask: Floats, guide: Floats, radius: int) -> tuple[Floats, Floats]:
    """Linear model of the mask by the guide's colour in each window, averaged over the windows."""

    def mean(values: Floats) -> Floats:
        side = 2 * radius + 1
        return np.asarray(cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)

    mean_guide, mean_mask = mean(guide), mean(mask)
    covariance = mean(guide * mask[..., None]) - mean_guide * mean_mask[..., None]
    spread = np.empty((*mask.shape, 3, 3), np.float32)
    for row in range(3):
        for column in range(row, 3):
            product = mean(guide[..., row] * guide[..., column])
            spread[..., row, column] = product - mean_guide[..., row] * mean_guide[..., column]
            spread[..., column, row] = spread[..., row, column]
    spread += _EPSILON * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(spread, covariance[..., None])[..., 0].astype(np.float32)
    offset = mean_mask - np.einsum("hwc,hwc->hw", slope, mean_guide)
    return mean(slope), mean(offset.astype(np.float32))


def resolved(picture: Floats, alpha: Floats, behind: Floats, solid: Floats, reach_px: int) -> Floats:
    """The matte with the fine structure that only colour shows: hair, fluff, gaps between leaves.

    Each soft pixel is put on the line from the background's colour to the subject's; where the two differ too little
    to tell, or the pixel is of neither colour, the matte stays.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        alpha: 0 to 1, shape (h, w).
        behind: Likely background, 0 to 1, shape (h, w, 3).
        solid: The subject's solid colour spread beyond its edge, 0 to 1, shape (h, w, 3).
        reach_px: How far beyond the soft edge structure is looked for.
    """
    across = solid - behind
    length = np.einsum("hwc,hwc->hw", across, across)
    along = np.clip(np.einsum("hwc,hwc->hw", picture - behind, across) / np.maximum(length, 1e-4), 0, 1)
    aside = np.linalg.norm(picture - behind - along[..., None] * across, axis=2)
    found = np.clip((along - _FAINT) / (1 - _FAINT), 0, 1)
    told = np.clip((length - 0.01) / 0.06, 0, 1) * np.clip(2 - aside / _ASIDE, 0, 1)
    return np.asarray(alpha + (found - alpha) * told * _edge_band(alpha, reach_px), np.float32)


def solid_colour(picture: Floats, alpha: Floats) -> Floats:
    """The colour of the subject's opaque parts spread beyond its edge, 0 to 1, shape (h, w, 3)."""
    core = cv2.erode((alpha > 0.97).astype(np.float32), np.ones((3, 3), np.uint8))
    return np.clip(push_pull(picture, np.asarray(core, np.float32)), 0, 1).astype(np.float32)


def fluffy(picture: Floats, extent: Mask, behind: Floats, reach_px: int) -> tuple[Floats, Floats]:
    """A subject with a fringe told from its background.

    From the edge inwards each pixel is told by its colour, the subject's own being that of the pixels farther inside;
    once more with the fringe's own colour, which is often lighter. Deep inside the subject is opaque. Where it is
    finely drawn, the cover is nowhere less than it takes to make the picture's colour out of the background's.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        extent: Where there may be any of the subject, shape (h, w).
        behind: Likely background, 0 to 1, shape (h, w, 3).
        reach_px: How deep the fringe is at most.

    Returns:
        The matte, 0 to 1, shape (h, w), 0 outside of the extent; the subject's solid colour spread beyond its edge,
        0 to 1, shape (h, w, 3).
    """
    _, depth = _distances(extent)
    reach = min(float(reach_px), 0.5 * float(depth.max()))
    feathered = np.clip(2 * depth / reach, 0, 1) ** 2
    least = np.clip(depth / reach, 0, 1) ** 4
    matte = least
    for solid_at in (1.0, 0.9):
        solid = _spread(picture, matte >= solid_at, reach_px / 6)
        matte = np.maximum(resolved(picture, feathered, behind, solid, reach_px), least) * extent
    matte = np.maximum(matte, _needed(picture, behind, reach_px / 8) * extent)
    return np.asarray(matte, np.float32), solid


def _needed(picture: Floats, behind: Floats, fine_px: float) -> Floats:
    """The least cover with which some colour over the background gives the picture, where that is finely drawn.

    Where it is not, it may as well be something behind the subject that the guess of the background lacks.
    """
    off = picture - behind
    fine = np.abs(off - cv2.GaussianBlur(off, (0, 0), max(fine_px, 0.5))).max(axis=2)
    cover = np.abs(off) / np.maximum(np.where(off > 0, 1 - behind, behind), _NOISE)
    drawn = np.clip(fine / _NOISE - 1, 0, 1)
    return np.asarray(np.clip(cover.max(axis=2), 0, 1) * drawn, np.float32)


def _spread(picture: Floats, where: Mask, soft_px: float) -> Floats:
    """The colours of a part of the picture everywhere, without their detail, shape (h, w, 3)."""
    colours = cv2.GaussianBlur(push_pull(picture, where.astype(np.float32)), (0, 0), max(soft_px, 0.5))
    return np.asarray(np.clip(colours, 0, 1), np.float32)


def _edge_band(alpha: Floats, reach_px: int) -> Floats:
    """1 along the soft edge, fading to 0 within `reach_px` on either side of it, shape (h, w)."""
    soft = ((alpha > 0.02) & (alpha < 0.98)).astype(np.uint8)
    away = cv2.distanceTransform(1 - soft, cv2.DIST_L2, 3)
    return np.clip(1 - away / max(reach_px, 1), 0, 1).astype(np.float32)


def detailed(picture: Floats, alpha: Floats, reach_px: int) -> Mask:
    """Where the subject is, with its fluff, fur and fringes, because it is more finely drawn than what is behind it.

    Tells where the subject is in focus and its background is not; otherwise nothing is found. What the matte takes for
    the subject within `reach_px` of its edge but is not finely drawn is left out: it is the background that shows
    between the fluff.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        alpha: 0 to 1, shape (h, w).
        reach_px: How far to either side of the matte's edge detail is looked for.

    Returns:
        Shape (h, w).
    """
    fine = _fineness(picture, reach_px / 14)
    away, depth = _distances(alpha >= 0.5)
    inside, outside = fine[alpha > 0.9], fine[(away > 2 * reach_px) & (away < 6 * reach_px)]
    if not inside.size or not outside.size:
        return np.zeros(alpha.shape, np.bool_)
    sharp, soft = float(np.median(inside)), float(np.median(outside))
    if sharp < _SHARPER * soft:
        return np.zeros(alpha.shape, np.bool_)
    drawn = (fine > soft + _DRAWN * (sharp - soft)) & (away < reach_px)
    return _around_core(drawn, depth > reach_px, alpha >= 0.5, reach_px)


def _around_core(drawn: Mask, core: Mask, matte: Mask, reach_px: int) -> Mask:
    """The core with the fine places that hang together with it, where there are none beside it with the matte.

    Gaps in it are the fluff's, except wide ones: a ring has a hole.
    """
    whole = _joined(drawn | core, core, max(reach_px // 10, 1))
    bare = grown(core, 1) & ~whole
    if bare.any():
        whole = _joined(whole | (grown(bare, 2 * reach_px) & matte), core, 1)
    gaps = whole & ~drawn & ~matte
    wide = ~grown(~gaps, max(reach_px // 2, 1))
    return whole & ~(grown(wide, max(reach_px // 2, 1)) & gaps)


def _joined(mask: Mask, core: Mask, gap_px: int) -> Mask:
    """The parts of a mask that touch the core, over gaps of up to twice `gap_px`, with all that they enclose."""
    closed = ~grown(~grown(mask, gap_px), gap_px)
    count, labels = cv2.connectedComponents(closed.astype(np.uint8), connectivity=8)
    kept = np.bincount(labels[core], minlength=count) > 0
    kept[0] = False
    outside = cv2.copyMakeBorder((~kept[labels]).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(outside, None, (0, 0), (2,))
    whole: Mask = outside[1:-1, 1:-1] != 2
    return whole


def grown(mask: Mask, px: int) -> Mask:
    """A mask with everything within a distance of it, shape (h, w)."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * px + 1, 2 * px + 1))
    wider: Mask = cv2.dilate(mask.astype(np.uint8), disc) > 0
    return wider


def _distances(mask: Mask) -> tuple[Floats, Floats]:
    """Pixels to the mask, and inside of it to its edge, both of shape (h, w)."""
    outside, inside = ((mask == side).astype(np.uint8) for side in (False, True))
    both = [cv2.distanceTransform(part, cv2.DIST_L2, 3) for part in (outside, inside)]
    return np.asarray(both[0], np.float32), np.asarray(both[1], np.float32)


def _fineness(picture: Floats, pool_px: float) -> Floats:
    """Local energy of the finest detail, its extremes compressed, shape (h, w)."""
    grey = cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 0.8)
    energy = np.sqrt(np.abs(cv2.Laplacian(grey, cv2.CV_32F, ksize=3)))
    return np.asarray(cv2.GaussianBlur(energy, (0, 0), max(pool_px, 1.0)), np.float32)


def unmixed(picture: Floats, alpha: Floats, behind: Floats, solid: Floats) -> tuple[Floats, Floats]:
    """Colours of the subject and of what is behind it, so that the one over the other gives the picture.

    The subject's colour is solved for where that is well conditioned, and leans on the nearby solid colour at its thin
    edge, so that no fringe of the old background travels with it; what is left over is given to the background.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        alpha: 0 to 1, shape (h, w).
        behind: Likely background, 0 to 1, shape (h, w, 3).
        solid: The subject's solid colour spread beyond its edge, 0 to 1, shape (h, w, 3).

    Returns:
        Subject and background, 0 to 1, both of shape (h, w, 3).
    """
    cover = alpha[..., None]
    solved = (picture - (1 - cover) * behind) / np.maximum(cover, 1 / 255)
    trust = np.clip((cover - 0.02) / 0.1, 0, 1)
    subject = np.clip(solved * trust + solid * (1 - trust), 0, 1)
    left = picture - cover * subject
    background = np.where(cover < 1, np.clip(left / np.maximum(1 - cover, 1 / 255), 0, 1), behind)
    weight = np.clip((1 - cover) * 4, 0, 1)
    background = background * weight + behind * (1 - weight)
    again = np.clip((picture - (1 - cover) * background) / np.maximum(cover, 1 / 255), 0, 1)
    return again.astype(np.float32), background.astype(np.float32)
