"""How far a camera may go: the largest move at which every frame stays inside of what the layers hold.

What a frame needs of a layer is a rectangle whose sides follow from the pose (`firstframe.imaging.camera`), so whether it
lies inside of the layer's picture is decided exactly, not by looking for black pixels afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, inf

import numpy as np

from firstframe.core.media import HeroPicture, LayerImage, LayerRole, Rgba8
from firstframe.core.motion import CameraMove, Motion
from firstframe.imaging.bounds import shown_box
from firstframe.imaging.camera import Pose, Similarity, focal_px, similarity
from firstframe.imaging.moves import Stage
from firstframe.imaging.path import CameraPath, Obstacle
from firstframe.imaging.solving import solved

MAX_ZOOM = 1.10
"""Most that a lens may zoom in to make room for a move; more costs sharpness."""
INFERRED_PARALLAX = 0.03
"""Most that inferred layers may move against the background, as a share of the frame's width. Measured on photographs:
beyond it, filled-in background and cut edges begin to show."""
FULL_CONFIDENCE = 0.995
GOOD_CONFIDENCE = 0.8
"""Inferred layers of this confidence carry all of `INFERRED_PARALLAX`; weaker ones proportionally less."""
SUBJECT_MARGIN = 0.01
"""Share of the frame that stays free between the subject and an edge, where there was as much at the start."""
MAX_PARTING = 0.08
"""Most that the background may go away from under the subject's foot, as a share of the frame's shorter side."""
STEP_LIMITS = (0.805, 1.195)
"""Layer pixels per frame pixel, least and most: beyond them layers look soft, or shimmer."""

_TOLERANCE_PX = 1e-6
_MOMENTS = 48
"""Of a motion, at which a parting is looked for."""


Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels from the middle of the hero's frame."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a layer holds, in pixels from the middle of the hero's frame."""

    depth_m: float
    left: float
    top: float
    right: float
    bottom: float
    """Last pixels that may be shown; infinite towards sides where the layer fades out inside of its picture."""
    box: Box
    """Left, top, right and bottom of what can be seen of it in the hero."""


class Envelope:
    """Room for moves in one hero.

    Args:
        hero: The still and its layers.
        solid: Whether its things are rendered where they stand: then shadows stay under what casts them.
    """

    def __init__(self, hero: HeroPicture, *, solid: bool = False) -> None:
        self._solid = solid
        self.extents = [extent(layer, hero) for layer in hero.layers.layers]
        self.stage = stage_of(hero)
        self._hero = hero
        self._subject_m = self.stage.subject_m
        self._half = (hero.size.width - 1) / 2, (hero.size.height - 1) / 2

    def solve(self, motion: Motion, seconds: float, seed: int = 0) -> CameraPath:
        """The largest motion up to what is asked at which every frame fits, whatever part of it a clip shows.

        Args:
            motion: What is asked for.
            seconds: Length of the clip.
            seed: Of the sway of a camera that is held by hand.
        """
        return solved(self, motion, seconds, seed)

    def views(self, at: Pose) -> list[Similarity]:
        """How a pose sees every layer."""
        return [similarity(at, extent.depth_m, self.stage.focal_px) for extent in self.extents]

    def parting(self, path: CameraPath) -> float:
        """How far the background goes away from under the subject's foot, at most.

        Ground is part of the background, which is flat: that far a shadow on it parts from what casts it.

        Returns:
            Share of the frame's shorter side; 0 where layers are not exact, or no subject is known.
        """
        return max(self._parted(self.views(path.pose_at(index / _MOMENTS))) for index in range(_MOMENTS + 1))

    def _parted(self, views: Sequence[Similarity]) -> float:
        box = self._hero.subject
        if self._solid or box is None or self._hero.layers.confidence < FULL_CONFIDENCE:
            return 0.0
        foot = box.x + (box.width - 1) / 2 - self._half[0], box.bottom - 1 - self._half[1]
        x, y = self._subject_view(views).seen_at(*foot)
        under_x, under_y = views[0].seen_at(*foot)
        return hypot(x - under_x, y - under_y) / (2 * min(self._half) + 1)

    def most_zoom(self, move: CameraMove) -> float:
        """Most that a move may be zoomed in to make room.

        A pull that is zoomed in again gains something only as parallax, where there is no bleed to open up; a dolly zoom
        that is zoomed in would not keep the subject's size.
        """
        if move in (CameraMove.DOLLY_ZOOM, CameraMove.DOLLY_ZOOM_OUT):
            return 1.0
        useful = move is not CameraMove.PULL or (len(self.extents) > 1 and self._hero.layers.bleed_px == 0)
        return MAX_ZOOM if useful else 1.0

    def zoom_for(self, at: Pose) -> float:
        """Least zoom at which a pose sees nothing beyond any layer; infinite when no zoom helps."""
        needs = [1.0]
        for view, room in zip(self.views(at), self.extents, strict=True):
            for half, free in (
                (self._half[0], room.right - view.x),
                (self._half[0], room.left + view.x),
                (self._half[1], room.bottom - view.y),
                (self._half[1], room.top + view.y),
            ):
                needs.append(half * view.step / free if free > 0 else inf)
        return max(needs)

    def obstacle(self, at: Pose) -> Obstacle | None:
        """What is wrong with a pose."""
        views = self.views(at)
        checks = (
            (self._inside, Obstacle.BLEED),
            (_scales, Obstacle.SCALE),
            (self._trusted, Obstacle.CONFIDENCE),
            (self._keeps_subject, Obstacle.SUBJECT),
            (lambda seen: self._parted(seen) <= MAX_PARTING, Obstacle.PARTING),
        )
        return next((obstacle for fits, obstacle in checks if not fits(views)), None)

    def _inside(self, views: Sequence[Similarity]) -> bool:
        return all(
            self._half[0] * view.step - _TOLERANCE_PX <= min(room.right - view.x, room.left + view.x)
            and self._half[1] * view.step - _TOLERANCE_PX <= min(room.bottom - view.y, room.top + view.y)
            for view, room in zip(views, self.extents, strict=True)
        )

    def _trusted(self, views: Sequence[Similarity]) -> bool:
        confidence = self._hero.layers.confidence
        if confidence >= FULL_CONFIDENCE:
            return True
        most = INFERRED_PARALLAX * min(1.0, confidence / GOOD_CONFIDENCE) * self._hero.size.width
        pairs = zip(views[1:], self.extents[1:], strict=True)
        return all(parallax_px(views[0], view, room.box) <= most for view, room in pairs)

    def _keeps_subject(self, views: Sequence[Similarity]) -> bool:
        box = self._hero.subject
        if box is None:
            return True
        view = self._subject_view(views)
        corners = ((box.x, box.y), (box.right - 1, box.bottom - 1))
        starts = [(x - self._half[0], y - self._half[1]) for x, y in corners]
        ends = [view.seen_at(x, y) for x, y in starts]
        return all(self._clear(starts[i][axis], ends[i][axis], axis) for i in range(2) for axis in range(2))

    def _subject_view(self, views: Sequence[Similarity]) -> Similarity:
        return next(view for view, room in zip(views, self.extents, strict=True) if room.depth_m == self._subject_m)

    def _clear(self, start: float, end: float, axis: int) -> bool:
        half = self._half[axis]
        return half - abs(end) >= min(half - abs(start), 2 * half * SUBJECT_MARGIN) - _TOLERANCE_PX


def extent(layer: LayerImage, hero: HeroPicture) -> Extent:
    """What a layer of a hero holds."""
    alpha, bleed = layer.rgba[..., 3], hero.layers.bleed_px
    half_x, half_y = (hero.size.width - 1) / 2, (hero.size.height - 1) / 2
    return Extent(
        depth_m=layer.depth_m,
        left=half_x + bleed if alpha[:, 0].any() else inf,
        right=half_x + bleed if alpha[:, -1].any() else inf,
        top=half_y + bleed if alpha[0].any() else inf,
        bottom=half_y + bleed if alpha[-1].any() else inf,
        box=_seen(layer.rgba[bleed : bleed + hero.size.height, bleed : bleed + hero.size.width], half_x, half_y),
    )


def stage_of(hero: HeroPicture) -> Stage:
    """What moves refer to in a hero: its subject, or its nearest layer when nothing is known of a subject."""
    layers = hero.layers.layers
    subject = next((layer for layer in layers if layer.role is LayerRole.SUBJECT), layers[-1])
    box, size = hero.subject, hero.size
    return Stage(
        width_px=size.width,
        height_px=size.height,
        focal_px=focal_px(size.width, hero.layers.horizontal_fov_deg),
        subject_m=subject.depth_m,
        subject_x_px=box.x + (box.width - 1) / 2 - (size.width - 1) / 2 if box else 0.0,
        subject_y_px=box.y + (box.height - 1) / 2 - (size.height - 1) / 2 if box else 0.0,
        background_m=layers[0].depth_m,
    )


def parallax_px(far: Similarity, near: Similarity, box: Box) -> float:
    """How far a layer moves against one behind it, at most, over a box of points (left, top, right, bottom)."""
    distances = []
    for x in (box[0], box[2]):
        for y in (box[1], box[3]):
            (ax, ay), (bx, by) = far.seen_at(x, y), near.seen_at(x, y)
            distances.append(float(np.hypot(ax - bx, ay - by)))
    return max(distances)


def _scales(views: Sequence[Similarity]) -> bool:
    return all(STEP_LIMITS[0] <= view.step <= STEP_LIMITS[1] for view in views)


def _seen(frame: Rgba8, half_x: float, half_y: float) -> Box:
    box = shown_box(np.ascontiguousarray(frame))
    if box is None:
        return 0.0, 0.0, 0.0, 0.0
    return box.x - half_x, box.y - half_y, box.right - 1 - half_x, box.bottom - 1 - half_y
