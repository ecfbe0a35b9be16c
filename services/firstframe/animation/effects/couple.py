"""Kiss and hug: two people, each a layer of their own, come together; neither becomes part of the other.

The nearer one passes in front of the other, as bodies do; nothing is blended. Every frame is scored: how much of a face the
other one hides, and how much each face is still that face.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firstframe.animation.effects import Needs, check_alone, rejected
from firstframe.animation.effects.people import FACES, People, checked
from firstframe.animation.effects.timing import breath_at, smooth
from firstframe.animation.engines import ClipRequest, Work
from firstframe.animation.scores import Score
from firstframe.core.errors import InvalidInput
from firstframe.core.media import Finding, HeroPicture, LayerImage, LayerRole, PixelSize, Rgb8, Rgba8, Severity
from firstframe.core.motion import EffectKind, Repeat
from firstframe.imaging.blend import LEVEL
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.face_mesh import LEFT_EYE_RING, RIGHT_EYE_RING, FaceMesh, Points
from firstframe.imaging.portrait.body import Body, BodyPose
from firstframe.imaging.portrait.head import HeadPose
from firstframe.imaging.portrait.likeness import STEADY, FaceStructure, mesh_distance
from firstframe.imaging.portrait.rig import sixteen
from firstframe.ports.video import Rgb16

Floats = NDArray[np.float32]

MESH, STRUCTURE = 0.03, 0.66
"""Ceiling of a face's distance from its mesh, in widths of the face, and floor of the likeness of what is seen of it."""
HIDDEN, EYES = 0.08, 0.10
"""Ceilings of what the nearer person hides of the farther face, and of its eyes: shares of their points."""
_TOUCH = 0.05
"""Share of the farther face at which the two touch: that far they come, and no farther, and not before its eyes."""
_STEPS = 7
_EYES = [*LEFT_EYE_RING, *RIGHT_EYE_RING]
_LEAST_REACH = 0.05
_COVERED = 0.5


@dataclass(frozen=True, slots=True)
class Manner:
    """How two people come together."""

    kind: EffectKind
    apart: float
    """From the middle of one face to the other's at the end, in widths of the face, before heads tilt; more where they touch
    sooner."""
    turn_deg: float
    """Of each head, towards the other."""
    tilt_deg: float
    """Of the farther head, towards the other one."""
    near_tilt_deg: float
    """Of the nearer head, towards the other one."""
    rise: float
    """How much higher the nearer head ends, in widths of the face: cheek beside cheek."""
    lids: float
    """How far both close their eyes."""


KISS = Manner(EffectKind.KISS, 0.74, turn_deg=11, tilt_deg=-4, near_tilt_deg=-10, rise=0.13, lids=1.0)
"""A kiss on the cheek: the nearer one leans in with the chin first, the farther one holds the cheek out."""
HUG = Manner(EffectKind.HUG, 1.00, turn_deg=3, tilt_deg=9, near_tilt_deg=8, rise=0.06, lids=1.0)
"""Shoulder before shoulder, temple at temple."""


class CoupleModule:
    """One effect on two people.

    Args:
        people: Finds the faces.
        manner: How they come together.
    """

    needs = Needs(people=2, packs=(FACES,), layers=True)

    def __init__(self, people: People, manner: Manner) -> None:
        self._people = people
        self._manner = manner

    @property
    def kind(self) -> EffectKind:
        """See `EffectModule`."""
        return self._manner.kind

    def take(self, request: ClipRequest) -> CoupleTake:
        """See `EffectModule`."""
        check_alone(request.motion)
        layers = _two_layers(request.hero, self.kind)
        faces = self._people.faces(request.hero.image)
        return CoupleTake(request, self._manner, layers, _assigned(faces, layers, request.hero))


def _two_layers(hero: HeroPicture, kind: EffectKind) -> tuple[int, int]:
    """Which layers are the two people, the farther one first.

    Raises:
        InvalidInput: `EFFECT_NOT_A_PAIR`.
    """
    subjects = [index for index, layer in enumerate(hero.layers.layers) if layer.role is LayerRole.SUBJECT]
    if len(subjects) != 2:
        text = (
            f"a {kind.value} moves two people who are layers of their own, and the hero has {len(subjects)} of them;"
            " make the hero of two photographs: `photo` and `partner`"
        )
        raise InvalidInput(f"hero: {text}", reason="EFFECT_NOT_A_PAIR", metadata={"field": "hero"})
    far, near = subjects
    if far == 0 or near != far + 1:
        text = (
            "hero: the two people are not layers that follow each other before a background;"
            " make the hero of two photographs: `photo` and `partner`"
        )
        raise InvalidInput(text, reason="EFFECT_NOT_A_PAIR", metadata={"field": "hero"})
    return far, near


def _assigned(faces: tuple[FaceMesh, ...], layers: tuple[int, int], hero: HeroPicture) -> tuple[FaceMesh, FaceMesh]:
    """The face of each layer: the largest one that the layer shows.

    Raises:
        InvalidInput: `EFFECT_NOT_A_PAIR`, or a face cannot be moved.
    """
    found: list[FaceMesh] = []
    for layer in layers:
        own = [face for face in faces if _top_layer(face, hero) == layer]
        if not own:
            text = f"hero: {len(faces)} faces are found, and one of the two people shows none; use portraits from the front"
            raise InvalidInput(text, reason="EFFECT_NOT_A_PAIR", metadata={"field": "hero"})
        found.append(checked(own[0]))
    return found[0], found[1]


def _top_layer(face: FaceMesh, hero: HeroPicture) -> int:
    """The nearest layer that covers the middle of a face."""
    middle, most = face.points[:, :2].mean(axis=0), (hero.size.width - 1, hero.size.height - 1)
    x, y = (int(value) + hero.layers.bleed_px for value in np.clip(middle, 0, most))
    shown = [index for index, layer in enumerate(hero.layers.layers) if layer.rgba[y, x, 3] > 255 * _COVERED]
    return shown[-1]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is measured of a frame."""

    hidden: float
    """Share of the farther face that is hidden."""
    eyes: float
    """Share of its eyes that is."""
    mesh: float
    """Distance of the mesh of the face that is farther from its own."""
    structure: float
    """Of the face that is less like itself."""

    def worse(self, other: _Measured) -> _Measured:
        """The worse of both in each."""
        return _Measured(
            max(self.hidden, other.hidden),
            max(self.eyes, other.eyes),
            max(self.mesh, other.mesh),
            min(self.structure, other.structure),
        )


class CoupleTake:
    """One clip of two people.

    Args:
        request: What to animate and how.
        manner: How they come together.
        layers: Which layers they are, the farther one first.
        faces: Their faces, in the same order, in pixels of the hero.
    """

    def __init__(
        self, request: ClipRequest, manner: Manner, layers: tuple[int, int], faces: tuple[FaceMesh, FaceMesh]
    ) -> None:
        self._request, self._manner = request, manner
        self._stack = request.hero.layers.layers
        self._layers = layers
        bleed = request.hero.layers.bleed_px
        self._faces = tuple(_shifted(face, bleed) for face in faces)
        self._bodies = tuple(
            Body(self._stack[layer].rgba, face) for layer, face in zip(layers, self._faces, strict=True)
        )
        self._structures = tuple(
            _structure(self._stack[layer], face) for layer, face in zip(layers, self._faces, strict=True)
        )
        self._behind, self._before = self._still_layers()
        self._duration = float(request.frame_count / request.frame_rate)
        self._apart = self._touching()
        self._reach = self._bound()
        self._worst = _Measured(0.0, 0.0, 0.0, 1.0)

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
        return Asked(effect=self._manner.kind)

    @property
    def applied_strength(self) -> float:
        """See `Take`."""
        return self._request.motion.strength * self._reach

    @property
    def details(self) -> dict[str, str]:
        """See `Take`."""
        return {"couple_reach": f"{self._reach:.2f}", "couple_apart": f"{self._distance(self.applied_strength):.2f}"}

    @property
    def scores(self) -> tuple[Score, ...]:
        """See `Take`."""
        return _scores(self._manner.kind.value, self._worst)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """See `Take`."""
        if self._reach >= 1:
            return ()
        text = f"the two come {100 * self._reach:.0f} % of the way, so that neither face is hidden or changed too much"
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
            poses = self._poses(index / (count - 1))
            picture, near = self._composed(poses)
            self._score(poses, picture, near, index)
            yield sixteen(self._framed(picture))
            work.progress("animating", (index + 1) / count)

    def _poses(self, share: float) -> tuple[BodyPose, BodyPose]:
        """The farther and the nearer person at a share of the clip's time."""
        returns = self._request.motion.repeat is not Repeat.ONCE
        way = smooth(2 * min(share, 1 - share)) if returns else smooth(share / 0.8)
        return self._posed(way * self.applied_strength, breath_at(share, self._duration))

    def _posed(self, way: float, breath: float = 0.0) -> tuple[BodyPose, BodyPose]:
        manner, wide, (far, near) = self._manner, self._wide, self._faces
        off = _middle(near) - _middle(far)
        side = float(np.sign(off[0]) or 1.0)
        x = (abs(float(off[0])) - self._apart * wide) / 2 * side * way
        y = (float(off[1]) + manner.rise * wide) / 2 * way
        lids = manner.lids * smooth((way - 0.45) / 0.4)
        turn, alive = np.radians(manner.turn_deg) * way * side, 0.35 * breath
        tilts = (np.radians(degrees) * way * side for degrees in (manner.tilt_deg, -manner.near_tilt_deg))
        heads = [
            HeadPose(turn_rad=float(turn * sign), tilt_rad=float(tilt), breath=alive)
            for sign, tilt in zip((1, -1), tilts, strict=True)
        ]
        return BodyPose(x, y, heads[0], lids), BodyPose(-x, -y, heads[1], lids)

    def _composed(self, poses: tuple[BodyPose, BodyPose]) -> tuple[Floats, Floats]:
        """The picture with its bleed, levels of 255, and how much of each pixel the nearer person hides, 0 to 1."""
        picture = self._behind
        near = np.zeros(picture.shape[:2], np.float32)
        for body, pose in zip(self._bodies, poses, strict=True):
            layer = body.posed(pose)
            near = layer[..., 3] / np.float32(255)
            picture = picture * (1 - near[..., None]) + layer[..., :3]
        for rgba in self._before:
            cover = rgba[..., 3:] / np.float32(255)
            picture = np.asarray(picture * (1 - cover) + rgba[..., :3] * cover, np.float32)
        return np.asarray(picture, np.float32), near

    def _score(self, poses: tuple[BodyPose, BodyPose], picture: Floats, near: Floats, index: int) -> None:
        self._worst = self._worst.worse(self._measured(poses, picture, near))
        if not all(score.passes for score in self.scores):
            raise rejected(self.scores, index)

    def _measured(self, poses: tuple[BodyPose, BodyPose], picture: Floats, near: Floats) -> _Measured:
        moved = [body.carried(pose) for body, pose in zip(self._bodies, poses, strict=True)]
        meshes = [
            mesh_distance(points[STEADY], face.points[STEADY, :2], face.width)
            for points, face in zip(moved, self._faces, strict=True)
        ]
        like = [
            structure.like(picture, points[STEADY], hidden)
            for structure, points, hidden in zip(self._structures, moved, (near, None), strict=True)
        ]
        return _Measured(_hidden(moved[0], near), _hidden(moved[0][_EYES], near), max(meshes), min(like))

    def _touching(self) -> float:
        """From face to face at the end, in widths: as near as the manner has it, or where the two touch."""
        close, far = self._manner.apart, max(self._manner.apart, self._off / self._wide)
        if self._clear(close):
            return close
        for _ in range(_STEPS):
            middle = (close + far) / 2
            close, far = (close, middle) if self._clear(middle) else (middle, far)
        return far

    def _clear(self, apart: float) -> bool:
        """Whether the two do no more than touch at the end."""
        self._apart = apart
        poses = self._posed(self._request.motion.strength)
        near = self._bodies[1].posed(poses[1])[..., 3] / np.float32(255)
        face = self._bodies[0].carried(poses[0])
        return _hidden(face, near) <= _TOUCH and _hidden(face[_EYES], near) == 0

    def _bound(self) -> float:
        """Share of the way that keeps every face seen and itself."""
        reach = 1.0
        while reach > _LEAST_REACH:
            poses = self._posed(self._request.motion.strength * reach)
            found = self._measured(poses, *self._composed(poses))
            seen = found.hidden <= 0.9 * HIDDEN and found.eyes <= 0.5 * EYES
            if seen and found.mesh <= 0.95 * MESH and found.structure >= STRUCTURE + 0.02:
                return reach
            reach -= 0.1
        return max(reach, 0.0)

    @property
    def _off(self) -> float:
        """From the middle of one face to the other's in the hero, pixels."""
        return abs(float((_middle(self._faces[1]) - _middle(self._faces[0]))[0]))

    @property
    def _wide(self) -> float:
        """Mean width of the faces, pixels."""
        return (self._faces[0].width + self._faces[1].width) / 2

    def _distance(self, way: float) -> float:
        """Between the middles of the faces at the end, in widths of the face."""
        return (self._off + (self._apart * self._wide - self._off) * way) / self._wide

    def _still_layers(self) -> tuple[Floats, list[Rgba8]]:
        """What is behind both, composited, and the layers before both."""
        behind = self._stack[0].rgba[..., :3].astype(np.float32)
        for layer in self._stack[1 : self._layers[0]]:
            cover = layer.rgba[..., 3:].astype(np.float32) / np.float32(255)
            behind = behind * (1 - cover) + layer.rgba[..., :3] * cover
        return behind, [layer.rgba for layer in self._stack[self._layers[1] + 1 :]]

    def _framed(self, picture: Floats) -> Floats:
        bleed = self._request.hero.layers.bleed_px
        return picture[bleed : picture.shape[0] - bleed, bleed : picture.shape[1] - bleed]


def _hidden(face: Points, near: Floats) -> float:
    """Share of a face's points that somebody nearer hides."""
    rows = np.clip(np.rint(face[:, 1]).astype(int), 0, near.shape[0] - 1)
    columns = np.clip(np.rint(face[:, 0]).astype(int), 0, near.shape[1] - 1)
    return float((near[rows, columns] > _COVERED).mean())


def _middle(face: FaceMesh) -> Points:
    return np.asarray(face.points[:, :2].mean(axis=0))


def _structure(layer: LayerImage, face: FaceMesh) -> FaceStructure:
    picture: Rgb8 = layer.rgba[..., :3]
    return FaceStructure(picture.astype(np.float32), face)


def _shifted(face: FaceMesh, bleed: int) -> FaceMesh:
    """The face in pixels of a layer."""
    off = np.array([bleed, bleed], float)
    points = face.points + np.array([bleed, bleed, 0.0])
    eyes = [
        replace(
            eye,
            lower=eye.lower + off,
            upper=eye.upper + off,
            iris=(eye.iris[0] + bleed, eye.iris[1] + bleed, eye.iris[2]),
        )
        for eye in face.eyes
    ]
    return replace(face, points=points, eyes=(eyes[0], eyes[1]))


def _scores(name: str, worst: _Measured) -> tuple[Score, ...]:
    return (
        Score(f"{name}-overlap", "share of a face that is hidden", worst.hidden, HIDDEN, higher_is_better=False),
        Score(f"{name}-eyes", "share of the eyes that is hidden", worst.eyes, EYES, higher_is_better=False),
        Score(f"{name}-mesh", "distance of the meshes", worst.mesh, MESH, higher_is_better=False, unit="face widths"),
        Score(f"{name}-structure", "structure of the faces", worst.structure, STRUCTURE, higher_is_better=True),
    )
