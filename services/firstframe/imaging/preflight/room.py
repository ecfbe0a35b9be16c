"""What a motion leaves of the room around a subject, simulated on the still."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect, Rgb8
from firstframe.core.motion import CameraMove, Motion, Repeat
from firstframe.imaging.camera import Similarity
from firstframe.imaging.envelope import Envelope
from firstframe.imaging.path import CameraPath, Obstacle

LEAST_CONFIDENCE = 0.3
"""Layers of less are moved as one picture, as the animation does."""
SIDES = ("left", "top", "right", "bottom")
_LENS_DEG = 40.0
_FLAT_M = 2.0
_PROBES_EACH = 12
"""Moments of every move of a chain that are looked at."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, pixels of the still."""


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """A planned motion on one still."""

    share: float
    """How much of the planned motion the layers can carry, 0 to 1."""
    obstacle: Obstacle | None
    """What keeps it from being more."""
    first: Box
    """What of the subject's plane the first frame shows."""
    farthest: Box
    """The same for the one that shows most else: of a single move, the last."""
    zoom: float
    """Zoom that is added to make room."""
    tightest: float
    """Pixels of the still per pixel of the frame, where the frame shows the least of it; at most 1."""


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
    """A motion tried out on a still.

    Args:
        hero: The still; layers that are not trusted are moved as one picture.
        motion: What the camera does. The sway of a camera that is held by hand is another one in the clip, which goes as far.
        seconds: Length of the clip.
    """

    def __init__(self, hero: HeroPicture, motion: Motion, seconds: float = 4.0) -> None:
        pictures = hero.layers
        if len(pictures.layers) > 1 and pictures.confidence < LEAST_CONFIDENCE:
            hero = flat_hero(hero.image, hero.subject)
        self._size = hero.size
        # A point in place of the subject: the move stays the same, and what it may do is asked of the layers alone.
        self._envelope = Envelope(replace(hero, subject=_middle(hero.subject)))
        self._path: CameraPath = self._envelope.solve(motion, seconds)
        windows, first = self.windows(), self.window(0.0)
        self.move = Move(
            share=_done(self._path),
            obstacle=self._path.obstacle,
            first=first,
            farthest=max(windows, key=lambda box: max(abs(a - b) for a, b in zip(box, first, strict=True))),
            zoom=self._path.zoom,
            tightest=min((box[2] - box[0]) / (first[2] - first[0]) for box in windows),
        )

    def window(self, share: float) -> Box:
        """What of the subject's plane is seen at a share of the motion's time, pixels of the still."""
        view, (half_x, half_y) = self._view(share), self._half
        wide, high = (half_x + 0.5) * view.step, (half_y + 0.5) * view.step
        x, y = half_x + 0.5 + view.x, half_y + 0.5 + view.y
        return x - wide, y - high, x + wide, y + high

    def travel(self) -> float:
        """How far the corner of the subject's plane that moves the most goes through the frame, as a share of its width."""
        corners = np.array([self._corners(window) for window in self.windows()])
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
            for window in self.windows()
            for at, (side, gap) in enumerate(zip(SIDES, _gaps(window, box, self._size.width), strict=True))
            if side not in free
        ]
        return min(rooms, key=lambda room: room.share)

    def windows(self) -> list[Box]:
        """What is seen at moments all the way, the first and the last one among them."""
        begin, end = self._path.window.begin, self._path.window.end
        count = _PROBES_EACH * len(self._path.legs) * (1 if self._path.repeat is Repeat.ONCE else 2)
        return [self.window(float(share)) for share in np.linspace(begin, end, count + 1)]

    @property
    def _half(self) -> tuple[float, float]:
        return (self._size.width - 1) / 2, (self._size.height - 1) / 2

    def _view(self, share: float) -> Similarity:
        views = self._envelope.views(self._path.pose_at(share))
        stage = self._envelope.stage
        pairs = zip(views, self._envelope.extents, strict=True)
        return next(view for view, room in pairs if room.depth_m == stage.subject_m)


def _done(path: CameraPath) -> float:
    """How much of what was asked is done, 0 to 1."""
    still = path.strength == 0 or all(leg.move is CameraMove.LOCKED for leg in path.legs)
    slower = path.slowed[1] / path.slowed[0] if path.slowed else 1.0
    return 1.0 if still else min(slower * path.amount / path.strength, 1.0)


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
