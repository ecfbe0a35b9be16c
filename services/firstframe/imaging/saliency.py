"""Where a photograph draws the eye: colour that is rare, colour that the edges lack, and sharpness."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8

Floats = NDArray[np.float32]

_BINS = 12
"""Bins of each Lab channel's histogram, as in Cheng et al. (see `colour_contrast`)."""
_BORDER_SHARE = 0.04
_BORDER_COLOURS = 5


def saliency(picture: Rgb8, detail: Floats) -> Floats:
    """How much each pixel stands out, 0 to 1, shape (h, w).

    The sum of three maps, each scaled to 0 to 1, times a wide preference for the middle:

    * colour that is far from all other colours of the picture,
    * colour that is not found along the picture's edges (Wei et al., "Geodesic Saliency Using Background Priors",
      ECCV 2012: what lies on the edges is mostly background),
    * sharpness: photographers focus on their subject.

    Args:
        picture: Shape (h, w, 3), a few hundred pixels long; the time is linear in its pixels.
        detail: Its `sharpness`, shape (h, w).
    """
    lab = lab_of(picture)
    blur = max(picture.shape[:2]) / 100
    colour = colour_contrast(lab), border_contrast(lab)
    rare, other = (_scaled(np.asarray(cv2.GaussianBlur(part, (0, 0), blur), np.float32)) for part in colour)
    mixed = 0.25 * rare + 0.25 * other + 0.5 * _scaled(detail)
    return _scaled(mixed * centre_preference(*detail.shape))


def lab_of(picture: Rgb8) -> Floats:
    """CIE Lab of an sRGB picture, shape (h, w, 3): L 0 to 100, a and b about -128 to 127."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    return np.asarray(lab, np.float32)


def rarity(picture: Rgb8) -> Floats:
    """How far each pixel's colour is from all others, 0 to 1, shape (h, w): what the picture has once."""
    return _scaled(colour_contrast(lab_of(picture)))


def colour_contrast(lab: Floats) -> Floats:
    """Distance of each pixel's colour from all other colours, shape (h, w), weighted by how often those occur.

    Source: Cheng et al., "Global Contrast based Salient Region Detection", CVPR 2011, section 3 (histogram contrast).
    """
    index = _quantised(lab)
    used, inverse, counts = np.unique(index, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(-1)
    flat = lab.reshape(-1, 3)
    means = np.stack([np.bincount(inverse, flat[:, i], used.size) for i in range(3)], 1) / counts[:, None]
    distance = np.linalg.norm(means[:, None] - means[None], axis=2)
    contrast = distance @ (counts / counts.sum())
    return np.asarray(contrast[inverse].reshape(lab.shape[:2]), np.float32)


def border_contrast(lab: Floats) -> Floats:
    """Distance of each pixel's colour, shape (h, w), from the nearest of the few that the picture's edges have."""
    height, width = lab.shape[:2]
    rim = max(int(min(height, width) * _BORDER_SHARE), 1)
    inner = np.zeros((height, width), bool)
    inner[rim:-rim, rim:-rim] = True
    edge = np.ascontiguousarray(lab[~inner])
    count = min(_BORDER_COLOURS, len(edge))
    cv2.setRNGSeed(1)  # k-means draws its start from the thread's generator
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, _, centres = cv2.kmeans(edge, count, None, criteria, 2, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    distance = np.linalg.norm(lab[:, :, None] - centres[None, None], axis=3).min(axis=2)
    return np.asarray(np.minimum(distance, 60), np.float32)


def sharpness(picture: Rgb8, size: tuple[int, int]) -> Floats:
    """Fine detail around each pixel: local energy of the Laplacian, its extremes compressed.

    Measured on the picture's own fine scale, where blurred grass has no detail, then pooled.

    Args:
        picture: Shape (h, w, 3), larger than the result.
        size: Width and height of the result.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = np.abs(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 0.8), cv2.CV_32F, ksize=3))
    pooled = cv2.resize(np.sqrt(np.minimum(fine, 40)), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(pooled, (0, 0), max(size) / 120 + 0.3), np.float32)


def centre_preference(height: int, width: int) -> Floats:
    """1 in the middle, falling gently to 0.45 in the corners, shape (h, w)."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    return np.exp(-0.4 * (x * x + y * y)).astype(np.float32)


def _quantised(lab: Floats) -> NDArray[np.int64]:
    low = np.array([0, -80, -80], np.float32)
    step = np.array([100, 160, 160], np.float32) / _BINS
    bins = np.clip((lab - low) / step, 0, _BINS - 1).astype(np.int64)
    quantised: NDArray[np.int64] = (bins[..., 0] * _BINS + bins[..., 1]) * _BINS + bins[..., 2]
    return quantised


def _scaled(values: Floats) -> Floats:
    """Linearly to 0 to 1 between the first and the 99.5th percentile."""
    low, high = np.percentile(values, [1, 99.5])
    scaled: Floats = np.clip((values - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)
    return scaled
