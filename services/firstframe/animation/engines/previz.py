"""The engine `previz`: layers in parallax under a moving camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from firstframe.animation import findings
from firstframe.animation.airs import Airs
from firstframe.animation.effects import VERSION as EFFECTS_VERSION
from firstframe.animation.effects.modules import module_of, modules
from firstframe.animation.effects.people import People
from firstframe.animation.engines import VERSION, ClipRequest, Take, Work
from firstframe.animation.engines.scenery import Scenery
from firstframe.animation.envelope import Envelope
from firstframe.animation.scores import Score
from firstframe.core.media import Finding, HeroPicture, LayerImage, LayerPictures, LayerRole, PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, Motion, single
from firstframe.imaging.blend import LEVEL, Rgb16
from firstframe.imaging.drift.asked import Asked

LEAST_CONFIDENCE = 0.3
"""Layers of less are not moved against each other."""


class PrevizAnimator:
    """The engine.

    Args:
        people: Finds the people whom effects move.
    """

    version = VERSION

    def __init__(self, people: People | None = None) -> None:
        self._people = people or People()
        self._effects = modules(self._people)

    def version_for(self, motion: Motion) -> str:
        """See `Animator`."""
        if motion.effect is None:
            return self.version
        return "+".join(filter(None, (self.version, f"effects-{EFFECTS_VERSION}", self._people.version)))

    def take(self, request: ClipRequest) -> Take:
        """See `Animator`."""
        effect = request.motion.effect
        if effect is not None:
            return module_of(self._effects, effect.kind).take(request)
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

    solid = False
    """Whether things are rendered where they stand, rather than as flat layers."""

    def __init__(self, request: ClipRequest) -> None:
        self._request = request
        self._hero = trusted(request.hero)
        self._envelope = Envelope(self._hero, solid=self.solid)
        self._airs = Airs(request, self._hero)
        seconds = float(request.frame_count / request.frame_rate)
        self._path = self._envelope.solve(request.motion, seconds, request.seed)

    @property
    def size(self) -> PixelSize:
        """See `Take`: the hero's."""
        return self._hero.size

    @property
    def details(self) -> dict[str, str]:
        """See `Take`: the request tells it all."""
        return {}

    @property
    def scores(self) -> tuple[Score, ...]:
        """See `Take`: none."""
        return ()

    @property
    def applied_strength(self) -> float:
        """See `Take`."""
        return self._path.amount

    @property
    def findings(self) -> tuple[Finding, ...]:
        """See `Take`."""
        return (*findings.of_take(self._request, self._hero, self._path, self._envelope), *self._airs.findings)

    @property
    def hero(self) -> HeroPicture:
        """See `Take`."""
        return self._hero

    @property
    def asked(self) -> Asked:
        """See `Take`: the poses themselves."""
        path, envelope, count = self._path, self._envelope, self._request.frame_count
        motion = self._request.motion
        return Asked(
            views=lambda index: envelope.views(path.pose_at(path.moment(index, count))),
            exact=True,
            airs=motion.airs,
            masks=self._airs.masks,
            effect=motion.effect.kind if motion.effect else None,
        )

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """See `Take`. Where the motion begins, the frame is the hero; memory does not depend on their number."""
        scene, count = self._scenery(), self._request.frame_count
        for index in range(count):
            work.check()
            moment = self._path.moment(index, count)
            time_s = moment * self._path.seconds
            yield self._still() if moment == 0 else scene.render(self._path.pose_at(moment), time_s)
            work.progress("animating", (index + 1) / count)

    def _still(self) -> Rgb16:
        return self._hero.image.astype(np.uint16) * np.uint16(LEVEL)

    def _scenery(self) -> Scenery:
        media = self._airs.media(self._envelope, self._path.seconds)
        return Scenery(self._hero, self._envelope, media, duration_s=self._path.seconds, repeats=self._airs.repeats)


class _Warming:
    """Work that nobody watches."""

    def progress(self, phase: str, fraction: float) -> None:
        pass

    def check(self) -> None:
        pass


def trusted(hero: HeroPicture) -> HeroPicture:
    """The hero, as one flat layer when its layers cannot be trusted."""
    pictures = hero.layers
    if len(pictures.layers) == 1 or pictures.confidence >= LEAST_CONFIDENCE:
        return hero
    opaque = np.full((*hero.image.shape[:2], 1), 255, np.uint8)
    flat = LayerImage(LayerRole.BACKGROUND, np.concatenate([hero.image, opaque], -1), pictures.layers[0].depth_m)
    return replace(hero, layers=LayerPictures((flat,), 0, pictures.horizontal_fov_deg, pictures.confidence))
