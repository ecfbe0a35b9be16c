"""Heritage: an old portrait blinks, turns or tilts its head a little and breathes; no more, or it loses its weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from firstframe.animation.effects import Needs, check_alone, rejected
from firstframe.animation.effects.people import FACES, People, one_face
from firstframe.animation.effects.timing import blink_times, breath_at, lids_at, sway_at
from firstframe.animation.engines import ClipRequest, Work
from firstframe.animation.scores import Score
from firstframe.core.media import Finding, HeroPicture, PixelSize, Severity
from firstframe.core.motion import EffectKind, Heritage, Repeat
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.face_mesh import FaceMesh
from firstframe.imaging.portrait.head import HeadPose
from firstframe.imaging.portrait.likeness import STEADY, FaceStructure, mesh_distance
from firstframe.imaging.portrait.restore import Restoration
from firstframe.imaging.portrait.rig import Portrait, sixteen
from firstframe.ports.video import Rgb16

TURN_DEG, TILT_DEG, BREATH = 5.0, 2.0, 1.0
"""Ceiling of each measure."""
MOTION = 0.075
"""Ceiling of how far any point of the face goes, in widths of the face."""
MESH = 0.015
"""Ceiling of the mesh's distance from the photograph's, in widths of the face."""
STRUCTURE = 0.80
"""Floor of the structural similarity of the face outside of the eyes."""
_MARGIN = 0.01
"""Above the floor, at which a plan stays: frames are rounded."""
_NOD = 0.22
"""A breath's nod of the head, degrees."""
_RESTORE_S = 1.2
"""Time in which a restoration appears: the first frame is the photograph as it was approved."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """What is done, within the ceiling."""

    turn_deg: float
    tilt_deg: float
    breath: float
    factor: float
    """Share of what strength and ceiling allow that the likeness of this face allows."""

    def pose(self, sway: float, breath: float) -> HeadPose:
        """The pose at shares of the sway and of a breath."""
        return HeadPose(
            turn_rad=float(np.radians(self.turn_deg * sway)),
            tilt_rad=float(np.radians(self.tilt_deg * sway)),
            nod_rad=float(np.radians(-_NOD * self.breath * breath)),
            breath=self.breath * breath,
        )


class HeritageModule:
    """The effect.

    Args:
        people: Finds the face.
    """

    kind = EffectKind.HERITAGE
    needs = Needs(people=1, packs=(FACES,))

    def __init__(self, people: People) -> None:
        self._people = people

    def take(self, request: ClipRequest) -> HeritageTake:
        """See `EffectModule`."""
        check_alone(request.motion)
        face = one_face(self._people.faces(request.hero.image), request.hero.subject)
        return HeritageTake(request, face)


class HeritageTake:
    """One clip of a portrait.

    Args:
        request: What to animate and how.
        face: The face that moves.
    """

    def __init__(self, request: ClipRequest, face: FaceMesh) -> None:
        effect = request.motion.effect
        self._asked = (effect.heritage if effect else None) or Heritage()
        self._request = request
        self._portrait = Portrait(request.hero, face)
        self._structure = FaceStructure(request.hero.image.astype(np.float32), face)
        self._duration = float(request.frame_count / request.frame_rate)
        blinks = self._asked.blinks if any(self._portrait.lids) and request.motion.strength > 0 else 0
        self._blinks = blink_times(blinks, self._duration, request.seed)
        self._bounded = self._bound()
        self._worst = [0.0, 0.0, 1.0]

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
        return Asked(effect=EffectKind.HERITAGE)

    @property
    def applied_strength(self) -> float:
        """See `Take`."""
        return self._request.motion.strength * self._bounded.factor

    @property
    def details(self) -> dict[str, str]:
        """See `Take`."""
        done = self._bounded
        return {
            "heritage_turn_deg": f"{done.turn_deg:.2f}",
            "heritage_tilt_deg": f"{done.tilt_deg:.2f}",
            "heritage_breath": f"{done.breath:.2f}",
            "heritage_blinks_s": " ".join(f"{time:.2f}" for time in self._blinks),
            "heritage_grain_levels": f"{self._portrait.paper.grain_levels:.2f}",
        }

    @property
    def scores(self) -> tuple[Score, ...]:
        """See `Take`: of the frames that were made."""
        return _scores(*self._worst)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """See `Take`."""
        return tuple(found for found in (self._limited(), self._unblinking(), self._mended()) if found is not None)

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """See `Take`. The first is the hero.

        Raises:
            PreconditionFailed: `EFFECT_BELOW_FLOOR`.
        """
        count = self._request.frame_count
        mended = Restoration(self._request.hero.image, self._portrait.paper) if self._asked.restore else None
        for index in range(count):
            work.check()
            pose, time_s = self._pose_at(index), float(index / self._request.frame_rate)
            picture = self._portrait.posed(pose, lids_at(time_s, self._blinks))
            self._score(pose, picture, index)
            if mended is not None:
                picture = mended.applied(picture, min(time_s / _RESTORE_S, 1.0))
            yield sixteen(picture)
            work.progress("animating", (index + 1) / count)

    def _pose_at(self, index: int) -> HeadPose:
        count = self._request.frame_count
        returns = self._request.motion.repeat is not Repeat.ONCE
        share = index / (count - 1)
        return self._bounded.pose(sway_at(share, returns=returns), breath_at(share, self._duration))

    def _score(self, pose: HeadPose, picture: np.ndarray, index: int) -> None:
        values = _measured(self._portrait, self._structure, pose, picture)
        self._worst = [max(self._worst[0], values[0]), max(self._worst[1], values[1]), min(self._worst[2], values[2])]
        if not all(score.passes for score in self.scores):
            raise rejected(self.scores, index)

    def _bound(self) -> Bounded:
        """The most of what is asked that is within every ceiling and above the floor."""
        strength, asked = self._request.motion.strength, self._asked
        turn, tilt = (float(np.clip(v, -c, c)) for v, c in ((asked.turn_deg, TURN_DEG), (asked.tilt_deg, TILT_DEG)))
        factor = 1.0
        while True:
            share = strength * factor
            bounded = Bounded(turn * share, tilt * share, min(asked.breath, BREATH) * share, factor)
            if factor < 0.05 or self._allowed(bounded.pose(1.0, 1.0)):
                return bounded
            factor *= 0.9

    def _allowed(self, peak: HeadPose) -> bool:
        motion, mesh, structure = _measured(self._portrait, self._structure, peak, self._portrait.posed(peak))
        return motion <= MOTION and mesh <= MESH and structure >= STRUCTURE + _MARGIN

    def _limited(self) -> Finding | None:
        asked, done, strength = self._asked, self._bounded, self._request.motion.strength
        wanted = ((asked.turn_deg, done.turn_deg), (asked.tilt_deg, done.tilt_deg))
        if all(abs(want * strength - got) < 0.01 for want, got in wanted):
            return None
        text = (
            f"the head turns by {done.turn_deg:.1f}° and tilts by {done.tilt_deg:.1f}°, asked for were"
            f" {asked.turn_deg * strength:.1f}° and {asked.tilt_deg * strength:.1f}°: heritage keeps the likeness, and"
            f" nothing raises its ceiling of {TURN_DEG:g}° and {TILT_DEG:g}°"
        )
        return Finding(Severity.WARNING, "HERITAGE_LIMITED", text)

    def _unblinking(self) -> Finding | None:
        missing = self._asked.blinks - len(self._blinks)
        if missing <= 0 or self._request.motion.strength <= 0:
            return None
        why = "the clip is too short for it" if any(self._portrait.lids) else "no open eye can be seen"
        return Finding(
            Severity.INFO, "HERITAGE_BLINKS_LEFT_OUT", f"{missing} of {self._asked.blinks} blinks left out: {why}"
        )

    def _mended(self) -> Finding | None:
        if not self._asked.restore:
            return None
        share = 100 * float(self._portrait.paper.marks.mean())
        text = f"fading is taken back and marks on {share:.2f} % of the photograph are mended, within {_RESTORE_S:g} s"
        return Finding(Severity.INFO, "HERITAGE_RESTORED", text)


def _measured(
    portrait: Portrait, structure: FaceStructure, pose: HeadPose, picture: np.ndarray
) -> tuple[float, float, float]:
    """Motion and distance of the mesh in widths of the face, and the likeness of the face's structure."""
    mesh = portrait.mesh
    moved = portrait.head.carried(pose, mesh.points)
    motion = float(np.hypot(*(moved - mesh.points[:, :2]).T).max()) / mesh.width
    distance = mesh_distance(moved[STEADY], mesh.points[STEADY, :2], mesh.width)
    return motion, distance, structure.like(picture, moved[STEADY])


def _scores(motion: float, mesh: float, structure: float) -> tuple[Score, ...]:
    return (
        Score("heritage-motion", "motion of the face", motion, MOTION, higher_is_better=False, unit="face widths"),
        Score("heritage-mesh", "distance of the mesh", mesh, MESH, higher_is_better=False, unit="face widths"),
        Score("heritage-structure", "structure of the face", structure, STRUCTURE, higher_is_better=True),
    )
