"""Dance: a whole figure, cut out, moves along a pose track, its feet where they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from firstframe.animation.effects import Needs, check_alone, rejected
from firstframe.animation.effects.people import POSE, People
from firstframe.animation.effects.timing import smooth
from firstframe.animation.engines import ClipRequest, Work
from firstframe.animation.scores import Score
from firstframe.core.errors import InvalidInput
from firstframe.core.media import Finding, HeroPicture, LayerRole, PixelSize, Severity
from firstframe.core.motion import EffectKind, Repeat
from firstframe.imaging.blend import LEVEL
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.portrait.figure import (
    LANDMARKS,
    NEEDED,
    OWN,
    Figure,
    Skeleton,
    Stance,
    network_input,
    skeleton_of,
    stretch,
)
from firstframe.imaging.portrait.rig import sixteen
from firstframe.ports.video import Rgb16

Floats = NDArray[np.float32]

TRACKS = ("sway", "step-touch", "shimmy")
"""Pose tracks that come along, the first one for whoever names none."""
STRETCH, AREA = 0.15, 0.12
"""Ceilings: of the change of a bone's length, and of the change of the figure's area."""
_SEEN, _PERSON = 0.5, 0.5
_BEGINS_S = 0.7
"""Time in which a figure comes from its photograph into the track."""
_TRUSTED = 0.5


@dataclass(frozen=True, slots=True)
class Track:
    """How a figure moves, again and again."""

    name: str
    period_s: float
    keys: tuple[tuple[float, Stance], ...]
    """Moment, as a share of the period, and stance."""

    def at(self, time_s: float) -> Stance:
        """The stance at a time: from key to key, at rest on each of them, as one hits a beat."""
        phase = (time_s / self.period_s) % 1
        moments = [moment for moment, _ in self.keys]
        index = int(np.searchsorted(moments, phase, side="right")) - 1
        (begin, one), (end, other) = self.keys[index], self.keys[(index + 1) % len(self.keys)]
        share = smooth((phase - begin) / ((end - begin) % 1 or 1.0))
        mixed = ((1 - share) * getattr(one, f.name) + share * getattr(other, f.name) for f in fields(Stance))
        return Stance(*mixed)


@cache
def track_of(name: str) -> Track:
    """A track that comes along.

    Raises:
        InvalidInput: There is none of that name.
    """
    chosen = name or TRACKS[0]
    if chosen not in TRACKS:
        raise InvalidInput.at("motion.effect.track", f"{chosen!r} is not a track", f"use one of {', '.join(TRACKS)}")
    told = json.loads((files(__package__) / "tracks" / f"{chosen}.json").read_text("utf-8"))
    keys = tuple((float(key.pop("at")), Stance(**key)) for key in told["keys"])
    return Track(chosen, float(told["period_s"]), keys)


class DanceModule:
    """The effect.

    Args:
        people: Finds the figure's joints.
    """

    kind = EffectKind.DANCE
    needs = Needs(people=1, packs=(POSE,), layers=True)

    def __init__(self, people: People) -> None:
        self._people = people

    def take(self, request: ClipRequest) -> DanceTake:
        """See `EffectModule`."""
        check_alone(request.motion)
        effect = request.motion.effect
        track = track_of(effect.track if effect else "")
        layer = _figure_layer(request.hero)
        shown, way = network_input(request.hero.layers.layers[layer].rgba)
        answer = self._people.models(POSE).infer(LANDMARKS, {"input_1": shown})
        return DanceTake(request, track, layer, _whole_body(skeleton_of(answer, way), request.hero))


def _figure_layer(hero: HeroPicture) -> int:
    """Which layer is the figure.

    Raises:
        InvalidInput: `EFFECT_NOT_CUT_OUT`.
    """
    people = [index for index, layer in enumerate(hero.layers.layers) if layer.role is LayerRole.SUBJECT]
    shown = [index for index in people if hero.layers.layers[index].rgba[..., 3].max() >= OWN]
    if len(people) != 1 or people == [0] or not shown or hero.layers.confidence < _TRUSTED:
        text = "hero: no figure stands free of its background; give a matte, or a photograph on a plain ground"
        raise InvalidInput(text, reason="EFFECT_NOT_CUT_OUT", metadata={"field": "hero"})
    return people[0]


def _whole_body(skeleton: Skeleton, hero: HeroPicture) -> Skeleton:
    """The skeleton, if all of the body is in the picture.

    Raises:
        InvalidInput: `EFFECT_NOT_WHOLE_BODY`.
    """
    bleed = hero.layers.bleed_px
    missing = [
        name.replace("_", " ")
        for name in NEEDED
        if skeleton.seen[name] < _SEEN or not bleed <= skeleton.joints[name][1] < bleed + hero.size.height
    ]
    if skeleton.score < _PERSON or missing:
        what = f"the {', '.join(missing)} cannot be seen" if missing else "no person is found"
        text = f"hero: {what}, and a dance moves a whole body; use a picture from head to feet"
        raise InvalidInput(text, reason="EFFECT_NOT_WHOLE_BODY", metadata={"field": "hero"})
    return skeleton


class DanceTake:
    """One clip of a dance.

    Args:
        request: What to animate and how.
        track: How the figure moves.
        layer: Which layer it is.
        skeleton: Its joints, in pixels of the layer.
    """

    def __init__(self, request: ClipRequest, track: Track, layer: int, skeleton: Skeleton) -> None:
        self._request, self._track, self._layer = request, track, layer
        stack = request.hero.layers.layers
        self._figure = Figure(stack[layer].rgba, skeleton)
        self._behind = _composited([one.rgba for one in stack[:layer]])
        self._before = [one.rgba for one in stack[layer + 1 :]]
        self._duration = float(request.frame_count / request.frame_rate)
        self._factor = self._bound()
        self._worst = [0.0, 0.0]

    @property
    def size(self) -> PixelSize:
        """See `Take`: the hero's."""
        return self._request.hero.size

    @property
    def hero(self) -> HeroPicture:
        """See `Take`."""
        return self._request.hero

    @property
    def asked(self) -> Asked:
        """See `Take`."""
        return Asked(effect=EffectKind.DANCE)

    @property
    def applied_strength(self) -> float:
        """See `Take`."""
        return self._request.motion.strength * self._factor

    @property
    def details(self) -> dict[str, str]:
        """See `Take`."""
        return {"dance_track": self._track.name, "dance_score": f"{self._figure.skeleton.score:.3f}"}

    @property
    def scores(self) -> tuple[Score, ...]:
        """See `Take`."""
        bone, area = self._worst
        return (
            Score("dance-stretch", "change of a bone's length", bone, STRETCH, higher_is_better=False),
            Score("dance-area", "change of the figure's area", area, AREA, higher_is_better=False),
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """See `Take`."""
        if self._factor >= 1:
            return ()
        text = f"the dance is {100 * self._factor:.0f} % of what was asked, so that no limb is stretched too far"
        return (Finding(Severity.INFO, "EFFECT_LIMITED", text),)

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """See `Take`. The first is the hero.

        Raises:
            PreconditionFailed: `EFFECT_BELOW_FLOOR`.
        """
        count = self._request.frame_count
        work.check()
        yield self._request.hero.image.astype(np.uint16) * np.uint16(LEVEL)
        for index in range(1, count):
            work.check()
            stance = self._stance(index)
            layer = self._figure.posed(stance)
            self._score(stance, layer, index)
            yield sixteen(self._composed(layer))
            work.progress("animating", (index + 1) / count)

    def _stance(self, index: int) -> Stance:
        """At rest in the first frame, and again in the last one where the clip loops."""
        time_s = float(index / self._request.frame_rate)
        amount = smooth(time_s / _BEGINS_S)
        if self._request.motion.repeat is not Repeat.ONCE:
            left = (self._request.frame_count - 1) / float(self._request.frame_rate) - time_s
            amount *= smooth(left / _BEGINS_S)
        return self._track.at(time_s).scaled(amount * self.applied_strength)

    def _score(self, stance: Stance, layer: Floats, index: int) -> None:
        bone = stretch(self._figure.skeleton, stance)
        area = abs(float(layer[..., 3].sum()) / 255 / self._figure.area - 1)
        self._worst = [max(self._worst[0], bone), max(self._worst[1], area)]
        if not all(score.passes for score in self.scores):
            raise rejected(self.scores, index)

    def _bound(self) -> float:
        """Share of the track that stretches no bone too far."""
        factor, strength = 1.0, self._request.motion.strength
        keys = [stance for _, stance in self._track.keys]
        while factor > 0.05:
            if all(stretch(self._figure.skeleton, key.scaled(strength * factor)) <= 0.95 * STRETCH for key in keys):
                return factor
            factor -= 0.05
        return 0.0

    def _composed(self, layer: Floats) -> Floats:
        picture = self._behind * (1 - layer[..., 3:] / np.float32(255)) + layer[..., :3]
        for rgba in self._before:
            cover = rgba[..., 3:] / np.float32(255)
            picture = np.asarray(picture * (1 - cover) + rgba[..., :3] * cover, np.float32)
        bleed = self._request.hero.layers.bleed_px
        return np.clip(picture[bleed : picture.shape[0] - bleed, bleed : picture.shape[1] - bleed], 0, 255)


def _composited(layers: list[NDArray[np.uint8]]) -> Floats:
    picture = layers[0][..., :3].astype(np.float32)
    for rgba in layers[1:]:
        cover = rgba[..., 3:] / np.float32(255)
        picture = np.asarray(picture * (1 - cover) + rgba[..., :3] * cover, np.float32)
    return picture
