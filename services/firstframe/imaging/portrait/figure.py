"""A whole figure that moves its limbs: a cut-out bent along its bones, its feet where they stand.

Each pixel of a frame is looked up: the bones in their new places say, each by its nearness, where it was (linear blend
skinning, run backwards, which leaves no holes). Arms are cut from the body first, so that one does not drag the other along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgba8
from firstframe.imaging.portrait.armpit import Armpit, with_stray
from firstframe.imaging.portrait.sleeve import HAND, Sleeve, centred

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

LANDMARKS = "pose-landmarks"
SIDE_PX = 256
OWN = 128
"""Alpha from which a pixel is the figure's."""
_REACH = 1.25
"""Side of the square that the network is shown, in heights of the figure."""
_GRID_PX = 4
_SHARP = 4
"""Power of the nearness: a higher one lets a pixel follow its nearest bone alone."""
_JOINTS = {
    "left_shoulder": 12, "right_shoulder": 11, "left_elbow": 14, "right_elbow": 13, "left_wrist": 16, "right_wrist": 15,
    "left_hip": 24, "right_hip": 23, "left_knee": 26, "right_knee": 25, "left_ankle": 28, "right_ankle": 27, "nose": 0,
}  # fmt: skip
"""Joints by the side of the picture that they are at, and their numbers among the network's points."""
NEEDED = (
    "left_shoulder",
    "right_shoulder",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """Where a figure's joints are."""

    joints: Mapping[str, Points]
    """x and y, pixels of the layer."""
    seen: Mapping[str, float]
    """How surely each is seen, 0 to 1."""
    score: float
    """How surely there is a person, 0 to 1."""

    @property
    def leg(self) -> float:
        """Length of a leg, pixels."""
        return float(np.hypot(*(self.joints["left_ankle"] - self.joints["left_hip"])))


@dataclass(frozen=True, slots=True)
class Stance:
    """How far a figure has moved from its photograph."""

    shift: float = 0.0
    """Of the hips to the picture's right, in lengths of a leg."""
    dip: float = 0.0
    """Of the hips downwards, in lengths of a leg."""
    torso: float = 0.0
    """Lean of the body, degrees clockwise."""
    head: float = 0.0
    """Of the head against the body, degrees clockwise."""
    left_arm: float = 0.0
    """Of the arm at the picture's left, outwards, degrees."""
    left_fore: float = 0.0
    """Of its forearm against the upper arm, outwards, degrees."""
    right_arm: float = 0.0
    right_fore: float = 0.0

    def scaled(self, factor: float) -> Stance:
        """The same with less of everything."""
        return Stance(*(factor * getattr(self, name) for name in self.__dataclass_fields__))


def network_input(layer: Rgba8) -> tuple[Floats, Points]:
    """What the network is shown of a figure, shape (1, 256, 256, 3), and the way from the layer to it, shape (2, 3).

    Args:
        layer: Shape (h, w, 4); the figure's somewhere.
    """
    rows, columns = (np.flatnonzero((layer[..., 3] >= OWN).any(axis=axis)) for axis in (1, 0))
    high = _REACH * max(rows[-1] - rows[0], columns[-1] - columns[0])
    scale = SIDE_PX / max(float(high), 1.0)
    middle = np.array([columns[0] + columns[-1], rows[0] + rows[-1]]) / 2
    way = np.column_stack([np.eye(2) * scale, SIDE_PX / 2 - scale * middle])
    shown = layer[..., :3] * (layer[..., 3:] / np.float32(255)) + 128 * (1 - layer[..., 3:] / np.float32(255))
    soft = cv2.GaussianBlur(shown, (0, 0), 0.45 / scale) if scale < 0.7 else shown
    square = cv2.warpAffine(soft, way, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR, borderValue=(128, 128, 128))
    return np.asarray(square[None] / 255, np.float32), way


def skeleton_of(answer: Mapping[str, NDArray[Any]], way: Points) -> Skeleton:
    """The skeleton in the network's answer."""
    points = answer["Identity"].reshape(39, 5).astype(np.float64)
    placed = (points[:, :2] - way[:, 2]) / way[0, 0]
    seen = 1 / (1 + np.exp(-np.clip(np.minimum(points[:, 3], points[:, 4]), -60, 60)))
    return Skeleton(
        {name: placed[index] for name, index in _JOINTS.items()},
        {name: float(seen[index]) for name, index in _JOINTS.items()},
        float(answer["Identity_1"].reshape(-1)[0]),
    )


class Figure:
    """A cut-out figure.

    Args:
        layer: Shape (h, w, 4).
        skeleton: Its joints.
    """

    def __init__(self, layer: Rgba8, skeleton: Skeleton) -> None:
        cover = layer[..., 3].astype(np.float32) / np.float32(255)
        colour = layer[..., :3].astype(np.float32)
        self.skeleton = replace(skeleton, joints=centred(cover, skeleton.joints))
        sleeves = {side: Sleeve(cover, self.skeleton.joints, side) for side in _SIDES}
        arms = with_stray(cover, {side: sleeve.cover for side, sleeve in sleeves.items()})
        away = np.maximum.reduce([np.minimum(arms[side], 1 - sleeves[side].shoulder) for side in _SIDES])
        # Along the seam both are there, so that nothing shows through it.
        body = np.asarray(cover * np.clip(2 * (1 - away), 0, 1), np.float32)
        self._armpits = {side: Armpit(cover, sleeve) for side, sleeve in sleeves.items()}
        self._behind = {side: _whole(colour, armpit.cover) for side, armpit in self._armpits.items()}
        self._parts: list[tuple[Floats, tuple[str, ...]]] = [(_whole(colour, body), ("torso", "head", *_LEGS))]
        for side, arm in arms.items():
            self._parts.append((_whole(colour, cover * arm), (f"{side}_upper", f"{side}_fore")))
        self.area = float(cover.sum())

    def posed(self, stance: Stance) -> Floats:
        """The layer in a stance: colour times cover, then cover, levels of 255; shape (h, w, 4)."""
        rest, posed = bones(self.skeleton, Stance()), bones(self.skeleton, stance)
        out = np.zeros_like(self._parts[0][0])
        shape = out.shape[:2]
        leaning = _sources(shape, [rest["torso"]], [posed["torso"]])
        for side, part in self._behind.items():
            box = self._armpits[side].box(posed[f"{side}_upper"][0])
            if not out[box].size:  # beyond the layer's edge
                continue
            at = self._armpits[side].sources(leaning[box], getattr(stance, f"{side}_arm"))
            out[box] = _over(part, at, out[box])
        for part, names in self._parts:
            at = _sources(shape, [rest[name] for name in names], [posed[name] for name in names])
            out = _over(part, at, out)
        return out


def _over(part: Floats, at: Floats, out: Floats) -> Floats:
    """A part of the figure, each of its pixels looked up at a place, over what is there."""
    moved = cv2.remap(part, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    shown = np.asarray(np.clip(moved, 0, np.clip(moved[..., 3:], 0, 255)), np.float32)
    return np.asarray(shown + out * (1 - shown[..., 3:] / np.float32(255)), np.float32)


_SIDES = ("left", "right")
_LEGS = ("left_thigh", "left_shin", "left_foot", "right_thigh", "right_shin", "right_foot")
_FOOT = 0.14
"""Height of a foot below the ankle, in lengths of a leg: it stands, whatever its leg does."""
Bone = tuple[Points, Points]
"""Its two ends."""


def bones(skeleton: Skeleton, stance: Stance) -> dict[str, Bone]:
    """The bones of a figure in a stance: the hips move, the body leans over them, feet stay where they stand."""
    at = {name: np.asarray(place, np.float64) for name, place in skeleton.joints.items()}
    moved = np.array([stance.shift, stance.dip]) * skeleton.leg
    hip, neck = (at["left_hip"] + at["right_hip"]) / 2, (at["left_shoulder"] + at["right_shoulder"]) / 2
    crown = neck + 1.9 * (at["nose"] - neck)

    def leaning(place: Points) -> Points:
        return hip + moved + _turned(place - hip, stance.torso)

    found: dict[str, Bone] = {"torso": (hip + moved, leaning(neck))}
    found["head"] = (leaning(neck), leaning(neck) + _turned(crown - neck, stance.torso + stance.head))
    for side, sign in (("left", 1), ("right", -1)):
        arm, fore = sign * getattr(stance, f"{side}_arm"), sign * getattr(stance, f"{side}_fore")
        shoulder, elbow, wrist = (at[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
        hand = wrist + HAND * (wrist - elbow)
        bend = leaning(shoulder) + _turned(elbow - shoulder, stance.torso + arm)
        found[f"{side}_upper"] = leaning(shoulder), bend
        found[f"{side}_fore"] = bend, bend + _turned(hand - elbow, stance.torso + arm + fore)
        out = np.array([-sign * 0.5 * max(stance.dip, 0.0) * skeleton.leg, 0.0])
        knee = at[f"{side}_knee"] + 0.55 * moved + out
        found[f"{side}_thigh"] = at[f"{side}_hip"] + moved, knee
        found[f"{side}_shin"] = knee, at[f"{side}_ankle"]
        found[f"{side}_foot"] = at[f"{side}_ankle"], at[f"{side}_ankle"] + np.array([0.0, _FOOT * skeleton.leg])
    return found


def stretch(skeleton: Skeleton, stance: Stance) -> float:
    """By how much the bone that changes most is longer or shorter than in the photograph."""
    rest, posed = bones(skeleton, Stance()), bones(skeleton, stance)
    lengths = [
        (np.hypot(*(b - a)), np.hypot(*(d - c))) for (a, b), (c, d) in ((rest[name], posed[name]) for name in rest)
    ]
    return float(max(abs(new / max(old, 1e-6) - 1) for old, new in lengths))


def _turned(vector: Points, degrees: float) -> Points:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])


def _grid(small: tuple[int, int]) -> Points:
    rows, columns = np.mgrid[0 : small[0], 0 : small[1]].astype(np.float64)
    return np.stack([(columns + 0.5) * _GRID_PX - 0.5, (rows + 0.5) * _GRID_PX - 0.5], -1)


def _distance(grid: Points, bone: Bone) -> Points:
    """From every place to the bone."""
    start, along = bone[0], bone[1] - bone[0]
    share = np.clip(((grid - start) @ along) / max(float(along @ along), 1e-6), 0, 1)
    return np.asarray(np.hypot(*np.moveaxis(grid - start - share[..., None] * along, -1, 0)))


def _sources(shape: tuple[int, ...], rest: list[Bone], posed: list[Bone]) -> Floats:
    """Which place of the photograph every pixel shows, shape (h, w, 2)."""
    small = -(-shape[0] // _GRID_PX), -(-shape[1] // _GRID_PX)
    grid = _grid(small)
    total, weights = np.zeros_like(grid), np.zeros(small)
    for old, new in zip(rest, posed, strict=True):
        nearness = 1 / (1 + _distance(grid, new)) ** _SHARP
        total += nearness[..., None] * _back(grid, new, old)
        weights += nearness
    small_map = (total / weights[..., None]).astype(np.float32)
    full = cv2.resize(small_map - grid.astype(np.float32), (small[1] * _GRID_PX, small[0] * _GRID_PX))
    at_y, at_x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return np.asarray(np.dstack([at_x, at_y]) + full[: shape[0], : shape[1]], np.float32)


def _back(grid: Points, new: Bone, old: Bone) -> Points:
    """Places beside a bone where it was: turned, and stretched along it by as much as it is."""
    along_new, along_old = new[1] - new[0], old[1] - old[0]
    long_new, long_old = max(float(np.hypot(*along_new)), 1e-6), max(float(np.hypot(*along_old)), 1e-6)
    unit_new, unit_old = along_new / long_new, along_old / long_old
    off = grid - new[0]
    length, beside = off @ unit_new, off @ np.array([-unit_new[1], unit_new[0]])
    inside = np.clip(length, 0, long_new)
    # Beyond its ends a bone is not stretched: a foot keeps its size.
    length = inside * long_old / long_new + (length - inside)
    return np.asarray(old[0] + length[..., None] * unit_old + beside[..., None] * np.array([-unit_old[1], unit_old[0]]))


def _whole(colour: Floats, cover: Floats) -> Floats:
    return np.asarray(np.dstack([colour * cover[..., None], cover * 255]), np.float32)
