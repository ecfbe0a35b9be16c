"""How far away the parts of a photograph are, as a guess: from where its subject stands, its ground, its sky, its focus.

What is known of perspective makes it more than a ramp: on level ground the inverse of the distance grows linearly with the
rows below the horizon and is zero at it (Hoiem et al., "Putting Objects in Perspective", IJCV 80, 2008, equation 3), and a
thing that stands on the ground is as far away as the row of its foot.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from firstframe.core.media import Rgb8
from firstframe.imaging.saliency import Floats, lab_of
from firstframe.imaging.subject import Mask, shrunk_with_detail

_HORIZON = 0.42
"""Where the horizon is taken to be, as a share of the height, when nothing tells it."""
_HORIZONS = 0.18, 0.72
"""Where a horizon that is told may be."""
_PLAIN = 3.0
"""Gradient, in Lab per pixel, below which a place at the top counts as sky or wall."""
_SKY_COLOURS = 14.0
"""Distance in Lab from the colours above within which it goes on."""
_SKY = 0.1
"""Share of the columns' height that has to be plain for a sky to be there."""
_FOCUSED = 1.15, 2.2
"""Detail of the subject over that of its surroundings: nothing told, and surely nearer."""
_FARTHEST = 0.08
"""Inverse depth of what is behind everything, against 1 at the subject."""
_NEAREST = 2.0
"""Most inverse depth of the ground before the subject, against 1 at the subject."""
_BEHIND = 0.3, 0.75
"""Inverse depth of a background that moves as one: less would tear it from the ground that the subject stands on."""


@dataclass(frozen=True, slots=True, eq=False)
class DepthGuess:
    """Inverse depth of a photograph."""

    background: Floats
    """Of all but the subject, shape (h, w) of any size, 1 at the subject's distance."""
    confidence: float
    """0 to 1."""
    horizon: float
    """As a share of the height."""

    behind: float
    """Inverse depth that stands for the background as one layer."""


def guess_depth(picture: Rgb8, cover: Floats) -> DepthGuess:
    """Guesses the depth of a photograph around its subject.

    Args:
        picture: Shape (h, w, 3).
        cover: How much of each place is the subject, 0 to 1, over the whole picture, of any size; zeros for no subject.
    """
    small, detail = shrunk_with_detail(picture)
    height, width = small.shape[:2]
    own = np.asarray(cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA), np.float32) > 0.5
    sky = _sky(lab_of(small), own)
    horizon, told = _horizon(sky, own)
    foot, stands = _foot(own, horizon)
    focused = _focus(detail, own)
    ground = _ground(height, horizon, foot)
    soft = 1 - 0.5 * _ramp(focused, *_FOCUSED)  # what is out of focus behind a subject in focus is farther still
    background = np.where(ground > 1, ground, np.maximum(ground * soft, _FARTHEST))
    background = np.broadcast_to(background[:, None], (height, width)).copy()
    background[sky] = np.minimum(background[sky], _FARTHEST)
    smooth = np.asarray(cv2.GaussianBlur(background.astype(np.float32), (0, 0), max(height, width) / 80), np.float32)
    signs = 0.3 + 0.25 * told + 0.25 * stands + 0.2 * _ramp(focused, *_FOCUSED)
    return DepthGuess(smooth, signs if own.any() else 0.5 * signs, horizon, _behind(smooth, own))


def _behind(background: Floats, own: Mask) -> float:
    """The mean beside the subject, or of everything where there is none."""
    beside = _around(own) if own.any() else ~own
    values = np.minimum(background[beside], 1)
    return float(np.clip(values.mean() if values.size else 0, *_BEHIND))


def _sky(lab: Floats, own: Mask) -> Mask:
    """What is plain from the upper edge on, with colours that change slowly: a sky, or a wall far behind."""
    soft = cv2.GaussianBlur(lab, (0, 0), 1.2)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    slope = np.sqrt((across**2 + down**2).sum(axis=2)) / 8
    above = np.cumsum(soft, axis=0) / np.arange(1, len(soft) + 1, dtype=np.float32)[:, None, None]
    plain = (slope < _PLAIN) & (np.linalg.norm(soft - above, axis=2) < _SKY_COLOURS) & ~own
    return np.asarray(np.logical_and.accumulate(plain, axis=0), np.bool_)


def _horizon(sky: Mask, own: Mask) -> tuple[float, float]:
    """Where the ground ends, as a share of the height, and how far that is told, 0 to 1."""
    free = ~own.any(axis=0)
    depth = sky.sum(axis=0)[free] / sky.shape[0]
    if depth.size < 0.15 * sky.shape[1] or float(np.median(depth)) < _SKY:
        return _HORIZON, 0.0
    place = float(np.quantile(depth, 0.75))
    level = 1 - _ramp(float(np.quantile(depth, 0.9) - np.quantile(depth, 0.5)), 0.05, 0.3)
    inside = _HORIZONS[0] < place < _HORIZONS[1]
    return float(np.clip(place, *_HORIZONS)), level if inside else 0.3 * level


def _foot(own: Mask, horizon: float) -> tuple[float, float]:
    """The row, as a share of the height, on which the subject stands, and how far that is told, 0 to 1."""
    rows = np.flatnonzero(own.any(axis=1))
    if not rows.size:
        return 0.5 * (1 + horizon), 0.0
    foot = float(rows[-1] + 1) / own.shape[0]
    if foot <= horizon + 0.05:  # it hangs or flies
        return 0.5 * (1 + horizon), 0.0
    cut = own[-1].mean() > 0.02  # its foot is below the picture
    return foot, 0.4 if cut else 1.0


def _ground(height: int, horizon: float, foot: float) -> Floats:
    """Inverse depth of level ground by row, 1 at the foot; what rises behind it is no nearer than where it begins."""
    rows = (np.arange(height, dtype=np.float32) + 0.5) / height
    level = np.clip((rows - horizon) / max(foot - horizon, 0.05), 0, _NEAREST)
    return np.asarray(np.where(level > 1, level, np.minimum(level, 1)), np.float32)


def _focus(detail: Floats, own: Mask) -> float:
    """Detail of the subject over that of what surrounds it; 1 where one of the two is missing."""
    around = _around(own)
    if not own.any() or not around.any():
        return 1.0
    return float(np.median(detail[own]) / max(float(np.median(detail[around])), 1e-3))


def _around(own: Mask) -> Mask:
    """What surrounds the subject."""
    reach = 2 * max(round(0.12 * max(own.shape)), 1) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    around: Mask = (cv2.dilate(own.astype(np.uint8), disc) > 0) & ~own
    return around


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
