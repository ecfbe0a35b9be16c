"""What is in the air of frames that were rendered anew: drawn by depth, hidden by what the frame itself shows nearer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from firstframe.animation.envelope import Envelope
from firstframe.core.media import HeroPicture, LayerRole
from firstframe.imaging.air.base import Medium, Moment, presence
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.blend import Rgb16
from firstframe.imaging.camera import Pose
from firstframe.imaging.vectors import LANES
from firstframe.render.scene import LAYER_ORDER

Floats = NDArray[np.float32]


class FilmedAir:
    """The atmospheres of a clip.

    Args:
        hero: The still, whose layers tell how far away things are.
        envelope: Tells how a pose sees them.
        media: What is in the air; none of it moves a layer's own picture.
        duration_s: Length of the whole motion.
        repeats: Whether it begins anew then.
    """

    def __init__(
        self, hero: HeroPicture, envelope: Envelope, media: Sequence[Medium], *, duration_s: float, repeats: bool
    ) -> None:
        self._envelope, self._media = envelope, media
        self._duration_s, self._repeats = duration_s, repeats
        self._size = hero.size
        self._cover = Cover(hero.layers, hero.size)
        self._depths = [layer.depth_m for layer in hero.layers.layers]
        self._rows = [_row(layer.role) for layer in hero.layers.layers[1:]]
        width = -(-hero.size.width // LANES) * LANES * 3
        self._canvas = np.zeros((hero.size.height, width), np.uint16)

    def put_into(self, frame: Rgb16, pose: Pose, time_s: float, nearer: Floats) -> Rgb16:
        """A frame with what is in the air.

        Args:
            frame: What the camera sees from the pose, shape (height, width, 3), 0 to 65535.
            pose: Where the camera is.
            time_s: Of the motion.
            nearer: See `firstframe.render.tracer.Tracer.filmed`.

        Returns:
            Of the same shape, in memory that the next call uses again.
        """
        there = presence(time_s, self._duration_s, repeats=self._repeats)
        moment = Moment(time_s, time_s / self._duration_s, there, pose)
        self._canvas[:, : 3 * self._size.width] = frame.reshape(self._size.height, -1)
        for medium in self._media:
            medium.move(moment)
        hidden = [nearer[row] for row in self._rows]
        for index, farthest in enumerate(self._depths):
            nearest = self._depths[index + 1] if index + 1 < len(self._depths) else 0.0
            self._between(moment, nearest, farthest, hidden[index] if index < len(hidden) else None)
        self._over(moment, pose, hidden)
        return self._canvas[:, : 3 * self._size.width].reshape(self._size.height, self._size.width, 3)

    def _between(self, moment: Moment, nearest: float, farthest: float, hidden: Floats | None) -> None:
        """What is between two layers; only as much as nothing nearer hides."""
        before = self._canvas.copy() if hidden is not None else self._canvas
        for medium in self._media:
            medium.between(self._canvas, moment, nearest, farthest)
        if hidden is not None and (before != self._canvas).any():
            shown = np.repeat(1 - hidden, 3, axis=1)
            part = self._canvas[:, : shown.shape[1]]
            own = before[:, : shown.shape[1]].astype(np.float32)
            part[:] = np.rint(own + (part - own) * shown).astype(np.uint16)

    def _over(self, moment: Moment, pose: Pose, hidden: Sequence[Floats]) -> None:
        if any(medium.needs_cover for medium in self._media):
            self._cover.place_seen(self._envelope.views(pose), hidden)
        for medium in self._media:
            medium.over(self._canvas, moment, self._cover)


def _row(role: LayerRole) -> int:
    """Place in `Tracer.filmed`'s shares of a layer that is not the farthest."""
    return max(LAYER_ORDER.index(role) - 1, 0)
