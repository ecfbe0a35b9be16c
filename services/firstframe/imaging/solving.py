"""A chain of moves made as large as it may be: move by move, as far as every frame fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from firstframe.core.motion import CameraMove, Motion, Repeat
from firstframe.imaging.camera import Pose
from firstframe.imaging.curves import curve_of
from firstframe.imaging.handheld import sway
from firstframe.imaging.moves import Stage, Travel, reach
from firstframe.imaging.path import CameraPath, Leg, Limit, Obstacle

_PROBES, _FINE = 12, 48
"""Places of a move at which it is tried out, and at which what was found is checked."""
_HALVINGS = 24
_NOTHING = 1e-4
"""A smaller share of a move is none."""
_ROUNDING = 1e-9
_DECIMALS = 6
"""Of seconds: the whole is equally long, whichever of its windows it is worked out from."""


class Room(Protocol):
    """What a hero has room for."""

    @property
    def stage(self) -> Stage:
        """What moves refer to."""

    def zoom_for(self, at: Pose) -> float:
        """Least zoom, on top of the pose's own, at which it sees nothing beyond any layer."""

    def most_zoom(self, move: CameraMove) -> float:
        """Most that a move may be zoomed in."""

    def obstacle(self, at: Pose) -> Obstacle | None:
        """What is wrong with a pose."""


def solved(room: Room, motion: Motion, seconds: float, seed: int) -> CameraPath:
    """The largest motion up to what is asked; see `Envelope.solve`."""
    whole_s = round(seconds / (motion.window.end - motion.window.begin), _DECIMALS)
    chain_s = whole_s if motion.repeat is Repeat.ONCE else whole_s / 2
    legs = list(_asked(motion, chain_s, seed))
    strength, slowed = _strength(motion, legs, chain_s, room.stage)
    done: list[Leg] = []
    limits: list[Limit] = []
    for group in _joined([replace(leg, asked=strength * leg.asked) for leg in legs]):
        found, obstacle = _largest(room, group, done)
        limits += _limits(found, obstacle, len(done))
        done += found
    return CameraPath(tuple(done), room.stage, whole_s, strength, motion.repeat, motion.window, tuple(limits), slowed)


def _asked(motion: Motion, chain_s: float, seed: int) -> Iterator[Leg]:
    """Legs of a motion of strength 1, not solved."""
    begin = 0.0
    for index, phase in enumerate(motion.phases):
        curve = curve_of(phase, motion.repeat, first=index == 0, last=index == len(motion.phases) - 1)
        held = sway(phase.share * chain_s, seed, index) if phase.move is CameraMove.HANDHELD else None
        yield Leg(phase.move, begin, phase.share, phase.amount, 0.0, curve, Travel(), (1.0, 1.0), held)
        begin += phase.share


def _strength(
    motion: Motion, legs: Sequence[Leg], chain_s: float, stage: Stage
) -> tuple[float, tuple[float, float] | None]:
    """Strength that gives the asked speed; asked and possible speed where it would be more than 1."""
    if motion.speed == 0:
        return motion.strength, None
    fastest = 100 * max(leg.asked * _pace(leg, leg.share * chain_s, stage) for leg in legs)
    if motion.speed <= fastest or fastest == 0:
        return (motion.speed / fastest if fastest else 0.0), None
    return 1.0, (motion.speed, fastest)


def _pace(leg: Leg, seconds: float, stage: Stage) -> float:
    """Greatest speed of the largest move in that time, in frames per second."""
    top = leg.curve.top_speed if leg.sway is None else leg.sway.top_speed(seconds)
    return reach(leg.move, stage) * top / seconds


def _joined(legs: Sequence[Leg]) -> Iterator[list[Leg]]:
    """Groups of legs between which the camera does not come to rest: they are limited together, or its speed would jump."""
    group: list[Leg] = []
    for leg in legs:
        if group and (group[-1].curve.ends_at_rest or leg.curve.begins_at_rest):
            yield group
            group = []
        group.append(leg)
    yield group


def _largest(room: Room, group: Sequence[Leg], done: Sequence[Leg]) -> tuple[list[Leg], Obstacle | None]:
    """The group as large as it may be, and what keeps it from being more."""
    found, obstacle = _tried(room, group, done, 1.0, _PROBES)
    share = 1.0 if obstacle is None else 0.0
    if obstacle is not None:
        high = 1.0
        for _ in range(_HALVINGS):
            middle = (share + high) / 2
            _, seen = _tried(room, group, done, middle, _PROBES)
            share, high, obstacle = (middle, high, obstacle) if seen is None else (share, middle, seen)
    while True:
        share = share if share > _NOTHING else 0.0
        found, seen = _tried(room, group, done, share, _FINE)
        if seen is None or share == 0:
            return found, obstacle
        share, obstacle = 0.99 * share, seen


def _tried(
    room: Room, group: Sequence[Leg], done: Sequence[Leg], share: float, count: int
) -> tuple[list[Leg], Obstacle | None]:
    """A share of a group after what is done, with just enough zoom, and what is wrong with it."""
    legs: list[Leg] = []
    first: Obstacle | None = None
    for wanted in group:
        before = legs[-1] if legs else done[-1] if done else None
        start, zoom = (before.last, before.zooms[1]) if before else (Travel(), 1.0)
        leg = replace(wanted, amount=share * wanted.asked, start=start, zooms=(zoom, zoom))
        zoomed, obstacle = _zoomed(room, leg, count)
        legs.append(zoomed)
        first = first or obstacle
    return legs, first


def _zoomed(room: Room, leg: Leg, count: int) -> tuple[Leg, Obstacle | None]:
    """A leg with just enough zoom."""
    stops, begin = leg.stops(count, room.stage), leg.zooms[0]
    needs = [begin + (room.zoom_for(at) - begin) / progress for at, progress in stops]
    end = max([begin, *needs])
    if end > max(room.most_zoom(leg.move), begin) + _ROUNDING:
        return leg, Obstacle.BLEED
    enough = replace(leg, zooms=(begin, end))
    found = (room.obstacle(enough.zoomed(at, progress)) for at, progress in stops)
    return enough, next((obstacle for obstacle in found if obstacle is not None), None)


def _limits(legs: Sequence[Leg], obstacle: Obstacle | None, first: int) -> list[Limit]:
    if obstacle is None:
        return []
    return [
        Limit(first + index, leg.move, leg.asked, leg.amount, obstacle)
        for index, leg in enumerate(legs)
        if leg.amount < leg.asked and leg.move is not CameraMove.LOCKED
    ]
