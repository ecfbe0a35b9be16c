"""Moves that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from firstframe.core.motion import CameraMove
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.reading import Passage, Reading
from firstframe.direction.scale import RESTING

OPPOSITES = {
    frozenset({CameraMove.PUSH, CameraMove.PULL}),
    frozenset({CameraMove.PAN_LEFT, CameraMove.PAN_RIGHT}),
    frozenset({CameraMove.TILT_UP, CameraMove.TILT_DOWN}),
    frozenset({CameraMove.CRANE_UP, CameraMove.CRANE_DOWN}),
    frozenset({CameraMove.ORBIT, CameraMove.ORBIT_LEFT}),
    frozenset({CameraMove.DOLLY_ZOOM, CameraMove.DOLLY_ZOOM_OUT}),
}
"""Ways and their ways back."""


def clashes(reading: Reading) -> Iterator[tuple[Passage, Passage]]:
    """Moves and the opposite ones that are to go on at the same time."""
    now = any(passage.value == "now" for passage in reading.of(Tag.TOGETHER))
    for one, other in pairwise(directed_moves(reading)):
        if frozenset({one.value, other.value}) in OPPOSITES and (now or at_once(reading, one, other)):
            yield one, other


def directed_moves(reading: Reading) -> list[Passage]:
    """Moves that go somewhere."""
    return [passage for passage in reading.of(Tag.MOVE) if passage.value not in RESTING]


def between(reading: Reading, one: Passage, other: Passage) -> list[Passage]:
    """What stands between two passages."""
    return [passage for passage in reading.passages if one.end <= passage.begin < other.begin]


def at_once(reading: Reading, one: Passage, other: Passage) -> bool:
    """Whether a `while` stands between two passages."""
    return any(passage.tag is Tag.TOGETHER for passage in between(reading, one, other))
