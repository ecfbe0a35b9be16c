"""A pinhole camera in front of flat layers.

A layer is a picture that stands upright at one depth. While the camera moves without turning, such a layer moves in the
frame by a scale and a translation, nothing else (Hartley and Zisserman, "Multiple View Geometry", 2nd edition, 2004,
section 8.4.2: the homography of a fronto-parallel plane under translation).

With focal length f in pixels, a point that stood u pixels from the middle of the frame at depth d is seen at
`u' = m · (d·u − f·X) / (d − Z) + m·L` once the camera has moved by (X, Y, Z), zoomed by m and shifted its film by L.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, tan


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is, as against the hero's: all zero and a zoom of one is the hero."""

    x_m: float = 0.0
    """To the right."""
    y_m: float = 0.0
    """Down."""
    z_m: float = 0.0
    """Forwards."""
    zoom: float = 1.0
    """Focal length over the hero's."""
    film_x_px: float = 0.0
    """Shift of the film that moves all content to the right, in pixels before the zoom."""
    film_y_px: float = 0.0
    """The same, downwards."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """Where a frame looks into a layer: a frame's point (x, y), from its middle, shows the layer at `x · step + origin`."""

    step: float
    """Layer pixels per frame pixel; one over the layer's scale."""
    x: float
    """Layer pixels from the middle of the hero's frame."""
    y: float

    @property
    def scale(self) -> float:
        """How much larger the layer is seen than in the hero."""
        return 1 / self.step

    def seen_at(self, x: float, y: float) -> tuple[float, float]:
        """Where in the frame, from its middle, a point of the layer is seen."""
        return (x - self.x) / self.step, (y - self.y) / self.step


def focal_px(width_px: int, horizontal_fov_deg: float) -> float:
    """Focal length of a frame of that width, in pixels."""
    return width_px / (2 * tan(radians(horizontal_fov_deg) / 2))


def similarity(pose: Pose, depth_m: float, focal: float) -> Similarity:
    """How a pose sees the layer at `depth_m`; the layer must be in front of the camera.

    Args:
        pose: Where the camera is.
        depth_m: Distance of the layer from the hero's camera.
        focal: Focal length of the hero in pixels.
    """
    nearer = depth_m / (depth_m - pose.z_m)
    return Similarity(
        step=1 / (pose.zoom * nearer),
        x=focal * pose.x_m / depth_m - pose.film_x_px / nearer,
        y=focal * pose.y_m / depth_m - pose.film_y_px / nearer,
    )
