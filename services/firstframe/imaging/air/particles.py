"""Many small things in space, as the camera sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelSize
from firstframe.imaging.camera import Pose

Doubles = NDArray[np.float64]

REFERENCE_PX = 1080.0
"""Short side of the frame for which sizes in pixels are given."""
DEFOCUS_PX = 12.0
"""Radius of the blur at infinity, when the subject is in focus."""


def seen(place: Doubles, depth_m: Doubles, pose: Pose, focal_px: float, size: PixelSize) -> tuple[Doubles, Doubles]:
    """Where points are in a frame, and how much larger than in the hero; see `camera.similarity`.

    Args:
        place: Where the hero shows them, pixels from its middle, shape (n, 2).
        depth_m: Shape (n,).
        pose: Where the camera is.
        focal_px: Of the hero.
        size: Of the frame.

    Returns:
        Pixels of the frame, shape (n, 2), and the factor, shape (n,).
    """
    nearer = depth_m / (depth_m - pose.z_m)
    step = 1 / (pose.zoom * nearer)
    shift = np.stack(
        [
            focal_px * pose.x_m / depth_m - pose.film_x_px / nearer,
            focal_px * pose.y_m / depth_m - pose.film_y_px / nearer,
        ],
        -1,
    )
    middle = np.array([(size.width - 1) / 2, (size.height - 1) / 2])
    return (place - shift) / step[:, None] + middle, 1 / step
