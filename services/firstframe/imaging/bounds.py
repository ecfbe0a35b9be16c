"""What a layer shows. Apart from the warp, whose kernels need a compiler that not every service has."""

from __future__ import annotations

import cv2

from firstframe.core.media import PixelRect, Rgba8


def shown_box(rgba: Rgba8) -> PixelRect | None:
    """Smallest box around what is not transparent; None when nothing is."""
    box = PixelRect(*cv2.boundingRect(cv2.extractChannel(rgba, 3)))
    return box if box.width else None
