"""Where the camera stands and how it frames the subject in each format.

The camera looks straight along negative z with its film shifted, as a view camera does: upright lines stay upright.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelRect, PixelSize
from firstframe.sets.shapes import Floats
from firstframe.sets.staging import Staging

BLEED_SHARE = 0.06
"""Bleed on every side as a share of the longer side."""

RATIO_TOLERANCE = 0.04
"""How far a size may be from a known ratio, relative, to use its framing."""


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the subject stands in the frame; shares of its width and height from the left and from the top."""

    ratio: tuple[int, int]
    centre_x: float
    top: float
    bottom: float
    sway: float
    """How far a seed may move the subject sideways."""
    aside: float
    """How far another staging may: `sway` of that."""


FRAMINGS = (
    Framing((16, 9), centre_x=0.5, top=0.10, bottom=0.715, sway=0.06, aside=0.15),
    # Clear of the platforms' controls (box x 120 to 888, y 288 to 1248 of 1080×1920; sources in core/delivery.py).
    Framing((9, 16), centre_x=0.4667, top=0.168, bottom=0.632, sway=0.0, aside=0.07),
    Framing((1, 1), centre_x=0.5, top=0.12, bottom=0.715, sway=0.03, aside=0.11),
    Framing((4, 5), centre_x=0.5, top=0.14, bottom=0.695, sway=0.02, aside=0.10),
)
"""One framing for each ratio that a set can be shot in."""


def staged(framing: Framing, way: Staging) -> Framing:
    """The framing of another staging: the product as much smaller as it is, its foot where it was or a little higher."""
    if not way.number:
        return framing
    height = way.size * (framing.bottom - framing.top)
    return replace(framing, top=framing.bottom - height, sway=framing.aside)


@dataclass(frozen=True, slots=True)
class Camera:
    """A thin-lens camera with a shifted film; the frame is given on the plane one metre in front of it."""

    position: tuple[float, float, float]
    left: float
    right: float
    bottom: float
    top: float
    focus_m: float
    """Distance of the plane in focus, along the axis."""
    aperture_m: float
    """Radius of the lens."""

    @property
    def horizontal_fov_deg(self) -> float:
        """Angle that the frame's width spans when the film is centred."""
        return float(np.degrees(2 * np.arctan((self.right - self.left) / 2)))

    def depth(self, z: float) -> float:
        """Distance along the axis of the plane at `z`."""
        return self.position[2] - z

    def project(self, points: Floats) -> Floats:
        """Frame shares (x from the left, y from the top) of points of shape (n, 3)."""
        ahead = points - np.asarray(self.position)
        x, y = ahead[:, 0] / -ahead[:, 2], ahead[:, 1] / -ahead[:, 2]
        return np.stack([(x - self.left) / (self.right - self.left), (self.top - y) / (self.top - self.bottom)], -1)

    def place(self, x_share: float, z: float) -> float:
        """World x of the point at `z` that is seen at `x_share` of the frame's width."""
        return self.position[0] + self.depth(z) * (self.left + x_share * (self.right - self.left))

    def place_y(self, y_share: float, z: float) -> float:
        """World y of the point at `z` that is seen at `y_share` of the frame's height, from the top."""
        return self.position[1] + self.depth(z) * (self.top - y_share * (self.top - self.bottom))

    def blur_px(self, z: float, height_px: int) -> float:
        """Diameter of the circle of confusion at `z`, in pixels of a frame of that height (thin-lens formula)."""
        scale = height_px / (self.top - self.bottom)
        return 2 * self.aperture_m * abs(1 / self.focus_m - 1 / self.depth(z)) * scale

    def widened(self, share_x: float, share_y: float) -> Camera:
        """The camera with its frame larger on each side by shares of the width and of the height."""
        dx, dy = share_x * (self.right - self.left), share_y * (self.top - self.bottom)
        return replace(self, left=self.left - dx, right=self.right + dx, bottom=self.bottom - dy, top=self.top + dy)


def framing_for(size: PixelSize, *, field: str = "size") -> Framing:
    """The framing of the known ratio that is nearest to that of `size`.

    Raises:
        InvalidInput: None is near enough.
    """
    nearest = min(FRAMINGS, key=lambda item: abs(np.log(size.ratio * item.ratio[1] / item.ratio[0])))
    if abs(size.ratio * nearest.ratio[1] / nearest.ratio[0] - 1) <= RATIO_TOLERANCE:
        return nearest
    known = ", ".join(f"{width}:{height}" for width, height in (item.ratio for item in FRAMINGS))
    raise InvalidInput.at(field, f"no set camera knows the ratio of {size}", f"use a size of one of the ratios {known}")


def bleed_px(size: PixelSize) -> int:
    """Bleed of each side in pixels, an even number."""
    return 2 * round(max(size.width, size.height) * BLEED_SHARE / 2)


def frame_subject(
    framing: Framing,
    size: PixelSize,
    position: tuple[float, float, float],
    subject: Floats,
    stage: Floats,
    *,
    sway: float,
    aperture_m: float,
    focus_m: float,
) -> Camera:
    """Shifts and scales the frame so that the subject stands where the framing wants it and the stage fits in.

    Args:
        framing: Where the subject shall stand.
        size: Size of the frame.
        position: Where the lens is.
        subject: Points around the subject, shape (n, 3).
        stage: Points around what it stands on; kept inside the frame with a margin, the subject gets smaller for it.
        sway: Sideways offset of the subject, -1 to 1, in units of `framing.sway`.
        aperture_m: Radius of the lens.
        focus_m: Distance in focus.
    """
    lens = Camera(position, 0.0, 1.0, 0.0, 1.0, focus_m, aperture_m)
    seen, floor = (_tangents(lens, points) for points in (subject, stage))
    low, high = seen.min(axis=0), seen.max(axis=0)
    middle_x = (low[0] + high[0]) / 2
    centre_x = framing.centre_x + sway * framing.sway
    height = (high[1] - low[1]) / (framing.bottom - framing.top)
    height = max(height, _height_for_stage(floor, middle_x, centre_x, size.ratio))
    width = height * size.ratio
    middle_share = (framing.top + framing.bottom) / 2
    top = (low[1] + high[1]) / 2 + middle_share * height
    left = middle_x - centre_x * width
    return Camera(position, left, left + width, top - height, top, focus_m, aperture_m)


def pixel_rect(camera: Camera, size: PixelSize, points: Floats) -> PixelRect:
    """Smallest rectangle of whole pixels around the projected points."""
    shares = camera.project(points)
    low = np.floor(shares.min(axis=0) * (size.width, size.height)).astype(int)
    high = np.ceil(shares.max(axis=0) * (size.width, size.height)).astype(int)
    return PixelRect(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def cylinder_points(radius: float, bottom: float, top: float, steps: int = 32) -> Floats:
    """Points around an upright cylinder on the y axis, shape (2 steps, 3)."""
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    ring = np.stack([radius * np.sin(angle), np.zeros(steps), radius * np.cos(angle)], -1)
    up = np.array([0.0, 1.0, 0.0])
    return np.concatenate([ring + bottom * up, ring + top * up])


def _tangents(lens: Camera, points: Floats) -> Floats:
    ahead = points - np.asarray(lens.position)
    return np.stack([ahead[:, 0] / -ahead[:, 2], ahead[:, 1] / -ahead[:, 2]], -1)


def _height_for_stage(stage: Floats, middle_x: float, centre_x: float, ratio: float, margin: float = 0.035) -> float:
    left = (middle_x - stage[:, 0].min()) / (centre_x - margin)
    right = (stage[:, 0].max() - middle_x) / (1 - margin - centre_x)
    return float(max(left, right) / ratio)
