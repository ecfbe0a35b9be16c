"""Cues of directed light: modelling on the subject, a rim along its edge, its shadow on the ground."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.preflight.colour import Floats
from firstframe.imaging.preflight.outline import Mask, outline_points, side_colour, size_of

_OWN = 0.95
"""Cover from which a pixel is the subject's own."""
_MATERIALS = 4
_ONE_MATERIAL = 0.1
"""Difference of chroma over lightness up to which two colours are one material in more and in less light."""
_SAMPLES = 20_000
_MIDDLE = 66.0
"""L* + 16 of a grey of L* 50: the same light moves a darker material by fewer steps, in proportion to its L* + 16."""
_RIM = 0.03
"""Width of a rim as a share of the subject's size."""
_RIM_RANK = 85
"""Percentile of the outline at which the rim is read: a rim along a seventh of it counts."""
_FOOT = 0.2
"""Share of the subject's height that is its foot."""
_AROUND = 0.6
"""How far from the foot a shadow is looked for, as a share of the subject's size."""
_SHADOW_STEP = 4.0
"""Steps of L* below the lit ground from which ground counts as shaded."""
_SAME_GROUND = 12.0
"""Difference of a and b up to which darker ground is the same ground in shade."""
_MOST_SHADOW = 0.5
"""Share of the searched ground above which it is dark ground rather than a shadow on it."""
_BEGINS = 0.04
"""How near a shadow begins to what casts it, and how many pixels of it at least, as a share of the subject's size."""
_SHADOW_SHARE = 0.05
"""Share of the searched ground that a full shadow covers; a smaller one counts proportionally less."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """What tells where light comes from; differences are in steps of CIE L*."""

    modelling: float
    """From the shaded side of the subject to the lit one, as a middle grey would show it."""
    from_deg: float
    """Where the light comes from in the picture: 0 right, 90 top, 180 left, 270 below."""
    rim: float
    """How much brighter the subject's edge is than its inside and what is behind."""
    shadow: float
    """How much darker the ground is in the subject's shadow."""
    rim_points: Floats
    """x, y and lift of each point of the outline, shape (n, 3)."""
    shadow_mask: Mask
    """Shape (h, w)."""

    @property
    def total(self) -> float:
        """All cues together, steps of L*."""
        return self.modelling + self.rim + self.shadow


def light_cues(lab: Floats, matte: Floats) -> Light:
    """Measures the cues.

    Modelling is twice the slope of the planes that fit the subject's L* best (least squares) per standard deviation of
    its extent. All materials, told apart by their chroma, have a level each: a white label on a dark bottle is no light.
    They share the light, so that the slope of each goes with its level: black glass in a strong light changes by few steps.

    Args:
        lab: CIE Lab, shape (h, w, 3).
        matte: 0 to 1, shape (h, w).
    """
    right, up = _slope(lab, matte)
    rims = _rims(lab[..., 0], matte)
    shaded, shadow = _shadow(lab, matte)
    return Light(
        modelling=2 * hypot(right, up),
        from_deg=_source(right, up),
        rim=float(np.percentile(rims[:, 2], _RIM_RANK)) if len(rims) else 0.0,
        shadow=shadow,
        rim_points=rims,
        shadow_mask=shaded,
    )


def _source(right: float, up: float) -> float:
    """Where light comes from, degrees.

    Light from below is nearly always what the ground throws back, so it counts only when there is none from the side.
    """
    level = up < 0 and abs(right) > 0.3 * abs(up)
    return degrees(atan2(0.0 if level else up, right)) % 360


def _slope(lab: Floats, matte: Floats) -> tuple[float, float]:
    """Slope of a middle grey's L* to the right and upwards, per standard deviation of the subject's pixels along each axis."""
    y, x = np.nonzero(matte > _OWN)
    step = max(x.size // _SAMPLES, 1)
    y, x = y[::step], x[::step]
    if x.size < _MATERIALS * 4:
        return 0.0, 0.0
    own = lab[y, x].astype(np.float64)
    # a, b and L* + 16 all go with the cube root of the light, so that their ratio stays with the material.
    kind = _materials(np.ascontiguousarray(own[:, 1:] / (own[:, :1] + 16), np.float32))
    level = _means(own[:, 0] + 16, kind) / _MIDDLE
    spread = (at / max(float(at.std()), 1e-6) for at in (x.astype(np.float64), -y.astype(np.float64)))
    design = np.stack([level * _within(values, kind) for values in spread], -1)
    fit = np.linalg.lstsq(design.T @ design, design.T @ _within(own[:, 0], kind), rcond=1e-6)[0]
    return float(fit[0]), float(fit[1])


def _materials(chroma: Floats) -> NDArray[np.int32]:
    """Which of a few materials each pixel is, by its chroma for its lightness."""
    cv2.setRNGSeed(1)  # k-means draws its start from the thread's generator
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.005)
    none: Any = None
    _, kind, centres = cv2.kmeans(chroma, _MATERIALS, none, criteria, 1, cv2.KMEANS_PP_CENTERS)
    apart = np.linalg.norm(np.asarray(centres)[:, None] - np.asarray(centres)[None], axis=-1)
    first = np.argmax(apart < _ONE_MATERIAL, axis=1)
    return np.asarray(first[np.asarray(kind).reshape(-1)], np.int32)


def _within(values: NDArray[np.float64], kind: NDArray[np.int32]) -> NDArray[np.float64]:
    """Values less the mean of their material."""
    return np.asarray(values - _means(values, kind))


def _means(values: NDArray[np.float64], kind: NDArray[np.int32]) -> NDArray[np.float64]:
    """Of each pixel, the mean of its material."""
    count = np.maximum(np.bincount(kind, minlength=_MATERIALS), 1)
    return np.asarray((np.bincount(kind, values, _MATERIALS) / count)[kind])


def _rims(lightness: Floats, matte: Floats) -> Floats:
    """Lift of the subject's edge over its inside and over the background at each point of the outline."""
    width = max(_RIM * size_of(matte), 2.0)
    inside = cv2.distanceTransform((matte > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    bands = (inside > 1) & (inside <= width), (inside > 2 * width) & (inside <= 4 * width), matte < 0.05
    points = outline_points(matte, round(4 * width))
    x, y = points[:, 0], points[:, 1]
    edge, core, behind = (
        side_colour(lightness, band, scale * width)[y, x] for band, scale in zip(bands, (1, 2, 1), strict=True)
    )
    lift = np.maximum(np.minimum(edge - core, edge - behind), 0)
    return np.stack([x, y, lift], -1).astype(np.float32)


def _shadow(lab: Floats, matte: Floats) -> tuple[Mask, float]:
    """Ground around the lower half of the subject that is its neighbour in colour and darker; and how much darker."""
    around = _ground(matte)
    if around.sum() < 64:
        return np.zeros_like(around), 0.0
    soft = np.asarray(cv2.GaussianBlur(lab, (0, 0), max(0.01 * size_of(matte), 0.8)), np.float32)
    lightness = soft[..., 0]
    lit = float(np.percentile(lightness[around], 80))
    ground = np.median(soft[around & (lightness >= lit - _SHADOW_STEP / 2)], axis=0)
    same = np.linalg.norm(soft[..., 1:] - ground[1:] * (lightness / max(lit, 1.0))[..., None], axis=-1) < _SAME_GROUND
    shaded = _cast(around & same & (lightness < lit - _SHADOW_STEP), matte)
    if not shaded.any():
        return shaded, 0.0
    share = float(shaded.sum() / around.sum())
    if share > _MOST_SHADOW:
        return np.zeros_like(shaded), 0.0
    return shaded, float((lit - lightness[shaded]).mean()) * min(share / _SHADOW_SHARE, 1.0)


def _cast(dark: Mask, matte: Floats) -> Mask:
    """The dark parts that begin at the subject."""
    size = size_of(matte)
    near = cv2.distanceTransform((matte < 0.05).astype(np.uint8), cv2.DIST_L2, 5) <= max(_BEGINS * size, 2.0)
    count, labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    begins = np.bincount(labels[dark & near], minlength=count) >= max(_BEGINS * size, 2.0)
    begins[0] = False
    cast: Mask = begins[labels]
    return cast


def _ground(matte: Floats) -> Mask:
    """What lies around the subject's foot, not above it."""
    mask = matte > 0.5
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return np.zeros(matte.shape, np.bool_)
    first = rows[-1] - round(_FOOT * (rows[-1] - rows[0]))
    foot = mask.copy()
    foot[:first] = False
    away = cv2.distanceTransform((~foot).astype(np.uint8), cv2.DIST_L2, 5)
    near: Mask = (away <= max(_AROUND * size_of(matte), 2.0)) & (matte < 0.05)
    near[:first] = False
    return near
