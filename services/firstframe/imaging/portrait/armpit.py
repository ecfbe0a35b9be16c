"""The cloth between an arm and the body: fans out about the shoulder when the arm rises, so that nothing opens between the two.

An arm that is cut from the body and turned leaves a wedge between them, from the armpit up to the shoulder's joint. What is
about the seam is drawn behind both of them once more, turned the farther the nearer it is to the arm.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.portrait.sleeve import Sleeve

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

_FAN_DEG = 38.0
"""To either side of the seam, what fans out."""
_SECTOR_DEG = 80.0
"""To either side of the seam, what is drawn."""
_FADE_DEG = 12.0
_WHOLE = 0.8
"""Of a pixel, from which nothing is seen of what is left of it."""
_REACH, _UNDER = 0.92, 0.22
"""How far out it goes, in the armpit's distance from the joint, and how much farther on the side of the body."""


class Armpit:
    """What lies about the seam of one arm.

    Args:
        cover: Of the figure at rest, 0 to 1, shape (h, w).
        sleeve: The arm.
    """

    def __init__(self, cover: Floats, sleeve: Sleeve) -> None:
        self._joint = sleeve.joint
        seam = sleeve.armpit - sleeve.joint
        self._reach = float(np.hypot(*seam))
        self._seam, self._turn = seam / max(self._reach, 1e-6), sleeve.turn
        y, x = np.mgrid[0 : cover.shape[0], 0 : cover.shape[1]].astype(np.float32)
        angle, away = self._polar(x, y)
        # Farther on the side of the body, under whose edge it lies.
        reach = self._reach * (_REACH + _UNDER * np.clip((-angle - 3) / 20, 0, 1))
        inside = np.clip((reach - away) / 1.5 + 0.5, 0, 1)
        self.cover: Floats = np.asarray(
            cover * inside * np.clip((_SECTOR_DEG - np.abs(angle)) / _FADE_DEG, 0, 1), np.float32
        )
        """How much of each pixel it has, 0 to 1, shape (h, w)."""

    def box(self, joint: Points) -> tuple[slice, slice]:
        """Rows and columns in which it is seen once the joint has come to a place."""
        far = (_REACH + _UNDER) * self._reach + 3
        (left, right), (top, bottom) = ((max(int(at - far), 0), max(int(at + far) + 2, 0)) for at in joint)
        return slice(top, bottom), slice(left, right)

    def sources(self, rest: Floats, arm_deg: float) -> Floats:
        """Where what is shown at places was before the arm rose, shape (h, w, 2).

        Args:
            rest: The places, carried back by the motion of the body, shape (h, w, 2).
            arm_deg: By how much the arm turned outwards against the body.
        """
        angle, away = self._polar(rest[..., 0], rest[..., 1])
        before = np.linspace(-180, 180, 361)
        share = np.clip((before + _FAN_DEG) / (2 * _FAN_DEG), 0, 1)
        after = np.maximum.accumulate(before + arm_deg * share * share * (3 - 2 * share))
        turned = np.radians(np.interp(angle, after, before))
        cos, sin = away * np.cos(turned), away * np.sin(turned)
        across = self._turn * np.array([-self._seam[1], self._seam[0]])
        places = [self._joint[at] + cos * self._seam[at] + sin * across[at] for at in (0, 1)]
        return np.asarray(np.stack(places, -1), np.float32)

    def _polar(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Angle from the seam towards the arm, degrees, and distance from the joint, pixels."""
        off_x, off_y = x - np.float32(self._joint[0]), y - np.float32(self._joint[1])
        along = off_x * np.float32(self._seam[0]) + off_y * np.float32(self._seam[1])
        across = np.float32(self._turn) * (off_y * np.float32(self._seam[0]) - off_x * np.float32(self._seam[1]))
        return np.degrees(np.arctan2(across, along)), np.hypot(off_x, off_y)


def with_stray(cover: Floats, arms: Mapping[str, Floats]) -> dict[str, Floats]:
    """Arms with what would be left of them: pieces of the figure that hang on nothing else, as fingers do.

    Args:
        cover: Of the figure, 0 to 1, shape (h, w).
        arms: How much of each pixel each arm has, 0 to 1.
    """
    left = (cover > 0.5) & (np.maximum.reduce(list(arms.values())) < _WHOLE)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(left.astype(np.uint8), connectivity=4)
    found = {side: arm.copy() for side, arm in arms.items()}
    if count < 3:
        return found
    body = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    for piece in set(range(1, count)) - {body}:
        mask = cv2.dilate((pieces == piece).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        side = max(arms, key=lambda name: float(arms[name][mask].sum()))
        if arms[side][mask].max() > 0.5:
            found[side][mask & (pieces != body)] = 1
    return found
