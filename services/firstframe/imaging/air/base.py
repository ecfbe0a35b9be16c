"""What every atmosphere is, and what it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelSize, Rgb8, Rgba8
from firstframe.core.motion import FlickerLight
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.camera import Pose
from firstframe.imaging.warp import Plate

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Rgb16 = NDArray[np.uint16]

FADE_IN_S = 0.6
"""Seconds until all of it is there."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame."""

    time_s: float
    """Since the first frame."""
    share: float
    """Of the clip, 0 to 1."""
    presence: float
    """How much of an atmosphere is there: 0 at the first frame, soon 1; 0 again at the end of a clip that repeats."""
    pose: Pose
    """Where the camera is."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an atmosphere is, and how it is to be."""

    hero: Rgb8
    focal_px: float
    subject_m: float
    depths_m: tuple[float, ...]
    """Distance of every layer, from far to near."""
    surfaces: tuple[Floats, ...]
    """Where each layer's points are, metres from the camera to the right, down and forwards; see `surfaces.py`."""
    frame_rate: float
    duration_s: float
    """Seconds after which the first frame would come again."""
    repeats: bool
    """Whether it does."""
    seed: int
    amount: float
    """0 to 1."""
    direction_deg: float | None
    """0 to the right, 90 upwards; None for its own way."""
    regions: tuple[Floats, ...] | None
    """What it is bound to in each layer, 0 to 1, shape of the layer's picture; None for the whole."""
    within: Floats | None = None
    """The same as the hero shows it, shape (height, width)."""
    light: FlickerLight = FlickerLight.FLAME
    """What flickers, where something does."""

    @property
    def size(self) -> PixelSize:
        """Of the frames."""
        return PixelSize(self.hero.shape[1], self.hero.shape[0])

    def random(self, stream: int) -> np.random.Generator:
        """A source of random numbers of its own."""
        return np.random.default_rng([self.seed, stream])

    def way(self, otherwise_deg: float) -> tuple[float, float]:
        """Unit vector in the frame, to the right and down."""
        angle = np.deg2rad(otherwise_deg if self.direction_deg is None else self.direction_deg)
        return float(np.cos(angle)), float(-np.sin(angle))


@dataclass(slots=True, eq=False)
class Sheet:
    """A layer's picture, or a part of it."""

    layer: int
    """Index of the layer that it belongs to."""
    rgba: Rgba8
    """Straight alpha, shape of the layer's picture."""
    plate: Plate | None = None
    """The picture made ready; there from the first `Medium.move` on, unless nothing can be seen of it."""


class Medium:
    """An atmosphere, ready for one clip; every kind overrides what it takes part in."""

    needs_cover = False
    """Whether `over` asks for what is seen of each layer."""

    def cut(self, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
        """Takes hold of the layers' pictures, once, before the first frame; may put several in the place of one."""
        return sheets

    def move(self, moment: Moment) -> None:
        """Moves the layers' own pictures to where they are at a moment."""

    def between(self, out: Rgb16, moment: Moment, nearest_m: float, farthest_m: float) -> None:
        """Draws what is between two distances, the nearer one exclusive, on a frame of shape (height, at least 3 · width)."""

    def over(self, out: Rgb16, moment: Moment, cover: Cover) -> None:
        """Throws light on a finished frame of that shape, or veils it."""


def smoothstep(share: float) -> float:
    """From 0 to 1, at rest at both ends."""
    inside = min(max(share, 0.0), 1.0)
    return inside * inside * (3 - 2 * inside)


def smooth(share: Floats) -> Floats:
    """`smoothstep` of every value."""
    inside = np.clip(share, 0, 1)
    curved: Floats = inside * inside * (3 - 2 * inside)
    return curved


def presence(time_s: float, duration_s: float, *, repeats: bool) -> float:
    """How much of an atmosphere is there at a moment; see `Moment.presence`."""
    coming = smoothstep(time_s / FADE_IN_S)
    return coming * smoothstep((duration_s - time_s) / FADE_IN_S) if repeats else coming
