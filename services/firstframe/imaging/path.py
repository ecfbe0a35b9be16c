"""The way of a camera through a clip: the legs of a chain, one after the other, and which moment of them a frame shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from firstframe.core.motion import CameraMove, Repeat, Window
from firstframe.imaging.camera import Pose
from firstframe.imaging.curves import Curve, chain_time
from firstframe.imaging.handheld import Sway, built_up
from firstframe.imaging.moves import Stage, Travel, pose_of

_TICKS = 1 << 32
"""Moments of a motion that are told apart: so many that it does not show, so few that a share which was computed in two ways is
one moment."""


class Obstacle(Enum):
    """What keeps a move from going further."""

    BLEED = "the layers have no more picture beyond the frame"
    CONFIDENCE = "the layers were inferred and can be trusted only so far"
    SUBJECT = "the subject would be cut by the frame"
    SCALE = "a layer would be enlarged or reduced too much"
    PARTING = "shadows on the ground would part from what casts them"
    TASTE = "that is the largest move that is in good taste"


@dataclass(frozen=True, slots=True)
class Limit:
    """One move of a chain that was not made as asked."""

    phase: int
    """Index in the chain."""
    move: CameraMove
    asked: float
    applied: float
    """Shares of the largest move."""
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class Leg:
    """One move of a chain, solved."""

    move: CameraMove
    begin: float
    share: float
    """Of the chain's time."""
    asked: float
    """Share of the largest move."""
    amount: float
    """The same, after the envelope limited it."""
    curve: Curve
    start: Travel
    """What was done before."""
    zooms: tuple[float, float]
    """Zoom that is added to make room, at both ends."""
    sway: Sway | None = None

    @property
    def end(self) -> float:
        """Share of the chain's time."""
        return self.begin + self.share

    @property
    def last(self) -> Travel:
        """What is done at its end."""
        return self.start.moved(self.move, self.amount * self.curve.at(1.0))

    def travel(self, local: float) -> Travel:
        """What is done at a share of the leg's time."""
        if self.sway is not None:
            right, down, turn_right, turn_down = (self.amount * part for part in self.sway.at(local))
            return replace(self.start, sway=(right, down, turn_right, turn_down))
        return self.start.moved(self.move, self.amount * self.curve.at(local))

    def progress(self, local: float) -> float:
        """Share of the added zoom that is there at a share of the leg's time."""
        return abs(self.curve.at(local)) if self.sway is None else built_up(local)

    def pose(self, local: float, stage: Stage) -> Pose:
        """Where the camera is at a share of the leg's time."""
        return self.zoomed(pose_of(self.travel(local), stage), self.progress(local))

    def zoomed(self, at: Pose, progress: float) -> Pose:
        """A pose with the zoom that is added by then."""
        begin, end = self.zooms
        return replace(at, zoom=at.zoom * (begin + (end - begin) * progress))

    def stops(self, count: int, stage: Stage) -> list[tuple[Pose, float]]:
        """Poses without added zoom that stand for all of the leg, and the share of the added zoom that is there.

        What a move comes past does not depend on its ease; of a sway, half as many are given for its fastest swing.
        """
        if self.sway is not None:
            moments = count // 2 * int(self.sway.turns[-1])
            shares = [(index + 1) / moments for index in range(moments)]
            return [(pose_of(self.travel(share), stage), self.progress(share)) for share in shares]
        ends = [way for way in (self.curve.lowest, self.curve.highest) if way]
        ways = [way * (index + 1) / count for way in ends for index in range(count)]
        return [(pose_of(self.start.moved(self.move, self.amount * way), stage), abs(way)) for way in ways]


@dataclass(frozen=True, slots=True)
class CameraPath:
    """A solved motion."""

    legs: tuple[Leg, ...]
    stage: Stage
    seconds: float
    """Length of the whole motion."""
    strength: float
    """That was asked for, or that the asked speed comes to; at most 1."""
    repeat: Repeat
    window: Window
    limits: tuple[Limit, ...]
    """What was not made as asked."""
    slowed: tuple[float, float] | None
    """Asked and possible speed, where the asked one is more than the largest move has: per cent of the frame per second."""

    @property
    def move(self) -> CameraMove:
        """The first move."""
        return self.legs[0].move

    @property
    def amount(self) -> float:
        """The applied strength: what was asked, by the share of it that all moves together can do."""
        asked = sum(leg.asked for leg in self.legs if leg.move is not CameraMove.LOCKED)
        applied = sum(leg.amount for leg in self.legs if leg.move is not CameraMove.LOCKED)
        return self.strength * (applied / asked) if asked > 0 else self.strength

    @property
    def zoom(self) -> float:
        """Greatest zoom that is added to make room."""
        return max(leg.zooms[1] for leg in self.legs)

    @property
    def obstacle(self) -> Obstacle | None:
        """What limited the first move that was limited."""
        return self.limits[0].obstacle if self.limits else None

    def pose_at(self, share: float) -> Pose:
        """Pose at a share of the whole motion's time, 0 at the hero."""
        moment = share if self._loops_by_itself else chain_time(share, self.repeat)
        leg = next((leg for leg in self.legs if moment < leg.end), self.legs[-1])
        return leg.pose(min(max((moment - leg.begin) / leg.share, 0.0), 1.0), self.stage)

    def poses(self, frame_count: int) -> Iterator[Pose]:
        """Pose of every frame of the clip; see `moment`."""
        return (self.pose_at(self.moment(index, frame_count)) for index in range(frame_count))

    def moment(self, index: int, frame_count: int) -> float:
        """Share of the whole motion's time at which a frame of the clip stands.

        The frame after the last one would stand at the window's end: there the next clip goes on, or a loop begins again.
        """
        begin, end = self.window.begin, self.window.end
        return round((begin + (end - begin) * index / frame_count) * _TICKS) / _TICKS

    @property
    def _loops_by_itself(self) -> bool:
        """Sway ends where it began."""
        return all(leg.move in (CameraMove.LOCKED, CameraMove.HANDHELD) for leg in self.legs)
