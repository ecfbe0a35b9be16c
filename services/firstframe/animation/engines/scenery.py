"""A hero's layers on a canvas, with what is in the air between and over them."""

from __future__ import annotations

from collections.abc import Sequence

from firstframe.animation.envelope import Envelope
from firstframe.core.media import HeroPicture
from firstframe.imaging.air.base import Medium, Moment, Sheet, presence
from firstframe.imaging.air.cover import Cover
from firstframe.imaging.blend import Canvas, Rgb16
from firstframe.imaging.camera import Pose
from firstframe.imaging.warp import make_plate


class Scenery:
    """Renders frames.

    Args:
        hero: The still and its layers.
        envelope: Tells how a pose sees them.
        media: What is in the air.
        duration_s: Length of the whole motion.
        repeats: Whether it begins anew then.
    """

    def __init__(
        self, hero: HeroPicture, envelope: Envelope, media: Sequence[Medium], *, duration_s: float, repeats: bool
    ) -> None:
        self._envelope, self._media = envelope, media
        self._duration_s, self._repeats = duration_s, repeats
        self._sheets = _shown(hero, media)
        self._depths = [hero.layers.layers[sheet.layer].depth_m for sheet in self._sheets]
        plates = [sheet.plate for sheet in self._sheets if sheet.plate is not None]
        self._canvas = Canvas(plates, hero.size, hero.layers.bleed_px)
        self._cover = Cover(hero.layers, hero.size)

    def render(self, pose: Pose, time_s: float) -> Rgb16:
        """What the camera sees from a pose at a time of the motion."""
        moment = self._moment(pose, time_s)
        views = self._envelope.views(pose)
        for medium in self._media:
            medium.move(moment)
        self._canvas.place([views[sheet.layer] for sheet in self._sheets])
        for plate, farthest in enumerate(self._depths):
            self._canvas.paint(plate)
            nearest = self._depths[plate + 1] if plate + 1 < len(self._depths) else 0.0
            for medium in self._media:
                medium.between(self._canvas.rows, moment, nearest, farthest)
        if any(medium.needs_cover for medium in self._media):
            self._cover.place(views)
        for medium in self._media:
            medium.over(self._canvas.rows, moment, self._cover)
        return self._canvas.frame

    def _moment(self, pose: Pose, time_s: float) -> Moment:
        there = presence(time_s, self._duration_s, repeats=self._repeats)
        return Moment(time_s, time_s / self._duration_s, there, pose)


def _shown(hero: HeroPicture, media: Sequence[Medium]) -> list[Sheet]:
    """What can be seen of the layers, from far to near, ready to be painted."""
    sheets: Sequence[Sheet] = [Sheet(index, layer.rgba) for index, layer in enumerate(hero.layers.layers)]
    for medium in media:
        sheets = medium.cut(sheets)
    for sheet in sheets:
        sheet.plate = make_plate(sheet.rgba)
    return [sheet for sheet in sheets if sheet.plate is not None]
