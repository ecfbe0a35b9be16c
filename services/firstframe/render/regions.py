"""Which part of a picture a layer can reach."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import LayerRole, PixelRect, PixelSize
from firstframe.sets.design import Item, Pad, SetDesign
from firstframe.sets.framing import Camera
from firstframe.sets.shapes import Floats, Mesh

_MARGIN_PX = 4
_SLICES = 12
_BLUR_PER_SCALE = 2.2
"""Pixels of blur for each pixel that a layer is rendered coarser."""


def layer_region(design: SetDesign, role: LayerRole, camera: Camera, size: PixelSize) -> PixelRect:
    """The rectangle of a picture that the layer's things, their patches of floor and their blur lie in.

    Args:
        design: The set.
        role: The layer.
        camera: Camera whose frame is the picture.
        size: Size of the picture.
    """
    whole = PixelRect(0, 0, size.width, size.height)
    if role is LayerRole.BACKGROUND:
        return whole
    boxes = [_item_box(item) for item in design.items if item.role is role]
    rects = [_box_rect(box, camera, size) for box in boxes]
    rects += [rect for pad in design.pads.get(role, ()) for rect in _pad_rects(pad, camera, size)]
    left, top = (max(min(rect[at] for rect in rects), 0) for at in (0, 1))
    right = min(max(rect[2] for rect in rects), size.width)
    bottom = min(max(rect[3] for rect in rects), size.height)
    if right - left < 2 or bottom - top < 2:
        return PixelRect(0, 0, 2, 2)
    return PixelRect(left, top, right - left, bottom - top)


def render_scale(design: SetDesign, role: LayerRole, height_px: int) -> int:
    """How many times smaller than the picture a layer is rendered, 1, 2 or 4: what is out of focus needs fewer pixels.

    The background counts as out of focus although its floor reaches the subject: what is sharp of it, the subject's
    patch shows.
    """
    if role is LayerRole.BACKGROUND:
        return 2
    blur = least_blur_px(design, role, height_px)
    return 4 if blur >= 4 * _BLUR_PER_SCALE else 2 if blur >= 2 * _BLUR_PER_SCALE else 1


def least_blur_px(design: SetDesign, role: LayerRole, height_px: int) -> float:
    """Diameter of the blur of what is the least out of focus in a layer, pixels of the picture."""
    boxes = [_item_box(item) for item in design.items if item.role is role]
    return min(design.camera.blur_px(float(z), height_px) for low, high in boxes for z in (low[2], high[2]))


def mask_rect(mask: NDArray[np.uint8], threshold: int = 8) -> PixelRect | None:
    """Smallest rectangle around the pixels of at least `threshold`; none when there are none."""
    rows = np.flatnonzero((mask >= threshold).any(axis=1))
    columns = np.flatnonzero((mask >= threshold).any(axis=0))
    if len(rows) == 0:
        return None
    x, y = int(columns[0]), int(rows[0])
    return PixelRect(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def _item_box(item: Item) -> tuple[Floats, Floats]:
    if isinstance(item.shape, Mesh):
        return item.shape.bounds
    centre, radius = np.asarray(item.shape["center"]), item.shape["radius"]
    return centre - radius, centre + radius


def _pad_box(pad: Pad) -> tuple[Floats, Floats]:
    cos, sin = abs(np.cos(np.radians(pad.turn_deg))), abs(np.sin(np.radians(pad.turn_deg)))
    beyond = pad.radius + pad.feather
    x, z = cos * pad.half_width + sin * pad.half_depth + beyond, sin * pad.half_width + cos * pad.half_depth + beyond
    return np.array([pad.x - x, 0.0, pad.z - z]), np.array([pad.x + x, 0.0, pad.z + z])


def _pad_rects(pad: Pad, camera: Camera, size: PixelSize) -> list[tuple[int, int, int, int]]:
    """Rectangles around slices of a patch, without those below the picture: near the camera they would be far too wide."""
    low, high = _pad_box(pad)
    cuts = np.linspace(low[2], high[2], _SLICES + 1)
    slices = [((low[0], 0.0, far), (high[0], 0.0, near)) for far, near in itertools.pairwise(cuts)]
    rects = [_box_rect((np.array(one), np.array(other)), camera, size) for one, other in slices]
    return [rect for rect in rects if rect[1] < size.height] or rects[:1]


def _box_rect(box: tuple[Floats, Floats], camera: Camera, size: PixelSize) -> tuple[int, int, int, int]:
    low, high = box
    near = min(float(high[2]), camera.position[2] - 0.1)
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], near)])
    shares = camera.project(corners) * (size.width, size.height)
    margin = _MARGIN_PX + 0.5 * max(camera.blur_px(z, size.height) for z in (float(low[2]), near))
    (left, top), (right, bottom) = shares.min(axis=0) - margin, shares.max(axis=0) + margin
    return int(np.floor(left)), int(np.floor(top)), int(np.ceil(right)), int(np.ceil(bottom))
