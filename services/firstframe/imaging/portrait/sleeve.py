"""What of a figure is an arm: as much beside its bones towards the body as there is away from it.

Away from the body an arm ends where the figure does, which is seen all along. Towards the body it may lie against it; there it
is taken to be as wide as elsewhere, so that the seam is a smooth line whatever colour sleeve and shirt have.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

HAND = 0.45
"""Length of a hand, in lengths of the forearm."""
_PLACES = 32
"""Along a bone, at which the arm's width is looked at."""
_WIDEST = 0.26
"""Half of an arm's width at most, in widths of the shoulders."""
_LEAST_FREE = 6
"""Places at which an arm has to stand off the body for its width to be known."""
_GROWS = (0.75, 1.4)
"""Bounds of its width where it lies against the body, over its mean elsewhere."""
_SEAM_PX = 1.5
_INTO_THE_GAP_PX = 2.5
"""How far an arm's pixels go on where it stands off the body: the soft edge of its outline."""
_SLIVER = 0.4
"""Half of the thickness that an upper arm's pixels have at least, in its own."""
_EDGE_PX = 5
"""Across the soft edge of an outline."""
_TIP = 0.5
"""How fast its round end closes: fingers are longer than they are wide."""
_FOLDS = 1.6
"""Away from the body it has more than its own width: a wide sleeve's folds as well."""

_FOLDS_FROM = 0.4
"""That far down, in lengths of the bone: above is the shoulder's own outline."""

Joints = Mapping[str, Points]


def centred(cover: Floats, joints: Joints) -> dict[str, Points]:
    """Joints with those of the arms in the middle of what is seen of each arm.

    Args:
        cover: Of the figure at rest, 0 to 1, shape (h, w).
        joints: x and y in pixels, as a network found them.
    """
    found = {name: np.asarray(place, np.float64) for name, place in joints.items()}
    for side in ("left", "right"):
        upper, fore = _limbs(cover, joints, side)
        found[f"{side}_shoulder"] = found[f"{side}_shoulder"] + upper.off_centre(0)
        middle = (upper.off_centre(-1) + fore.off_centre(0)) / 2
        found[f"{side}_elbow"] = found[f"{side}_elbow"] + middle
        found[f"{side}_wrist"] = found[f"{side}_wrist"] + fore.off_centre(round(_PLACES / (1 + HAND)))
    return found


class Sleeve:
    """An arm of a figure at rest.

    Args:
        cover: Of the figure, 0 to 1, shape (h, w).
        joints: Its joints, in the middle of its arms.
        side: `left` or `right` in the picture.
    """

    def __init__(self, cover: Floats, joints: Joints, side: str) -> None:
        upper, fore = _limbs(cover, joints, side)
        self.joint: Points = upper.start
        """Of the shoulder."""
        self.armpit: Points = upper.armpit
        """Where the arm parts from the body."""
        self.turn = 1.0 if side == "left" else -1.0
        """Of a turn outwards: 1 is clockwise in the picture."""
        y, x = np.mgrid[0 : cover.shape[0], 0 : cover.shape[1]].astype(np.float32)
        self.cover: Floats = np.maximum(_without_slivers(upper, cover, x, y), fore.inside(x, y))
        """How much of each pixel is the arm's, 0 to 1, shape (h, w)."""
        away = np.hypot(x - np.float32(upper.start[0]), y - np.float32(upper.start[1]))
        inwards = np.maximum(np.float32(upper.half_px[0]) - away, -upper.along(x, y))
        self.shoulder: Floats = np.clip(inwards / _SEAM_PX + 0.5, 0, 1).astype(np.float32)
        """A disc about the shoulder's joint, and what is inwards of it, which arm and body both have: the disc turns about its
        middle and the rest stays where it is, so that no gap opens and nothing of the arm stays behind."""


class _Limb:
    """A bone with what is beside it; `turn` is 1 where away from the body is to the right of its way, else -1."""

    def __init__(self, cover: Floats, start: Points, end: Points, most: float, turn: float) -> None:
        self.start, self._length = start, max(float(np.hypot(*(end - start))), 1.0)
        self._along = (end - start) / self._length
        self._out = turn * np.array([-self._along[1], self._along[0]])
        (self._out_px, _), (within, gap) = (self._reach(cover, way, most) for way in (1.0, -1.0))
        self._free = (within < most) & (self._out_px < most) & (np.minimum(within, self._out_px) > 0)
        onwards = self._onwards(within, most)
        self.half_px = np.where(self._free, np.minimum((within + self._out_px) / 2, 1.15 * onwards), onwards)
        # A hand ends in a point, and all of it is the arm's.
        more = np.maximum(onwards - self.half_px, _INTO_THE_GAP_PX)
        self._into_px = np.where(self._free, np.minimum(gap / 2, more), 0)

    @property
    def armpit(self) -> Points:
        """Where it begins to stand off the body, on the side of the body."""
        place = int(np.argmax(self._free)) if self._free.any() else _PLACES // 2
        along = place / (_PLACES - 1) * self._length
        return np.asarray(self.start + along * self._along - self.half_px[place] * self._out, np.float64)

    def off_centre(self, place: int) -> Points:
        """From a place of the bone to the middle of what is seen there."""
        return np.asarray(self._out * (self._out_px[place] - self.half_px[place]), np.float64)

    def along(self, x: Floats, y: Floats) -> Floats:
        """How far along the bone places are, pixels."""
        off_x, off_y = x - np.float32(self.start[0]), y - np.float32(self.start[1])
        return np.asarray(off_x * np.float32(self._along[0]) + off_y * np.float32(self._along[1]), np.float32)

    def inside(self, x: Floats, y: Floats) -> Floats:
        """How much of each pixel it has, 0 to 1; its ends are round."""
        off_x, off_y = x - np.float32(self.start[0]), y - np.float32(self.start[1])
        along = self.along(x, y)
        beside = off_x * np.float32(self._out[0]) + off_y * np.float32(self._out[1])
        beyond = np.maximum(np.maximum(-along, _TIP * (along - np.float32(self._length))), 0)
        at = (np.clip(along / np.float32(self._length), 0, 1) * np.float32(_PLACES - 1)).reshape(-1)
        towards = np.interp(at, range(_PLACES), self.half_px + self._into_px).reshape(x.shape)
        folds = 1 + (_FOLDS - 1) * np.clip(along / np.float32(_FOLDS_FROM * self._length), 0, 1)
        outwards = folds * np.interp(at, range(_PLACES), self.half_px).reshape(x.shape)
        half = np.where(beside < 0, towards, outwards)
        return np.asarray(np.clip((half - np.hypot(beside, beyond)) / _SEAM_PX + 0.5, 0, 1), np.float32)

    def _onwards(self, within: Points, most: float) -> Points:
        """Half of the width that each place has by the others, where the limb stands off the body."""
        seen = (within + self._out_px) / 2
        if self._free.sum() < _LEAST_FREE:
            return np.minimum(self._out_px, most)
        places = np.arange(_PLACES)
        slope, level = np.polyfit(places[self._free], seen[self._free], 1)
        mean = float(seen[self._free].mean())
        return np.asarray(np.clip(slope * places + level, _GROWS[0] * mean, _GROWS[1] * mean), np.float64)

    def _reach(self, cover: Floats, way: float, most: float) -> tuple[Points, Points]:
        """How far the figure goes on beside each place of the bone, and then how far it is not there, pixels.

        The first is 0 where the bone itself is outside of it, and `most` where it does not end before.
        """
        steps = np.arange(0.0, most + 2 * _INTO_THE_GAP_PX, 0.5)
        middles = self.start + np.linspace(0, 1, _PLACES)[:, None] * self._length * self._along
        at = (middles[:, None] + way * steps[None, :, None] * self._out).astype(np.float32)
        found = cv2.remap(cover, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        gone = found < 0.5
        ends = np.where(gone.any(1), steps[gone.argmax(1)], most)
        again = (steps[None] > ends[:, None]) & ~gone
        gap = np.where(again.any(1), steps[again.argmax(1)] - ends, most)
        return np.minimum(ends, most), gap


def _without_slivers(upper: _Limb, cover: Floats, x: Floats, y: Floats) -> Floats:
    """An upper arm without the edge of the body that its outline takes along where the two have just parted."""
    side = 2 * round(_SLIVER * float(upper.half_px.mean())) + 1
    ball = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    inside = upper.inside(x, y)
    thick = cv2.morphologyEx(np.where(cover > 0.5, inside, np.float32(0)), cv2.MORPH_OPEN, ball)
    # With the soft edge of its outline.
    wide = np.minimum(inside, cv2.dilate(thick, np.ones((_EDGE_PX, _EDGE_PX), np.uint8)))
    return np.asarray(np.where(cover > 0.5, np.minimum(inside, thick), wide), np.float32)


def _limbs(cover: Floats, joints: Joints, side: str) -> tuple[_Limb, _Limb]:
    """Upper arm, and forearm with its hand."""
    shoulder, elbow, wrist = (
        np.asarray(joints[f"{side}_{name}"], np.float64) for name in ("shoulder", "elbow", "wrist")
    )
    across = np.asarray(joints["right_shoulder"]) - np.asarray(joints["left_shoulder"])
    most, turn = _WIDEST * float(np.hypot(*across)), 1.0 if side == "left" else -1.0
    hand = wrist + HAND * (wrist - elbow)
    return _Limb(cover, shoulder, elbow, most, turn), _Limb(cover, elbow, hand, most, turn)
