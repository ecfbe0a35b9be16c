"""Soft mattes: a coarse mask refined along the edges of a picture, and the colours on either side of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_EPSILON = 2e-4
"""Variance of the guide below which an area counts as flat; values of the guide run from 0 to 1."""

_SHARPER = 1.6
"""How much more detail than its background a subject must have for its fringe to be told by detail."""
_FAINT = 0.12
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
    to tell, the matte stays.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        alpha: 0 to 1, shape (h, w).
        behind: Likely background, 0 to 1, shape (h, w, 3).
        solid: The subject's solid colour spread beyond its edge, 0 to 1, shape (h, w, 3).
        reach_px: How far beyond the soft edge structure is looked for.
    """
    across = solid - behind
    length = np.einsum("hwc,hwc->hw", across, across)
    along = np.einsum("hwc,hwc->hw", picture - behind, across) / np.maximum(length, 1e-4)
    found = np.clip((along - _FAINT) / (1 - _FAINT), 0, 1)
    trust = 0.8 * np.clip((length - 0.01) / 0.06, 0, 1) * _edge_band(alpha, reach_px)
    return np.asarray(np.clip(alpha + (found - alpha) * trust, 0, 1), np.float32)


def _edge_band(alpha: Floats, reach_px: int) -> Floats:
    """1 along the soft edge, fading to 0 within `reach_px` on either side of it, shape (h, w)."""
    soft = ((alpha > 0.02) & (alpha < 0.98)).astype(np.uint8)
    away = cv2.distanceTransform(1 - soft, cv2.DIST_L2, 3)
    return np.clip(1 - away / max(reach_px, 1), 0, 1).astype(np.float32)


def detailed(picture: Floats, alpha: Floats, reach_px: int) -> Floats:
    """How much of each pixel beside the matte belongs to the subject because it is as finely drawn: fluff, fur, fringes.

    Tells where the subject is in focus and what is behind it is not; otherwise nothing is found.

    Args:
        picture: 0 to 1, shape (h, w, 3).
        alpha: 0 to 1, shape (h, w).
        reach_px: How far beyond the matte detail is looked for.

    Returns:
        0 to 1, shape (h, w).
    """
    fine = _fineness(picture, reach_px / 6)
    away = cv2.distanceTransform((alpha < 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    inside, outside = fine[alpha > 0.9], fine[(away > 2 * reach_px) & (away < 6 * reach_px)]
    if not inside.size or not outside.size:
        return np.zeros_like(alpha)
    sharp, soft = float(np.median(inside)), float(np.median(outside))
    if sharp < _SHARPER * soft:
        return np.zeros_like(alpha)
    like = (fine - soft) / (sharp - soft)
    found = np.clip((like - 0.3) / 0.25, 0, 1) * np.clip(2 - 2 * away / reach_px, 0, 1)
    found = np.where(away > 0, found, np.clip((like - 0.5) / 0.25, 0, 1) * (alpha > 0.02))
    fringe = cv2.GaussianBlur(found.astype(np.float32), (0, 0), max(reach_px / 10, 0.5))
    return np.asarray(np.clip((fringe - 0.02) / 0.98, 0, 1), np.float32)


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
    trust = np.clip((cover - 0.1) / 0.6, 0, 1)
    subject = np.clip(solved * trust + solid * (1 - trust), 0, 1)
    left = picture - cover * subject
    background = np.where(cover < 1, np.clip(left / np.maximum(1 - cover, 1 / 255), 0, 1), behind)
    weight = np.clip((1 - cover) * 4, 0, 1)
    background = background * weight + behind * (1 - weight)
    again = np.clip((picture - (1 - cover) * background) / np.maximum(cover, 1 / 255), 0, 1)
    return again.astype(np.float32), background.astype(np.float32)
