"""What a camera move leaves of the room around a subject, simulated on the still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect, Rgb8
from firstframe.core.motion import CameraMove
from firstframe.imaging.camera import Similarity
from firstframe.imaging.envelope import CameraPath, Envelope, Obstacle

LEAST_CONFIDENCE = 0.3
"""Layers of less are moved as one picture, as the animation does."""
SIDES = ("left", "top", "right", "bottom")
_LENS_DEG = 40.0
_FLAT_M = 2.0
_PROBES = 13
_FRAMES = 61

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, pixels of the still."""


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """A planned move on one still."""

    share: float
    """How much of the planned move the layers can carry, 0 to 1."""
    obstacle: Obstacle | None
    """What keeps it from being more."""
    first: Box
    """What of the subject's plane the first frame shows."""
    last: Box
    """The same for the last one."""
    zoom: float
    """Zoom that is added at the end to make room."""

    @property
    def tightest(self) -> float:
        """Pixels of the still per pixel of the frame, where the frame shows the least of it; at most 1."""
        return min((box[2] - box[0]) / (self.first[2] - self.first[0]) for box in (self.first, self.last))


@dataclass(frozen=True, slots=True)
class Room:
    """The least room that a box has during a move."""

    share: float
    """Of the frame's shorter side; negative when the box is cut."""
    side: str
    """Where: `left`, `top`, `right` or `bottom`."""
    at_rest: float
    """The same before the camera moves, on that side."""


def flat_hero(image: Rgb8, subject: PixelRect | None) -> HeroPicture:
    """A still of which nothing is known but its pixels, as one layer."""
    opaque = np.full((*image.shape[:2], 1), 255, np.uint8)
    layer = LayerImage(LayerRole.BACKGROUND, np.concatenate([image, opaque], -1), _FLAT_M)
    return HeroPicture(image, LayerPictures((layer,), 0, _LENS_DEG, 0.0), None, None, subject)


class Rehearsal:
    """A move tried out on a still.

    Args:
        hero: The still; layers that are not trusted are moved as one picture.
        move: What the camera does.
        strength: How far, 0 to 1.
    """

    def __init__(self, hero: HeroPicture, move: CameraMove, strength: float) -> None:
        pictures = hero.layers
        if len(pictures.layers) > 1 and pictures.confidence < LEAST_CONFIDENCE:
            hero = flat_hero(hero.image, hero.subject)
        self._size = hero.size
        # A point in place of the subject: the move stays the same, and what it may do is asked of the layers alone.
        self._envelope = Envelope(replace(hero, subject=_middle(hero.subject)))
        self._path: CameraPath = self._envelope.solve(move, strength, _FRAMES)
        self.move = Move(
            share=min(self._path.amount / strength, 1.0) if strength > 0 and move is not CameraMove.LOCKED else 1.0,
            obstacle=self._path.obstacle,
            first=self.window(0.0),
            last=self.window(1.0),
            zoom=self._path.zoom,
        )

    def window(self, way: float) -> Box:
        """What of the subject's plane is seen at a share of the way, pixels of the still."""
        view, (half_x, half_y) = self._view(way), self._half
        wide, high = (half_x + 0.5) * view.step, (half_y + 0.5) * view.step
        x, y = half_x + 0.5 + view.x, half_y + 0.5 + view.y
        return x - wide, y - high, x + wide, y + high

    def travel(self) -> float:
        """How far the corner of the subject's plane that moves the most goes through the frame, as a share of its width."""
        corners = np.array([self._corners(window) for window in self._windows()])
        steps = np.linalg.norm(np.diff(corners, axis=0), axis=-1).sum(axis=0)
        return float(steps.max())

    def _corners(self, window: Box) -> list[tuple[float, float]]:
        """Where the corners of the first frame are seen in a later one, shares of the frame's width."""
        first, wide = self.window(0.0), window[2] - window[0]
        return [
            ((x - window[0]) / wide, (y - window[1]) / wide) for x in (first[0], first[2]) for y in (first[1], first[3])
        ]

    def room(self, box: PixelRect, *, free: frozenset[str] = frozenset()) -> Room:
        """The least room of a box, all the way.

        Args:
            box: In the subject's plane.
            free: Sides on which the box may be cut.
        """
        short = min(self._size.width, self._size.height)
        start = _gaps(self.window(0.0), box, self._size.width)
        rooms = [
            Room(gap / short, side, start[at] / short)
            for window in self._windows()
            for at, (side, gap) in enumerate(zip(SIDES, _gaps(window, box, self._size.width), strict=True))
            if side not in free
        ]
        return min(rooms, key=lambda room: room.share)

    def _windows(self) -> Iterator[Box]:
        return (self.window(way) for way in np.linspace(0, 1, _PROBES))

    @property
    def _half(self) -> tuple[float, float]:
        return (self._size.width - 1) / 2, (self._size.height - 1) / 2

    def _view(self, way: float) -> Similarity:
        views = self._envelope.views(self._path.pose_after(way))
        stage = self._envelope.stage
        pairs = zip(views, self._envelope.extents, strict=True)
        return next(view for view, room in pairs if room.depth_m == stage.subject_m)


def _gaps(window: Box, box: PixelRect, width_px: int) -> tuple[float, float, float, float]:
    """Room on the left, above, on the right and below, in pixels of a frame of that width."""
    left, top, right, bottom = window
    scale = width_px / (right - left)
    return (
        (box.x - left) * scale,
        (box.y - top) * scale,
        (right - box.right) * scale,
        (bottom - box.bottom) * scale,
    )


def _middle(box: PixelRect | None) -> PixelRect | None:
    return None if box is None else PixelRect(box.x + (box.width - 1) // 2, box.y + (box.height - 1) // 2, 1, 1)
