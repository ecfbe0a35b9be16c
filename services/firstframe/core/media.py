"""Media values that cross the border between stages and domain code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

MIN_SIDE_PX = 16
MAX_SIDE_PX = 8192

Rgb8 = NDArray[np.uint8]
"""Picture, shape (height, width, 3), sRGB transfer, 0 to 255."""

Rgba8 = NDArray[np.uint8]
"""Picture with straight alpha, shape (height, width, 4), sRGB transfer, 0 to 255."""

Grey8 = NDArray[np.uint8]
"""Matte or mask, shape (height, width), 0 to 255."""

Levels = NDArray[np.float32]
"""Mask or map, shape (height, width), 0 to 1."""

Grey16 = NDArray[np.uint16]
"""Inverse depth, shape (height, width), 0 at infinity, 65535 at the nearest point."""


@dataclass(frozen=True, slots=True, order=True)
class PixelSize:
    """A size in square pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.width * self.height

    @property
    def ratio(self) -> float:
        """Width over height."""
        return self.width / self.height


def same_shape(one: PixelSize, other: PixelSize) -> bool:
    """Whether two pictures have one ratio, but for a pixel by which a side may have been rounded."""
    longest = max(one.width, one.height, other.width, other.height)
    return abs(one.width * other.height - one.height * other.width) <= longest


@dataclass(frozen=True, slots=True)
class PixelRect:
    """A rectangle in pixels; the origin is the top left corner, right and bottom edges are exclusive."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column to the right of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below it."""
        return self.y + self.height

    def contains(self, other: PixelRect) -> bool:
        """Whether `other` lies wholly inside."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom


class LayerRole(Enum):
    """What a layer shows."""

    BACKGROUND = "background"
    MIDGROUND = "midground"
    SUBJECT = "subject"
    FOREGROUND = "foreground"


class Severity(Enum):
    """How grave a finding is; FAILURE holds up automatic approval."""

    INFO = "info"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found out, for a person to read; `reason` is for programs."""

    severity: Severity
    reason: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class LayerImage:
    """One layer: what lies at about one depth, complete also where nearer layers hide it."""

    role: LayerRole
    rgba: Rgba8
    """Shape (height + 2 bleed, width + 2 bleed, 4)."""
    depth_m: float
    """Distance from the camera to the layer's middle, metres along the optical axis, > 0."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerPictures:
    """A hero by depth, from far to near; the first layer is opaque."""

    layers: tuple[LayerImage, ...]
    bleed_px: int
    """Pixels that each layer carries beyond the hero's frame on every side."""
    horizontal_fov_deg: float
    """Field of view of the hero's frame without the bleed."""
    confidence: float
    """0 to 1; exact layers have 1."""


@dataclass(frozen=True, slots=True, eq=False)
class HeroPicture:
    """A still with all that is known about its depth."""

    image: Rgb8
    layers: LayerPictures
    inverse_depth: Grey16 | None
    matte: Grey8 | None
    subject: PixelRect | None
    findings: tuple[Finding, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    """How the engine ran, for the provenance: variant, threads, samples, …"""
    objects: Grey8 | None = None
    """Which object each pixel shows, counted from 1 in `object_names`; 0 is none. Same size as the still."""
    object_names: tuple[str, ...] = ()
    regions: Mapping[str, Grey8] = field(default_factory=dict)
    """Parts that the owner has drawn, by name: how much of each pixel is in it. Same size as the still."""

    @property
    def size(self) -> PixelSize:
        """Size of the still."""
        return PixelSize(self.image.shape[1], self.image.shape[0])


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What a clip is, apart from its bytes."""

    size: PixelSize
    frame_rate: Fraction
    frame_count: int

    def __str__(self) -> str:
        return f"{self.frame_count} frames of {self.size} at {float(self.frame_rate):.6g} fps"

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return float(self.frame_count / self.frame_rate)
