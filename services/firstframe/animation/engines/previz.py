"""The engine `previz`: layers in parallax under a moving camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from firstframe.animation import findings
from firstframe.animation.engines import VERSION, ClipRequest, Work
from firstframe.animation.envelope import CameraPath, Envelope
from firstframe.core.errors import InvalidInput
from firstframe.core.media import Finding, HeroPicture, LayerImage, LayerPictures, LayerRole, PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, CameraPhase, Motion, single
from firstframe.imaging.atmosphere import Dust
from firstframe.imaging.blend import LEVEL, Canvas, Rgb16
from firstframe.imaging.warp import make_plate

POSSIBLE = (
    CameraMove.LOCKED,
    CameraMove.PUSH,
    CameraMove.PULL,
    CameraMove.PAN_LEFT,
    CameraMove.PAN_RIGHT,
    CameraMove.TILT_UP,
    CameraMove.TILT_DOWN,
    CameraMove.ORBIT,
)
LEAST_CONFIDENCE = 0.3
"""Layers of less are not moved against each other."""


class PrevizAnimator:
    """The engine."""

    version = VERSION

    def take(self, request: ClipRequest) -> PrevizTake:
        """See `Animator`."""
        check_possible(request.motion)
        return PrevizTake(request)

    def warm(self) -> None:
        """Renders two tiny frames, so that the first call need not wait for anything."""
        rgba = np.full((32, 32, 4), 255, np.uint8)
        pictures = LayerPictures((LayerImage(LayerRole.BACKGROUND, rgba, 1.0),), 0, 40.0, 1.0)
        hero = HeroPicture(rgba[..., :3].copy(), pictures, None, None, None)
        motion = single(CameraMove.PUSH, 0.5, Air(Atmosphere.DUST))
        for _ in self.take(ClipRequest(hero, motion, 2, Fraction(30), 0)).frames(_Warming()):
            pass


class PrevizTake:
    """One clip, ready to be rendered.

    Args:
        request: What to animate and how.
    """

    def __init__(self, request: ClipRequest) -> None:
        self._request = request
        self._hero = trusted(request.hero)
        self._envelope = Envelope(self._hero)
        self._path = self._envelope.solve(request.motion.camera, request.motion.strength, request.frame_count)

    @property
    def size(self) -> PixelSize:
        """See `Take`: the hero's."""
        return self._hero.size

    @property
    def details(self) -> dict[str, str]:
        """See `Take`: the request tells it all."""
        return {}

    @property
    def applied_strength(self) -> float:
        """See `Take`."""
        return self._path.amount

    @property
    def findings(self) -> tuple[Finding, ...]:
        """See `Take`."""
        return findings.of_take(self._request, self._hero, self._path)

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """See `Take`. The first is the hero; memory does not depend on their number."""
        work.check()
        yield self._hero.image.astype(np.uint16) * np.uint16(LEVEL)
        scene = _Scene(self._hero, self._envelope, self._dust())
        count, rate = self._request.frame_count, self._request.frame_rate
        for index in range(1, count):
            work.check()
            yield scene.render(self._path, index / (count - 1), float(index / rate))
            work.progress("animating", (index + 1) / count)

    def _dust(self) -> Dust | None:
        if not any(air.kind is Atmosphere.DUST for air in self._request.motion.airs):
            return None
        stage = self._envelope.stage
        return Dust(
            self._hero.image,
            focal=stage.focal_px,
            subject_m=stage.subject_m,
            background_m=self._envelope.extents[0].depth_m,
            seed=self._request.seed,
        )


class _Warming:
    """Work that nobody watches."""

    def progress(self, phase: str, fraction: float) -> None:
        pass

    def check(self) -> None:
        pass


class _Scene:
    """Plates on a canvas, with dust between them."""

    def __init__(self, hero: HeroPicture, envelope: Envelope, dust: Dust | None) -> None:
        plates = [(index, make_plate(layer.rgba)) for index, layer in enumerate(hero.layers.layers)]
        shown = [(index, plate) for index, plate in plates if plate is not None]
        self._order = [index for index, _ in shown]
        self._canvas = Canvas([plate for _, plate in shown], hero.size, hero.layers.bleed_px)
        self._depths = [hero.layers.layers[index].depth_m for index in self._order]
        self._envelope, self._dust = envelope, dust

    def render(self, path: CameraPath, share: float, time_s: float) -> Rgb16:
        """The frame at a share of the clip, which is shown `time_s` after the first one."""
        pose = path.pose_at(share)
        views = self._envelope.views(pose)
        self._canvas.place([views[index] for index in self._order])
        for plate, farthest in enumerate(self._depths):
            self._canvas.paint(plate)
            if self._dust is not None:
                nearest = self._depths[plate + 1] if plate + 1 < len(self._depths) else 0.0
                self._dust.draw(self._canvas.rows, pose, time_s, nearest, farthest)
        return self._canvas.frame


def check_possible(motion: Motion) -> None:
    """Refuses what this engine cannot do.

    Raises:
        InvalidInput: A camera move, an atmosphere, a chain or an effect is not among those of this engine.
    """
    simple = Motion((CameraPhase(motion.camera),), motion.strength, motion.airs)
    if motion != simple or motion.camera not in POSSIBLE:
        known = ", ".join(move.value for move in POSSIBLE)
        raise InvalidInput.at("motion", "is more than one simple move", f"use one of {known}")
    for index, air in enumerate(motion.airs):
        if air.kind is not Atmosphere.DUST:
            raise InvalidInput.at(f"motion.airs[{index}].kind", f"{air.kind.value} is not there", "use dust")


def trusted(hero: HeroPicture) -> HeroPicture:
    """The hero, as one flat layer when its layers cannot be trusted."""
    pictures = hero.layers
    if len(pictures.layers) == 1 or pictures.confidence >= LEAST_CONFIDENCE:
        return hero
    opaque = np.full((*hero.image.shape[:2], 1), 255, np.uint8)
    flat = LayerImage(LayerRole.BACKGROUND, np.concatenate([hero.image, opaque], -1), pictures.layers[0].depth_m)
    return replace(hero, layers=LayerPictures((flat,), 0, pictures.horizontal_fov_deg, pictures.confidence))
